// Pods that come without the gate although their grant asks for it: another admission takes it
// away, or they have a node from the start. More of them may come, so all that may come is counted
// as long as such a pod is there, whatever it is told meanwhile. Pods that were released say so;
// those that an operator of the release before has released do not, and are none of these.

import { expect, test } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { LiveWorld } from "../support/memory-world/live-world.ts";
import { minuteMs } from "../support/memory-world/world.ts";

const entry = {
  ...{ selector: { matchLabels: { team: "shop" } }, resize: "Live", start: "WhenSlotsAreFree" },
  ...{ poolSize: { min: 12, max: 100 }, maxPods: 6 },
};
/** Of 200, less what the server, the reserve and the operator's session take. */
const budget = 187;

/** Three pods that came through the gate. */
async function released(): Promise<LiveWorld> {
  const world = new LiveWorld();
  world.policy("orders", { workloads: [entry] });
  await world.look();
  world.deployment("web", { replicas: 0 });
  await world.passReading(15_000);
  world.deployment("web", { replicas: 3 });
  await world.passReading(2 * minuteMs);
  return world;
}

/** And one that did not. */
async function passedBy(world: LiveWorld): Promise<void> {
  world.controller.gates = false;
  world.deployment("web", { replicas: 4 });
  await world.passReading(2 * minuteMs);
}

function isGated(world: LiveWorld): boolean {
  return world.plan().positions[0]?.isGated === true;
}

function grantOf(world: LiveWorld): { readonly markedFrom?: string | undefined } {
  return world.status("orders").grants?.["Deployment/web"] ?? {};
}

/** As if an operator had released the pods that marks none. */
function withoutMarks({ stores }: LiveWorld): void {
  for (const pod of [...stores.pods.values()]) {
    const unmarked = { ...pod };
    Reflect.deleteProperty(unmarked, "released");
    stores.pods.set(unmarked);
  }
  const policy = stores.policies.get("shop/orders");
  const status = structuredClone(policy?.status) as PoolPolicyStatus;
  for (const grant of Object.values(status.grants ?? {})) {
    Reflect.deleteProperty(grant, "markedFrom");
  }
  if (policy) stores.policies.set({ ...policy, status });
}

test("a pod that came without the gate is resized, and what may come is counted still", async () => {
  const world = await released();
  await passedBy(world);
  const [last] = world.podsOf("web").filter(({ key }) => key.endsWith("-4"));
  expect(last?.resized).toBeDefined();
  expect(isGated(world)).toBe(false);
  world.deployment("web", { replicas: 6 });
  await world.passReading(minuteMs, {}, () => {
    expect(world.toldSlots).toBeLessThanOrEqual(budget);
  });
});

test("so it is for a new operator, and until the pod is gone", async () => {
  const world = await released();
  await passedBy(world);
  world.restartOperator();
  await world.passReading(minuteMs);
  expect(isGated(world)).toBe(false);
  world.controller.gates = true;
  const [last] = world.podsOf("web").filter(({ key }) => key.endsWith("-4"));
  if (last) world.controller.end(last, world.nowMs);
  await world.passReading(minuteMs);
  expect(isGated(world)).toBe(true);
});

test("pods that the release before this one has released do not count as such", async () => {
  const world = await released();
  withoutMarks(world);
  world.restartOperator();
  await world.passReading(minuteMs);
  expect(isGated(world)).toBe(true);
  const { markedFrom } = grantOf(world);
  expect(markedFrom).toBeDefined();
  await world.passReading(minuteMs);
  expect(grantOf(world).markedFrom).toBe(markedFrom);
  await passedBy(world);
  expect(isGated(world)).toBe(false);
});
