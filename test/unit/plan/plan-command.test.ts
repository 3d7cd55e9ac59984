// `poolwarden plan` as its user meets it: answers, exit statuses, and what is said of bad input.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FakeDatabase } from "../../support/fake-database.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import {
  answerOn,
  anAutoscaler,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  declared,
  manifests,
  planOn,
  sizesIn,
} from "../../support/plan-setup.ts";

const web = aWorkloadNamed("web");
const jobs = aWorkloadNamed("jobs", { kind: "StatefulSet", replicas: 2, env: "[]" });
const shop = manifests(aPolicyOn(declared), web, anAutoscaler("web", 10), jobs, "kind: Service");

describe("the answer", () => {
  test.each(["text", "markdown", "json", "yaml"])("as %s is the golden file", async (form) => {
    const path = join(import.meta.dirname, "..", "..", "golden", "plan", `shop-${form}.txt`);
    const { stdout, code } = await planOn(shop, ["-o", form]);
    expect(code).toBe(0);
    if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, stdout);
    expect(stdout).toBe(await readFile(path, "utf8"));
  });

  test("is for the autoscaler's maximum, and fits", async () => {
    const answer = await answerOn(shop);
    expect(answer).toMatchObject({ fits: true, ignored: { Service: 1 } });
    const [server] = answer.servers;
    expect(server?.pools.map(({ pool, plannedPods }) => [pool, plannedPods])).toEqual([
      ["Deployment/web", 10],
      ["StatefulSet/jobs", 2],
    ]);
    expect(server?.used).toBeLessThanOrEqual(server?.budget ?? 0);
  });

  test("has a row for each pool of a workload, and pods start with both sizes", async () => {
    const further = "name: web, pool: reports, env: { maxSize: REPORTS_POOL_SIZE }";
    const policy = aPolicyOn(declared).replace(
      /workloads: .*/,
      `workloads: [{ name: web }, { ${further} }]`,
    );
    const [server] = (await answerOn(manifests(policy, web))).servers;
    expect(server?.pools.map(({ pool }) => pool)).toEqual([
      "Deployment/web",
      "Deployment/web/reports",
    ]);
    const { stdout } = await planOn(manifests(policy, web), ["-o", "json"]);
    expect(stdout).not.toContain("StartedUnsized");
    expect(server?.used).toBeLessThanOrEqual(server?.budget ?? 0);
  });

  test("does not depend on the order of documents", async () => {
    const turned = shop.split("\n---\n").toReversed().join("\n---\n");
    expect(sizesIn(await answerOn(turned))).toEqual(sizesIn(await answerOn(shop)));
  });

  test("is the same for a List, and for JSON", async () => {
    const list = `{"apiVersion": "v1", "kind": "List", "items": []}`;
    const items = shop.split("\n---\n").map((one) => one.replaceAll(/^/gm, "    "));
    const asList = `apiVersion: v1\nkind: List\nitems:\n${items.map((one) => `  -\n${one}`).join("\n")}`;
    expect(sizesIn(await answerOn(manifests(asList, list)))).toEqual(sizesIn(await answerOn(shop)));
  });

  test("does not fit where even the floors do not: exit status 1, and the way out", async () => {
    const { code, stdout } = await planOn(shop, ["--max-connections", "40"]);
    expect(code).toBe(1);
    expect(stdout).toContain("Infeasible: the floors and the room for rollouts need");
    expect(stdout).toContain("To fix: a lower poolSize.min");
    expect(stdout).toContain("Does not fit: 0 of 1 policy fit.");
  });

  test("counts one pod as one", async () => {
    const one = manifests(
      aPolicyOn(declared).replace(
        "workloads: [{",
        "workloads: [{ poolSize: { min: 190, max: 190 },",
      ),
      aWorkloadNamed("web", { replicas: 1 }),
    );
    const { stdout } = await planOn(one);
    expect(stdout).toContain("most by Deployment/web: 1 planned pod x 190 slots");
  });

  test("is none where no limit is known: exit status 2, and who may say it", async () => {
    const { code, stdout } = await planOn(manifests(aPolicyOn(bySecret), web));
    expect(code).toBe(2);
    expect(stdout).toContain("give --max-connections, or --read, or set spec.database");
  });

  test("counts pods of a policy that only observes with what their templates say", async () => {
    const observing = manifests(aPolicyOn(declared, "  mode: Observe"), web);
    const { code, stdout } = await planOn(observing);
    expect(code).toBe(1);
    expect(stdout).toContain("need 400 slots, 187 are available");
    expect(stdout).toContain("Observing; its share would be");
  });

  test("writes templates where the delivery is Template", async () => {
    const answer = await answerOn(manifests(aPolicyOn(declared, "  delivery: Template"), web));
    expect(answer.fits).toBe(true);
    const [pool] = answer.servers.flatMap(({ pools }) => pools);
    expect(pool).toMatchObject({ poolSize: 23, templatePoolSize: 50, reason: "Applied" });
  });

  test("plans for a ScaledObject as for KEDA's autoscaler", async () => {
    const keda = (more: string): string => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: web, namespace: shop }
spec: { scaleTargetRef: { name: web }${more} }`;
    const planned = async (more: string): Promise<number | undefined> => {
      const answer = await answerOn(manifests(aPolicyOn(declared), web, keda(more)));
      return answer.servers[0]?.pools[0]?.plannedPods;
    };
    expect(await planned(", maxReplicaCount: 12")).toBe(12);
    expect(await planned("")).toBe(100);
  });

  test("reads sizes from ConfigMaps and Secrets of the manifests", async () => {
    const env = "[{ name: DB_POOL_MAX_SIZE, valueFrom: { configMapKeyRef: { name: c, key: k } } }]";
    const map =
      "{ apiVersion: v1, kind: ConfigMap, metadata: { name: c, namespace: shop }, data: { k: '33' } }";
    const answer = await answerOn(
      manifests(aPolicyOn(declared), aWorkloadNamed("web", { env }), map),
    );
    expect(answer.servers[0]?.pools[0]?.templatePoolSize).toBe(33);
  });
});

describe("limits", () => {
  const secret = manifests(aPolicyOn(bySecret), web);

  test("of the command line count as if they were read", async () => {
    const args = [
      "--max-connections",
      "100",
      "--reserved-connections",
      "5",
      "--other-sessions",
      "20",
    ];
    const answer = await answerOn(secret, args);
    // 100 - 3 - 5 - reserve 10 - others 20 - own session 1
    expect(answer.servers[0]).toMatchObject({ budget: 61, maxConnections: 100 });
  });

  test("of a login bound the policy that names it", async () => {
    const role = manifests(aPolicyOn("{ secretRef: { name: orders-db }, role: app }"), web);
    const answer = await answerOn(role, ["--max-connections", "200", "--role-limit", "app=50"]);
    expect(answer.servers[0]?.used).toBeLessThanOrEqual(50);
  });

  test("that are declared beside a Secret are the server's", async () => {
    const text = "{ secretRef: { name: orders-db }, maxConnections: 100 }";
    const answer = await answerOn(manifests(aPolicyOn(text), web));
    expect(answer.servers[0]).toMatchObject({ budget: 86, limitFrom: "as the policies declare" });
  });

  test.each([
    ["PgBouncer", "max_client_conn"],
    ["Redis", "maxclients"],
  ])("of a %s are called %s, as the server calls them", async (engine, word) => {
    const policy = aPolicyOn(
      `{ engine: ${engine}, address: "db.shop.svc:6432", maxConnections: 90 }`,
    );
    const all = manifests(policy, web);
    const { stdout } = await planOn(all);
    expect(stdout).toContain(` ${word} 90 (as the policies declare)`);
    expect(stdout).not.toContain("max_connections");
    expect((await answerOn(all)).servers[0]?.connectionsSetting).toBe(word);
  });

  test("that do not count for some are said", async () => {
    const second = aPolicyOn(bySecret).replace("name: orders,", "name: others,");
    const both = manifests(aPolicyOn(declared), second, aWorkloadNamed("web"));
    const args = ["--other-sessions", "9", "--max-connections", "200"];
    const { notes } = await answerOn(both, args);
    expect(notes).toContainEqual(
      expect.stringContaining("--other-sessions does not count for shop/orders:"),
    );
  });

  test("are of the server that the environment's URI names", async () => {
    const uri = "postgresql://app:geheim@DB.shop.svc/orders";
    const given = await planOn(secret, ["--max-connections", "200"], { uri });
    expect(given.stdout).toContain("db.shop.svc:5432: ");
    expect(given.stdout).not.toContain("geheim");
  });

  test("are read from the server, and nothing of its sessions", async () => {
    const clock = new VirtualClock();
    const database = new FakeDatabase(clock);
    const group = { user: "app", database: "orders", applicationName: "x", address: "10.0.0.1" };
    database.addServer("db:5432", { maxConnections: 120, sessions: [{ ...group, count: 70 }] });
    const uri = "postgresql://app:secret@db/orders";
    const answer = await answerOn(secret, ["--read"], { uri, database });
    expect(answer.servers[0]).toMatchObject({ maxConnections: 120, budget: 106 });
    expect(answer.servers[0]?.limitFrom).toBe("read from the server");
    expect(database.readings.get("db:5432")).toBe(1);
  });

  test("that cannot be read are no answer", async () => {
    const database = new FakeDatabase(new VirtualClock());
    const uri = "postgresql://app:secret@db/orders";
    const { code, stdout } = await planOn(secret, ["--read"], { uri, database });
    expect(code).toBe(2);
    expect(stdout).toContain("DatabaseUnreachable: db:5432 is down");
  });
});

describe("what if", () => {
  const fleet = manifests(aPolicyOn(declared), web, jobs);

  test("a workload had other replicas", async () => {
    const answer = await answerOn(fleet, ["--what-if", "replicas=Deployment/web=40"]);
    const [pool] = answer.servers.flatMap(({ pools }) => pools);
    expect(pool).toMatchObject({
      pool: "Deployment/web",
      replicas: 40,
      poolSizeBefore: 15,
      poolSize: 2,
    });
  });

  test("its autoscaler had another maximum", async () => {
    const scaled = manifests(fleet, anAutoscaler("web", 5));
    const answer = await answerOn(scaled, ["--what-if", "maxReplicas=shop/Deployment/web=20"]);
    expect(answer.servers[0]?.pools[0]).toMatchObject({ plannedPods: 20 });
  });

  test.each([
    ["replicas=Deployment/wev=4", "there is no Deployment/wev; there are shop/Deployment/web"],
    ["maxReplicas=Deployment/web=4", "it has no autoscaler"],
  ])("%s is refused: %s", async (change, want) => {
    const { code, stderr } = await planOn(fleet, ["--what-if", change]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(want) as string });
  });

  test("more replicas than its autoscaler allows are said to change nothing", async () => {
    const scaled = manifests(fleet, anAutoscaler("web", 50));
    const { notes } = await answerOn(scaled, ["--what-if", "replicas=Deployment/web=40"]);
    expect(notes).toContainEqual(expect.stringContaining("to change that write maxReplicas="));
  });
});
