// Databases that cannot be read, and secrets that do not lead to one. In every case a condition
// names what is wrong and the way out, pods start, sizes that were good stay, and a policy beside
// it on the same server goes on.
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { budgetOn, conditionIn, openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { findFreePort } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "bad-database";
const kubectl = inject("controlPlane");
// Small enough that what cannot be managed leaves room for what can.
const env = [{ name: "DB_POOL_MAX_SIZE", value: "5" }];

let postgres: Postgres;
let silent: Server;
let fleet: Fleet;
let operator: OperatorProcess;
let budget: number;
let closedPort: number;

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 200 });
  budget = await budgetOn(postgres);
  await postgres.query("CREATE ROLE rotating LOGIN PASSWORD 'first'; GRANT pg_monitor TO rotating");
  silent = await startSilentServer();
  closedPort = await findFreePort();
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace });
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace],
  });
  await addWorkload("steady", { uri: postgres.uri() });
  await fleet.waitForReady("steady");
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  silent.close();
  await postgres.stop();
});

/** Accepts connections and never says a word. */
async function startSilentServer(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

/** A Deployment with a policy and a secret of its name; without data there is no secret. */
async function addWorkload(
  name: string,
  secret: Readonly<Record<string, string>> | undefined,
): Promise<void> {
  await fleet.apply(buildWorkload("Deployment", namespace, name, { replicas: 1, env }));
  if (secret !== undefined) await fleet.applySecret(name, secret);
  await applyPolicy(name, 10);
}

async function applyPolicy(name: string, max: number): Promise<void> {
  await fleet.applyPolicy(name, {
    database: { secretRef: { name } },
    stability: { cooldown: "1s" },
    workloads: [{ name, poolSize: { max } }],
  });
}

let steadyMax = 10;

/** Raises the ceiling of the good policy, and sees that the sizes of its pods follow. */
async function expectSteadyGoesOn(): Promise<void> {
  steadyMax += 4;
  await applyPolicy("steady", steadyMax);
  await fleet.waitForPods("steady", 1, steadyMax);
  await fleet.waitForReady("steady");
}

describe("a policy whose database cannot be read from the start", () => {
  const at = (port: number): string => `127.0.0.1:${port}`;
  it.each<{
    readonly name: string;
    readonly secret: () => Readonly<Record<string, string>> | undefined;
    readonly wantReason: string;
    readonly wantSays: () => readonly string[];
  }>([
    {
      name: "secret-missing",
      secret: () => undefined,
      wantReason: "SecretNotFound",
      wantSays: () => ["secret bad-database/secret-missing does not exist", "create it"],
    },
    {
      name: "key-missing",
      secret: () => ({ url: postgres.uri() }),
      wantReason: "SecretKeyMissing",
      wantSays: () => [
        "secret bad-database/key-missing has no key uri",
        "add it, or correct spec.database.secretRef",
      ],
    },
    {
      name: "not-a-uri",
      secret: () => ({ uri: "db-hunter2" }),
      wantReason: "InvalidConnectionUri",
      wantSays: () => [
        "secret not-a-uri, key uri",
        "postgresql://user:password@host:port/database",
      ],
    },
    {
      name: "wrong-password",
      secret: () => ({ uri: postgres.uri("postgres", "postgres", "hunter2") }),
      wantReason: "AuthenticationFailed",
      wantSays: () => [at(postgres.port), "user postgres and its password in the secret"],
    },
    {
      name: "unknown-database",
      secret: () => ({ uri: postgres.uri("postgres", "nowhere") }),
      wantReason: "QueryFailed",
      wantSays: () => [at(postgres.port), '"nowhere"', "name of the database in the URI"],
    },
    {
      name: "server-down",
      secret: () => ({ uri: `postgresql://app:hunter2@127.0.0.1:${closedPort}/app` }),
      wantReason: "DatabaseUnreachable",
      wantSays: () => [at(closedPort), "ECONNREFUSED", "check host and port in the URI"],
    },
    {
      name: "server-hangs",
      secret: () => ({ uri: `postgresql://app:hunter2@${at(portOf(silent))}/app` }),
      wantReason: "DatabaseTimeout",
      wantSays: () => [at(portOf(silent)), "did not answer in time", "not overloaded"],
    },
    {
      name: "tls-refused",
      secret: () => ({ uri: `${postgres.uri()}?sslmode=require` }),
      wantReason: "TlsRefused",
      wantSays: () => [at(postgres.port), "does not support TLS", "set sslmode=disable in the URI"],
    },
  ])("$name: $wantReason", async ({ name, secret, wantReason, wantSays }) => {
    await addWorkload(name, secret());

    const message = await fleet.waitForCondition(name, "DatabaseReachable", {
      status: "False",
      reason: wantReason,
      says: wantSays(),
    });

    await fleet.waitForCondition(name, "Ready", { status: "False", reason: wantReason });
    expect(message).not.toContain("hunter2");
    expect(JSON.stringify(operator.log())).not.toContain("hunter2");
    await fleet.waitForPods(name, 1, 5);
    expect(read(await fleet.statusOf(name), "grants")).toBe(undefined);
    await fleet.waitForCondition("steady", "DatabaseReachable", { status: "True" });
    await fleet.kubectl(`delete poolpolicy/${name} deployment/${name}`);
  });

  it("a policy on the same server goes on all the while", async () => {
    // Before and after the good one in the alphabet: whoever comes first reads for all.
    const wrong = { uri: postgres.uri("postgres", "postgres", "hunter2") };
    await addWorkload("a-wrong", wrong);
    await addWorkload("z-wrong", wrong);
    for (const name of ["a-wrong", "z-wrong"]) {
      const reason = "AuthenticationFailed";
      await fleet.waitForCondition(name, "DatabaseReachable", { status: "False", reason });
    }

    await expectSteadyGoesOn();

    await fleet.kubectl("delete poolpolicy/a-wrong deployment/a-wrong poolpolicy/z-wrong");
    await fleet.kubectl("delete deployment/z-wrong");
  });
});

describe("a policy that was good before", () => {
  const rotating = (password: string): { uri: string } => ({
    uri: postgres.uri("rotating", "postgres", password),
  });

  beforeAll(async () => {
    await addWorkload("kept", rotating("first"));
    await fleet.kubectl("scale deployment/kept --replicas=2");
    await fleet.waitForPods("kept", 2, 10);
    await fleet.waitForReady("kept");
  });

  it.each<{ readonly name: string; readonly spoil: () => Promise<unknown>; wantReason: string }>([
    {
      name: "its secret is deleted",
      spoil: () => fleet.kubectl("delete secret kept"),
      wantReason: "SecretNotFound",
    },
    {
      name: "its secret is overwritten with nonsense",
      spoil: () => fleet.applySecret("kept", { uri: "nonsense" }),
      wantReason: "InvalidConnectionUri",
    },
    {
      name: "its password is changed on the server alone",
      spoil: async () => {
        await fleet.applySecret("kept", rotating("first"));
        await fleet.waitForCondition("kept", "DatabaseReachable", { status: "True" });
        await postgres.query("ALTER ROLE rotating PASSWORD 'second'");
        await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity");
      },
      wantReason: "AuthenticationFailed",
    },
  ])("keeps its sizes while $name", async ({ spoil, wantReason }) => {
    const grants = read(await fleet.statusOf("kept"), "grants");
    const uids = (await fleet.pods("kept")).map(({ metadata }) => metadata.uid);

    await spoil().catch(() => undefined);

    await fleet.waitForCondition("kept", "DatabaseReachable", {
      status: "False",
      reason: wantReason,
    });
    expect(read(await fleet.statusOf("kept"), "grants")).toEqual(grants);
    const after = (await fleet.pods("kept")).map(({ metadata }) => metadata.uid);
    expect(after).toEqual(uids);
    // A new pod still gets the last good size, not the template's 5.
    await fleet.kubectl(`delete pod ${(await fleet.pods("kept"))[0]?.metadata.name ?? ""}`);
    await fleet.waitForPods("kept", 2, 10);
    await expectSteadyGoesOn();
  });

  it("follows a rotated secret without being told", async () => {
    await fleet.applySecret("kept", rotating("second"));

    await fleet.waitForCondition("kept", "DatabaseReachable", { status: "True" });
    await fleet.waitForReady("kept");
    const status = await fleet.statusOf("kept");
    expect(read(conditionIn(status, "WithinBudget"), "status")).toBe("True");
    expect(Number(read(status, "used"))).toBeLessThanOrEqual(budget);
  });

  it("becomes unusable by a selector that matches nothing: a condition, no crash", async () => {
    await fleet.applyPolicy("kept", {
      database: { secretRef: { name: "kept" } },
      workloads: [{ selector: { matchLabels: { app: "nobody" } } }],
    });

    await fleet.waitForCondition("kept", "Applied", { status: "False", reason: "NoWorkloads" });
    expect(await fleet.sizesOf("kept")).toEqual([10, 10]);
    await expectSteadyGoesOn();
  });
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
