// Which server each policy of a fleet means, for a plan over it: by what the operator has
// published, by Secrets among the manifests, by Secrets of the cluster where they may be read.

import { describe, expect, test } from "vitest";
import type { Answer } from "../../../src/plan/answer.ts";
import type { Database, DatabaseTarget } from "../../../src/ports.ts";
import { aFleetOf, stepsIn } from "../../support/plan-fleet.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  manifests,
  planOn,
} from "../../support/plan-setup.ts";

const against = ["--against-cluster"];
const uri = "postgres://app@db.shop.svc/shop";
const policy = aPolicyOn(bySecret);
const web = aWorkloadNamed("web");
const running = manifests(policy, web);

function named(name: string, text: string): string {
  return text.replace("name: orders,", `name: ${name},`).replace("team: orders", `team: ${name}`);
}

function serversIn({ servers }: Answer): string[] {
  return servers.map(({ server }) => server);
}

function aSecret(name: string, of: Readonly<Record<string, string>>): string {
  const metadata = { name, namespace: "shop" };
  return JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData: of });
}

describe("the server of a policy", () => {
  test.each(["orders", "zz"])(
    "is known of a new policy %s with a Secret of others",
    async (name) => {
      const fleet = await aFleetOf(running, { uri });
      const fresh = named(name === "orders" ? "aa" : name, policy);
      const answer = await answerOn(manifests(fresh, policy), against, { fleet });
      expect(serversIn(answer)).toEqual(["db.shop.svc:5432"]);
      expect(answer.notes).toEqual([]);
    },
  );

  test("is not the former one where it names another Secret, and it is said what to do", async () => {
    const fleet = await aFleetOf(running, { uri });
    const moved = aPolicyOn("{ secretRef: { name: other-db } }");
    const answer = await answerOn(moved, against, { fleet });
    expect(answer.exitStatus).toBe(2);
    expect(answer.notes.join()).toContain("Secret shop/other-db");
    expect(answer.notes.join()).toContain("--read");
  });

  test("is the one of a new Secret that comes with it", async () => {
    const fleet = await aFleetOf(running, { uri });
    const moved = aPolicyOn("{ secretRef: { name: other-db } }");
    const secret = aSecret("other-db", { uri: "postgres://app@new.shop.svc/shop" });
    const flags = ["--max-connections", "new.shop.svc=50"];
    const answer = await answerOn(manifests(moved, secret), [...against, ...flags], { fleet });
    expect(serversIn(answer)).toContain("new.shop.svc:5432");
  });

  test("is not moved by the variable, which stands only for logins that nobody knows", async () => {
    const fleet = await aFleetOf(running, { uri });
    const options = { fleet, uri: "postgres://app@elsewhere/x" };
    const answer = await answerOn(policy, against, options);
    expect(serversIn(answer)).toEqual(["db.shop.svc:5432"]);
    const fresh = named("fresh", aPolicyOn("{ secretRef: { name: fresh-db } }"));
    const flags = ["--max-connections", "elsewhere=50"];
    const both = await answerOn(fresh, [...against, ...flags], options);
    expect(both.policies).toMatchObject([{ policy: "shop/fresh", isAnswered: true }]);
  });

  test("keeps its engine, which only its Secret says", async () => {
    const fleet = await aFleetOf(running, { uri: "mysql://app@db.shop.svc/shop" });
    const answer = await answerOn(running, against, { fleet });
    expect(serversIn(answer)).toEqual(["db.shop.svc:3306"]);
    expect(answer.servers[0]?.ledger.join()).not.toContain("superuser_reserved_connections");
    expect(stepsIn(answer)).toEqual([]);
  });

  test("has read replicas as the operator has found them", async () => {
    const replicas = `{ secretRef: { name: orders-db }, readReplicas: [{ secretRef: { name: orders-ro } }] }`;
    const text = manifests(aPolicyOn(replicas), web);
    const secrets = [
      aSecret("orders-db", { uri }),
      aSecret("orders-ro", { uri: "postgres://app@ro.shop.svc/shop" }),
    ];
    const fleet = await aFleetOf(text, { beside: secrets });
    const answer = await answerOn(text, against, { fleet });
    expect(serversIn(answer)).toEqual(["db.shop.svc:5432", "ro.shop.svc:5432"]);
    expect(answer).toMatchObject({ exitStatus: 0, steps: [] });
  });
});

test("without a cluster, a read replica by a Secret that is not there has a server of its own", async () => {
  const replicas = `{ secretRef: { name: db }, readReplicas: [{ secretRef: { name: db, key: ro } }] }`;
  const answer = await answerOn(manifests(aPolicyOn(replicas), web), ["--max-connections", "100"]);
  expect(serversIn(answer)).toEqual([
    "ro.db.shop.secret.invalid:5432",
    "uri.db.shop.secret.invalid:5432",
  ]);
  expect(answer.exitStatus).toBe(0);
});

describe("--read", () => {
  const failed = { kind: "failed", reason: "AuthenticationFailed", message: "no" } as const;

  /** Answers whoever logs in as `user`. */
  function aDatabase(user: string, asked: DatabaseTarget[] = []): Database {
    return {
      read: (target) => {
        asked.push(target);
        if (!target.uri.includes(`//${user}@`)) return Promise.resolve(failed);
        const reading = {
          ...{ atMs: 0, versionNumber: 0, role: user, systemIdentifier: "1" },
          ...{ startedAtMicroseconds: 1, isStandby: false, maxConnections: 64, withheld: [] },
          ...{ roleLimits: {}, databaseLimits: {}, seesAllSessions: true, sessions: [] },
          ownSessions: [],
        };
        return Promise.resolve({ kind: "read", reading });
      },
      forget: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  test("reads the limits of the real server with the Secret of the cluster", async () => {
    const fleet = await aFleetOf(running, { uri, secrets: { "orders-db": { uri } } });
    const options = { fleet, database: aDatabase("app") };
    const [server] = (await answerOn(running, [...against, "--read"], options)).servers;
    expect(server).toMatchObject({ maxConnections: 64, limitFrom: "read from the server" });
  });

  test("goes by what is published where no login works, and says so", async () => {
    const fleet = await aFleetOf(running, { uri, secrets: { "orders-db": { uri } } });
    const options = { fleet, database: aDatabase("somebody") };
    const answer = await answerOn(running, [...against, "--read"], options);
    const limits = { maxConnections: 100, limitFrom: "as the operator has read it" };
    expect(answer.servers).toMatchObject([limits]);
    expect(answer.notes).toContainEqual(
      "--read: db.shop.svc:5432 could not be read from here (no): what the operator has published counts",
    );
  });

  test("asks nobody where whoever plans may read no Secret", async () => {
    const asked: DatabaseTarget[] = [];
    const fleet = await aFleetOf(running, { uri });
    const options = { fleet, database: aDatabase("app", asked) };
    const answer = await answerOn(running, [...against, "--read"], options);
    expect(answer).toMatchObject({ exitStatus: 0 });
    expect(asked).toEqual([]);
  });

  test("asks with the variable where it means the server", async () => {
    const fleet = await aFleetOf(running, { uri });
    const options = { fleet, uri, database: aDatabase("app") };
    const [server] = (await answerOn(running, [...against, "--read"], options)).servers;
    expect(server).toMatchObject({ maxConnections: 64 });
  });

  test("reads no Secret of namespaces that the change has nothing to do with", async () => {
    const elsewhere = manifests(policy, web).replaceAll("namespace: shop", "namespace: other");
    const fleet = await aFleetOf(manifests(running, elsewhere), { uri: undefined });
    const seen: string[] = [];
    const readData: typeof fleet.readData = (kind, namespace, name) => {
      seen.push(`${kind} ${namespace}/${name}`);
      return Promise.resolve({ kind: "absent", message: "" });
    };
    const options = { fleet: { ...fleet, readData }, database: aDatabase("app") };
    await planOn(web, [...against, "--read"], options);
    expect(seen).toContain("Secret shop/orders-db");
    expect(seen).not.toContain("Secret other/orders-db");
  });
});

test("a ConfigMap among the manifests counts from when it is applied, not before", async () => {
  const env =
    "[{ name: DB_POOL_MAX_SIZE, valueFrom: { configMapKeyRef: { name: sizes, key: size } } }]";
  const observing = aPolicyOn(bySecret, "  mode: Observe");
  const map = (size: string): string =>
    `{ apiVersion: v1, kind: ConfigMap, metadata: { name: sizes, namespace: shop }, data: { size: "${size}" } }`;
  const text = manifests(observing, aWorkloadNamed("web", { env }));
  const fleet = await aFleetOf(text, { uri, beside: [map("5")], maps: { sizes: { size: "5" } } });
  const answer = await answerOn(map("7"), against, { fleet });
  const [pool] = answer.servers[0]?.pools ?? [];
  expect(pool).toMatchObject({ poolSizeBefore: 5, poolSize: 7 });
});
