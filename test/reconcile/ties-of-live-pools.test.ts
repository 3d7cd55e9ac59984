// Live pools, and pods behind the gate, on a server that is tied to another one by a policy there
// which selects a pool of the same workload: from then on no pod of that workload is resized while
// it runs, and what waits starts once, when the status counts it. Other workloads stay live.

import { beforeEach, expect, test } from "vitest";
import type { ObservedPod } from "../../src/observed.ts";
import { LiveWorld } from "../support/memory-world/live-world.ts";
import { elsewhere, reportsEntry } from "../support/memory-world/shared-world.ts";
import { minuteMs } from "../support/memory-world/world.ts";

const gated = { resize: "Live", start: "WhenSlotsAreFree", poolSize: { min: 30, max: 100 } };
const entries = [
  { name: "web", ...gated, maxPods: 5 },
  { name: "api", ...gated, maxPods: 5 },
];

let world: LiveWorld;

beforeEach(() => {
  world = new LiveWorld();
});

function waiting(name: string): ObservedPod[] {
  return world.podsOf(name).filter(({ gate }) => gate !== undefined);
}

/** Both servers are read all the time. */
function pass(forMs: number): Promise<void> {
  return world.passReading(forMs, {}, () => {
    world.read({}, elsewhere);
  });
}

/** Pods that hold all there is, and another one that waits for slots which nobody leaves yet. */
async function crowded(): Promise<void> {
  world.policy("orders", { workloads: entries });
  await world.look();
  world.deployment("web", { replicas: 0 });
  await pass(15_000);
  world.deployment("web", { replicas: 3 });
  await pass(minuteMs);
  world.deployment("web", { replicas: 4 });
  await world.pass(4_000);
  expect(waiting("web")).toHaveLength(1);
}

function share(): void {
  const database = world.otherDatabase("reports", elsewhere);
  world.policy("reports", { database, workloads: [reportsEntry] });
}

function gateOf(workload: string): string | undefined {
  return world.status("orders").grants?.[`Deployment/${workload}`]?.gatedFrom;
}

function whyNotLive(workload: string): string | undefined {
  const findings = world.status("orders").findings ?? [];
  const found = findings.filter(({ reason }) => reason === "CannotBeLive");
  return found.find(({ message }) => message.includes(workload))?.message;
}

test("a pod that waits starts once, when the status has no gate, and counts on both servers", async () => {
  await crowded();
  const gates: (string | undefined)[] = [];
  world.cluster.refuse = (what) => {
    if (what === "release") gates.push(gateOf("web"));
    return undefined;
  };
  share();
  await pass(minuteMs);
  expect(gates).toEqual([undefined]);
  expect(waiting("web")).toEqual([]);
  const [main, reports] = [world.plan(), world.plan(elsewhere)];
  expect([main, reports].map(({ positions: [one] }) => one?.stayingPods)).toEqual([4, 4]);
  expect(main.positions[0]?.isGated).toBeUndefined();
});

test("a pod that comes after that waits for nothing", async () => {
  await crowded();
  share();
  await pass(minuteMs);
  world.deployment("web", { replicas: 5 });
  await world.pass(2_000);
  expect(world.podsOf("web")).toHaveLength(5);
  expect(waiting("web")).toEqual([]);
});

test("other live pools of the server stay as they are, and their new pods wait for their slots", async () => {
  const small = entries.map((one) => ({ ...one, poolSize: { min: 5, max: 100 } }));
  world.policy("orders", { workloads: small });
  world.deployment("api", { replicas: 2 });
  world.deployment("web", { replicas: 2 });
  await pass(minuteMs);
  const since = gateOf("api");
  expect(since).toBeDefined();
  share();
  await pass(minuteMs);
  expect(world.plan().unit?.()).toHaveLength(2);
  expect([gateOf("api"), gateOf("web")]).toEqual([since, undefined]);
  expect(whyNotLive("api")).toBeUndefined();
  expect(whyNotLive("web")).toContain("pods have pools on several servers");
  let released = 0;
  world.cluster.refuse = (what) => {
    if (what === "release") released += 1;
    return undefined;
  };
  world.deployment("api", { replicas: 4 });
  await pass(2 * minuteMs);
  expect(released).toBe(2);
  expect(waiting("api")).toEqual([]);
  const { exposure, budgetSlots = 0, positions } = world.plan();
  expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
  expect(positions.map(({ resizablePods }) => resizablePods?.length)).toEqual([4, undefined]);
  world.stores.policies.delete("shop/reports");
  await pass(minuteMs);
  expect(gateOf("web")).toBeDefined();
  expect(whyNotLive("web")).toBeUndefined();
});

test("a pod that waits starts as well when its pool is in conflict meanwhile", async () => {
  await crowded();
  world.policy("others", { workloads: [{ name: "web" }] });
  await world.pass(2_000);
  expect(world.plan().positions[0]?.managed).toBe(false);
  expect(waiting("web")).toHaveLength(1);
  world.deployment("api", { replicas: 1 });
  const database = world.otherDatabase("reports", elsewhere);
  const shared = [reportsEntry, { ...reportsEntry, name: "api" }];
  world.policy("reports", { database, workloads: shared });
  await pass(minuteMs);
  expect(world.plan().unit?.()).toHaveLength(2);
  expect(gateOf("web")).toBeUndefined();
  expect(waiting("web")).toEqual([]);
});

test("a pod that waits does not start before every server of its pools is known", async () => {
  await crowded();
  share();
  world.restartOperator();
  world.read({});
  world.operator.failToRead(elsewhere, world.nowMs);
  await world.pass(5_000);
  expect(waiting("web")).toHaveLength(1);
  await pass(minuteMs);
  expect(waiting("web")).toEqual([]);
});
