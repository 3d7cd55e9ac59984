// Rollouts that do not get on (progress deadline, image, quota, unready pods, paused): they give no
// slots away, they are named, they are not made worse by another patch of ours, and they stand in
// nobody's way for longer than safety asks for.

import { describe, expect, test, vi } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const bothDeliveries = [
  { delivery: "Admission", admission: true },
  { delivery: "Template", admission: false },
];
const lively = { reserve: { connections: 0, rollouts: 1 }, stability: { cooldown: "1s" } };
const deadline = 'ReplicaSet "web-2" has timed out progressing.';
const quota = 'pods "web-2-x" is forbidden: exceeded quota';

/** Two workloads of five pods, at rest at 13 of 197. */
async function settled(admission: boolean): Promise<MemoryWorld> {
  const world = new MemoryWorld({ admission });
  world.policy("orders", lively);
  for (const name of ["job", "web"]) world.deployment(name, { replicas: 5 });
  await world.pass(2 * minuteMs);
  expect([...world.podSizes("job"), ...world.podSizes("web")]).toEqual(Array(10).fill(13));
  world.cluster.writes.length = 0;
  world.peakSlots = 0;
  return world;
}

/** A user deploys a version of web whose pods do not become ready. */
function deployBroken(world: MemoryWorld, message: string): void {
  const [container] = world.deploymentNow("web").containers;
  if (!container) throw new Error("web has no container");
  world.controller.stuck.set("web", message);
  const env = [...container.env, { name: "VERSION", value: "broken" }];
  world.deployment("web", { containers: [{ ...container, env }] });
}

function reasonsIn(world: MemoryWorld): string[] {
  return (world.status("orders").findings ?? []).map(({ reason }) => reason);
}

describe.each(bothDeliveries)("a user's rollout that does not get on, with $delivery,", (row) => {
  test.each([deadline, quota])("is named with the controller's own words: %s", async (message) => {
    const world = await settled(row.admission);

    deployBroken(world, message);
    await world.pass(10_000);

    const finding = world
      .status("orders")
      .findings?.find(({ reason }) => reason === "RolloutStuck");
    expect(finding?.message).toContain("web");
    expect(finding?.message).toContain(message);
  });

  test("is not patched again, and others are brought to their size beside it", async () => {
    const world = await settled(row.admission);
    deployBroken(world, deadline);
    await world.pass(61 * minuteMs, minuteMs);

    world.read({ maxConnections: 403 });
    await world.pass(5 * minuteMs, 5_000);

    expect(world.rolls).toEqual(["job"]);
    expect(Math.min(...world.podSizes("job"))).toBeGreaterThan(20);
    expect(world.podSizes("web")).toContain(13);
    expect(world.peakSlots).toBeLessThanOrEqual(400);
  });

  test("keeps others from a rollout that the database has no slots for", async () => {
    const world = await settled(row.admission);
    deployBroken(world, deadline);
    await world.pass(61 * minuteMs, minuteMs);

    world.read({ maxConnections: 153 });
    await world.pass(5 * minuteMs, 5_000);

    expect(world.rolls).toEqual([]);
    const job = world.status("orders").workloads?.find(({ workload }) => workload.endsWith("job"));
    expect(job?.message).toContain("its rollout would need");
  });

  test("gives no slots away: nobody grows into what its old pods hold", async () => {
    const world = await settled(row.admission);
    deployBroken(world, deadline);
    await world.pass(61 * minuteMs, minuteMs);

    world.policy("orders", {
      ...lively,
      workloads: [{ name: "job" }, { name: "web", poolSize: { max: 2 } }],
    });
    await world.pass(10 * minuteMs, 5_000);

    expect(world.peakSlots).toBeLessThanOrEqual(197);
    expect(world.plan().exposure.slots).toBeLessThanOrEqual(197);
    expect(world.podSizes("web").filter((size) => size === 13).length).toBeGreaterThanOrEqual(5);
  });

  test("blocks no other server", async () => {
    const world = await settled(row.admission);
    const other = "other.shop.svc:5432";
    deployBroken(world, deadline);
    const database = world.otherDatabase("other-db", other);

    world.policy("others", { database, workloads: [{ name: "else" }] });
    world.deployment("else", { labels: {}, containers: [aContainer(90)] });
    await world.pass(minuteMs);

    expect(world.rolls).toEqual(["else"]);
    expect(world.plan(other).positions).toHaveLength(1);
  });

  test("goes on by itself when it is mended", async () => {
    const world = await settled(row.admission);
    deployBroken(world, deadline);
    await world.pass(5 * minuteMs, 5_000);

    world.controller.stuck.delete("web");
    await world.pass(minuteMs);

    expect(world.rolls).toEqual([]);
    expect(world.podSizes("web")).toEqual([13, 13, 13, 13, 13]);
    expect(reasonsIn(world)).not.toContain("RolloutStuck");
  });
});

describe.each(bothDeliveries)("a roll of ours that does not get on, with $delivery,", (row) => {
  test("keeps the next ones waiting for an hour: they may fail alike", async () => {
    const world = await settled(row.admission);
    for (const name of ["job", "web"]) world.controller.stuck.set(name, deadline);

    world.read({ maxConnections: 403 });
    await world.pass(55 * minuteMs, 5_000);
    expect(world.rolls).toHaveLength(1);
    await world.pass(10 * minuteMs, 5_000);

    expect(world.rolls).toHaveLength(2);
  });
});

describe.each(bothDeliveries)("a Deployment that is paused, with $delivery,", ({ admission }) => {
  test("in the middle of a rollout is named, left alone, and in nobody's way", async () => {
    const world = await settled(admission);
    deployBroken(world, "is slow");
    await world.pass(5_000);
    world.controller.stuck.clear();
    world.deployment("web", { paused: true });
    await world.pass(61 * minuteMs, minuteMs);

    world.read({ maxConnections: 403 });
    await world.pass(5 * minuteMs, 5_000);

    expect(world.rolls).toEqual(["job"]);
    expect(reasonsIn(world)).toContain("RolloutPaused");
  });

  test("is brought to its size once it is resumed", async () => {
    const world = await settled(admission);
    world.deployment("web", { paused: true });
    // Fewer slots for the fleet, of a server that has room for the rollout.
    world.policy("orders", { ...lively, reserve: { ...lively.reserve, connections: 47 } });
    await world.pass(5 * minuteMs, 5_000);

    world.deployment("web", { paused: false });
    await world.pass(5 * minuteMs, 5_000);

    expect(world.podSizes("web")).toEqual([10, 10, 10, 10, 10]);
  });
});

test("a template that was changed while it is paused makes old ones of all pods", async () => {
  const world = await settled(true);
  const [container] = world.deploymentNow("web").containers;
  if (!container) throw new Error("web has no container");
  const env = [...container.env, { name: "VERSION", value: "2" }];

  world.deployment("web", { paused: true, containers: [{ ...container, env }] });
  await world.pass(10_000);

  // Its controller makes the ReplicaSet when it is resumed: the newest one is an old one till then.
  const finding = world.status("orders").findings?.find(({ reason }) => reason === "RolloutPaused");
  expect(finding?.message).toContain("5 old pods hold 65 slots");
});
