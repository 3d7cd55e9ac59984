// Pods that wait for their slots, through the production reconcilers: nothing is kept for them,
// running pods make room, and none starts without its slots or without a size.

import { beforeEach, expect, test } from "vitest";
import type { ObservedPod } from "../../src/observed.ts";
import type { Failure } from "../../src/ports.ts";
import { type Held, LiveWorld } from "../support/memory-world/live-world.ts";
import { aContainer, minuteMs } from "../support/memory-world/world.ts";

const entry = {
  selector: { matchLabels: { team: "shop" } },
  resize: "Live",
  start: "WhenSlotsAreFree",
};
/** A new one needs more than what is kept free for those that start. */
const bounds = { min: 12, max: 100 };
/** Of 200, less what the server, the reserve and the operator's session take. */
const budget = 187;
/** Of the three that run, with 5 % of the budget kept free. */
const third = 59;

let world: LiveWorld;

beforeEach(() => {
  world = new LiveWorld();
});

function waiting(name: string): ObservedPod[] {
  return world.podsOf(name).filter(({ gate }) => gate !== undefined);
}

function pass(forMs: number, held?: Held): Promise<void> {
  return world.passReading(forMs, held, () => {
    expect(world.toldSlots).toBeLessThanOrEqual(budget);
  });
}

/** Pods of `web` behind the gate, which have started and grown. */
async function grown(replicas: number): Promise<void> {
  world.policy("orders", { workloads: [{ ...entry, poolSize: bounds, maxPods: 40 }] });
  await world.look();
  world.deployment("web", { replicas: 0 });
  await pass(15_000);
  world.deployment("web", { replicas });
  await pass(minuteMs);
}

test("whatever may come and whoever rolls out, no more than the room to start is kept free", async () => {
  await grown(3);
  expect(waiting("web")).toEqual([]);
  expect(world.sizesOf("web").toSorted()).toEqual([third, third, third]);
  expect(world.rolls).toEqual([]);
});

test("a new pod that needs no more than what is kept free starts at once", async () => {
  world.policy("orders", { workloads: [{ ...entry, poolSize: { min: 5, max: 100 } }] });
  await world.look();
  world.deployment("web", { replicas: 0 });
  await pass(15_000);
  world.deployment("web", { replicas: 3 });
  await pass(minuteMs);
  const held = Object.fromEntries(world.podsOf("web").map(({ key }) => [key, third]));
  world.deployment("web", { replicas: 5 });
  await pass(2_000, held);
  expect(waiting("web")).toEqual([]);
  expect(world.sizesOf("web")).toHaveLength(5);
});

test("a new pod starts when the others have shown that they have made room", async () => {
  await grown(3);
  world.deployment("web", { replicas: 4 });
  await world.pass(4_000);
  expect(waiting("web")).toHaveLength(1);
  const old = Object.fromEntries(
    world.podsOf("web").map(({ key, poolSizeAnnotation }) => [key, Number(poolSizeAnnotation)]),
  );
  const holding = Object.fromEntries(Object.keys(old).map((key) => [key, third]));
  await pass(20_000, holding);
  expect(waiting("web")).toHaveLength(1);
  await pass(minuteMs);
  expect(waiting("web")).toEqual([]);
  expect(world.sizesOf("web").toSorted()).toEqual([44, 44, 44, 45]);
});

test("a whole fleet is replaced, however full the server is", async () => {
  await grown(3);
  world.controller.graceMs = 20_000;
  world.deployment("web", { containers: [aContainer(7)] });
  await pass(2 * minuteMs);
  expect(waiting("web")).toEqual([]);
  expect(world.sizesOf("web").toSorted()).toEqual([third, third, third]);
});

test("a pod that ends holds its slots until it is gone, and its successor waits for them", async () => {
  await grown(3);
  world.controller.graceMs = 30_000;
  const [first] = world.podsOf("web");
  if (first) world.controller.end(first, world.nowMs);
  await world.pass(2_000);
  expect(waiting("web")).toHaveLength(1);
  await pass(minuteMs);
  expect(waiting("web")).toEqual([]);
});

/** Three pods that hold all there is, and another one that waits. */
async function crowded(): Promise<Held> {
  await grown(3);
  const held = Object.fromEntries(world.podsOf("web").map(({ key }) => [key, third]));
  world.deployment("web", { replicas: 4 });
  await pass(5_000, held);
  expect(waiting("web")).toHaveLength(1);
  return held;
}

test.each([
  {
    what: "its entry asks for the gate no more",
    change: () => {
      const without = { selector: entry.selector, resize: entry.resize };
      world.policy("orders", { workloads: [{ ...without, poolSize: bounds, maxPods: 40 }] });
    },
  },
  {
    what: "its entry asks for restarts",
    change: () => {
      const without = { selector: entry.selector };
      world.policy("orders", { workloads: [{ ...without, poolSize: bounds, maxPods: 40 }] });
    },
  },
  {
    what: "its policy only observes",
    change: () => {
      const workloads = [{ ...entry, poolSize: bounds, maxPods: 40 }];
      world.policy("orders", { mode: "Observe", workloads });
    },
  },
  {
    what: "its policy is deleted",
    change: () => {
      world.stores.policies.delete("shop/orders");
    },
  },
])("a pod that waits starts with a size when $what", async ({ change }) => {
  await crowded();
  change();
  await world.pass(3_000);
  await releaseOfNobodys();
  expect(waiting("web")).toEqual([]);
  expect(world.sizesOf("web")).toContain(bounds.min);
});

/** Pods of no policy have to be so for a while. */
async function releaseOfNobodys(): Promise<void> {
  await world.operator.releaseGates("shop");
  await world.pass(15_000);
  await world.operator.releaseGates("shop");
}

test("pods of a workload that is deleted do not start before they are deleted as well", async () => {
  await crowded();
  const asked: string[] = [];
  world.cluster.refuse = (what) => {
    asked.push(what);
    return undefined;
  };
  world.stores.Deployment.delete("shop/web");
  await world.operator.releaseGates("shop");
  await world.pass(10_000);
  await world.operator.releaseGates("shop");
  expect(asked).not.toContain("release");
});

test("a pod that waits is left alone as long as its policy has it", async () => {
  await crowded();
  await world.operator.releaseGates("shop");
  expect(waiting("web")).toHaveLength(1);
});

test("a new operator releases what the one before it left waiting", async () => {
  await crowded();
  world.restartOperator();
  await pass(minuteMs);
  expect(waiting("web")).toEqual([]);
  expect(world.sizesOf("web").toSorted()).toEqual([44, 44, 44, 45]);
});

/** None goes through from now on; how many were asked for. */
function releasesAnsweredWith(failure: Failure): () => number {
  let asked = 0;
  world.cluster.refuse = (what) => {
    if (what !== "release") return undefined;
    asked++;
    return failure;
  };
  return () => asked;
}

test("a release that nobody answers counts as done, and is not sent again meanwhile", async () => {
  await grown(3);
  const asked = releasesAnsweredWith({ kind: "unavailable", message: "no answer within 10 s" });
  world.deployment("web", { replicas: 4 });
  await pass(2 * minuteMs);
  expect(asked()).toBe(1);
  expect(world.plan().positions[0]?.stayingPods).toBe(4);
  world.cluster.refuse = () => undefined;
  await pass(3 * minuteMs);
  expect(waiting("web")).toEqual([]);
});

test("a release that is refused is said, and tried again with growing delays", async () => {
  await grown(3);
  const asked = releasesAnsweredWith({ kind: "forbidden", message: "may not patch pods" });
  world.deployment("web", { replicas: 4 });
  await pass(2 * minuteMs);
  expect(asked()).toBeGreaterThan(1);
  expect(asked()).toBeLessThan(12);
  const findings = world.status("orders").findings ?? [];
  expect(findings.map(({ reason }) => reason)).toContain("Forbidden");
});

test("until every API server adds the gate, what may come is kept free as in any live pool", async () => {
  world.policy("orders", { workloads: [{ ...entry, poolSize: bounds, maxPods: 40 }] });
  world.deployment("web", { replicas: 0 });
  await world.pass(3_000);
  const grant = (): string | undefined =>
    world.status("orders").grants?.["Deployment/web"]?.gatedFrom;
  expect(grant()).toBeDefined();
  expect(world.plan().exposure.slots).toBeGreaterThan(0);
  await world.pass(15_000);
  expect(world.plan().exposure.slots).toBe(0);
  world.restartOperator();
  await world.pass(1_000);
  expect(world.plan().exposure.slots).toBeGreaterThan(0);
});

test("pods that wait are released by turns of their workloads", async () => {
  world.policy("orders", {
    workloads: [{ ...entry, poolSize: { min: 50, max: 100 }, maxPods: 9 }],
  });
  await world.look();
  world.deployment("web", { replicas: 0 });
  world.deployment("api", { replicas: 0 });
  await pass(15_000);
  world.deployment("api", { replicas: 5 });
  world.deployment("web", { replicas: 5 });
  await pass(minuteMs);
  expect([world.sizesOf("api").length, world.sizesOf("web").length].toSorted()).toEqual([1, 2]);
  expect([...waiting("api"), ...waiting("web")]).toHaveLength(7);
});
