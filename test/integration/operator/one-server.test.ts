// Several policies, two namespaces, one server: they share one budget, whatever each calls the
// server. The sum is counted over the pods of both, at every change.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { budgetOn, conditionIn, openFleet, sumOfSlots } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { watchSlots } from "../../support/slot-watch.ts";
import type { SlotWatch } from "../../support/slot-watch.ts";
import { buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const kubectl = inject("controlPlane");
const names = ["one-server-a", "one-server-b", "one-server-c"] as const;
const env = [{ name: "DB_POOL_MAX_SIZE", value: "40" }];

let postgres: Postgres;
let fleets: readonly Fleet[];
let operator: OperatorProcess;
let watch: SlotWatch;
let budget: number;

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 200 });
  budget = await budgetOn(postgres, 20);
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'; GRANT pg_monitor TO app");
  await postgres.query("CREATE DATABASE orders");
  await ensureAdmissionWorks(kubectl);
  fleets = await Promise.all(names.map((namespace) => openFleet({ kubectl, namespace })));
  watch = await watchSlots(kubectl.kubeconfigPath, ...names);
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", names.join(",")],
  });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await watch[Symbol.asyncDispose]();
  for (const fleet of fleets) await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

function fleetAt(index: number): Fleet {
  const fleet = fleets[index];
  if (fleet === undefined) throw new Error(`no fleet ${index}`);
  return fleet;
}

async function addPolicy(fleet: Fleet, uri: string, reserve = 10): Promise<void> {
  const { namespace } = fleet;
  await fleet.apply(buildWorkload("Deployment", namespace, "web", { replicas: 2, env }));
  await fleet.applySecret("db", { uri });
  await fleet.applyPolicy("policy", {
    database: { secretRef: { name: "db" } },
    reserve: { connections: reserve },
    stability: { cooldown: "1s" },
    workloads: [{ name: "web" }],
  });
}

async function sumOverAll(): Promise<number> {
  const sums = await Promise.all(fleets.map(async (fleet) => sumOfSlots(await fleet.pods())));
  return sums.reduce((sum, slots) => sum + slots, 0);
}

async function shares(): Promise<readonly number[]> {
  return (await Promise.all(fleets.map((fleet) => fleet.sizesOf("web")))).flat();
}

describe("one server", () => {
  it("is one budget under another user and another database", async () => {
    await addPolicy(fleetAt(0), postgres.uri(), 20);
    await addPolicy(fleetAt(1), postgres.uri("app", "orders", "app"));
    for (const fleet of fleets.slice(0, 2)) await fleet.waitForReady("policy");

    // Two workloads of two planned pods each, and room for one of them to roll out.
    const share = Math.floor(budget / 6);
    await waitUntil("equal shares", async () => {
      const sizes = await shares();
      return sizes.length === 4 && sizes.every((size) => size >= share);
    });
    expect(await sumOverAll()).toBeLessThanOrEqual(budget);
  });

  it("the stricter word counts for both, and is said where it is not one's own", async () => {
    const status = await fleetAt(1).statusOf("policy");
    expect(read(status, "budget")).toBe(budget);
    const words = readList(status, "findings").map((finding) => String(read(finding, "message")));
    expect(words).toContainEqual(
      expect.stringContaining(
        "reserve.connections 20 is set by policy one-server-a/policy; the largest value on the server applies",
      ),
    );
  });

  it("stays within the budget while both are deployed anew at once", async () => {
    await addReserveForTwo();
    watch.restart();

    for (const fleet of fleets.slice(0, 2)) await fleet.kubectl("set env deployment/web VERSION=2");
    for (const fleet of fleets.slice(0, 2)) {
      await fleet.kubectl("rollout status deployment/web --timeout=60s");
      await fleet.waitForPods("web", 2);
    }

    expect(watch.peakPods()).toBeGreaterThan(5);
    expect(watch.peakSlots()).toBeLessThanOrEqual(budget);
  });

  it("a name that differs in letters alone means the same server", async () => {
    const { namespace } = fleetAt(2);
    const upper = postgres.uri().replace("127.0.0.1", "LocalHost");
    const lower = postgres.uri("app", "orders", "app").replace("127.0.0.1", "localhost");
    await addPolicy(fleetAt(2), upper);
    await fleetAt(2).waitForCondition("policy", "DatabaseReachable", { status: "True" });
    const server = read(await fleetAt(2).statusOf("policy"), "server");

    await fleetAt(2).applySecret("other", { uri: lower });
    await fleetAt(2).applyPolicy("other", {
      database: { secretRef: { name: "other" } },
      workloads: [{ name: "nothing" }],
    });
    await fleetAt(2).waitForCondition("other", "DatabaseReachable", { status: "True" });

    expect(read(await fleetAt(2).statusOf("other"), "server")).toBe(server);
    expect(namespace).toBe(names[2]);
  });

  it("even under two names that do not look alike, it is one budget", async () => {
    for (const fleet of fleets) await fleet.waitForReady("policy");

    const budgets = await Promise.all(
      fleets.map(async (fleet) => read(await fleet.statusOf("policy"), "budget")),
    );
    expect(new Set(budgets).size).toBe(1);
    expect(await sumOverAll()).toBeLessThanOrEqual(budget);
    const status = await fleetAt(2).statusOf("policy");
    expect(read(conditionIn(status, "WithinBudget"), "status")).toBe("True");
  });
});

/** Room for two rollouts at once, as one of the policies asks for. */
async function addReserveForTwo(): Promise<void> {
  await fleetAt(0).applyPolicy("policy", {
    database: { secretRef: { name: "db" } },
    reserve: { connections: 20, rollouts: 2 },
    stability: { cooldown: "1s" },
    workloads: [{ name: "web" }],
  });
  const size = Math.floor(budget / 8);
  for (const fleet of fleets.slice(0, 2)) await fleet.waitForPods("web", 2, size);
  for (const fleet of fleets.slice(0, 2)) await fleet.waitForReady("policy");
}
