// `manage: Count`: a pool that nobody sizes, such as one in a file or the pooler of somebody else,
// is on the ledger, and nothing is written to its pods.
import { describe, expect, it } from "vitest";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";
import type { EnvEntry, ObservedContainer } from "../../src/observed.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const counted = { name: "pooler", manage: "Count", unmanagedPoolSize: 20 };

function withEnv(name: string, ...env: readonly EnvEntry[]): ObservedContainer {
  return { ...aContainer(1), name, env };
}

/** Capacity 97, budget 87: a pooler of two pods whose pool stands in a file, and a service. */
function worldWith(
  entries: readonly object[],
  containers: readonly ObservedContainer[] = [withEnv("pooler")],
  admission = true,
): MemoryWorld {
  const world = new MemoryWorld({ admission });
  world.deployment("pooler", { replicas: 2, containers, labels: {} });
  world.deployment("web", { replicas: 2 });
  world.policy("orders", { workloads: entries });
  return world;
}

async function settle(world: MemoryWorld, minutes = 8): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    world.read({ maxConnections: 100 });
    await world.pass(minuteMs, 10_000);
  }
}

function rowOf(world: MemoryWorld, name = "pooler"): WorkloadRow | undefined {
  const { workloads = [] } = world.status("orders");
  return workloads.find(({ workload }) => workload === `Deployment/${name}`);
}

function reasonsOf(world: MemoryWorld): readonly string[] {
  return (world.status("orders").findings ?? []).map(({ reason }) => reason);
}

function isReady(world: MemoryWorld): boolean {
  const { conditions = [] } = world.status("orders");
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

describe("a pool that is only counted", () => {
  it("is on the ledger with what its pods hold and may come to hold, and gets no size", async () => {
    const world = worldWith([{ ...counted, unmanagedPoolSize: 12, maxPods: 3 }, { name: "web" }]);
    await settle(world);
    expect(rowOf(world)).toMatchObject({
      ...{ decision: "Unmanaged", reason: "Counted", poolSize: 12, wantedPoolSize: 0, minSize: 0 },
      ...{ plannedPods: 3, heldSlots: 24, slots: 36 },
    });
    expect(Object.keys(world.status("orders").grants ?? {})).toEqual(["Deployment/web"]);
    expect(world.rolls).toEqual(["web"]);
    expect(isReady(world)).toBe(true);
    expect(world.status("orders").findings).toContainEqual({
      reason: "Counted",
      message: "Deployment/pooler: is counted and not sized, because its entry says manage: Count",
    });
  });

  it("leaves the others what it does not hold", async () => {
    const world = worldWith([counted, { name: "web" }]);
    await settle(world);
    // 87 - 2 x 20 = 47, of which the room for a rollout of the pooler takes 40.
    expect(world.grant("orders", "web")).toBe(3);
  });

  it.each([
    ["by the variable that it reads", { name: "DB_POOL_MAX_SIZE", value: "8" }, 8],
    ["by unmanagedPoolSize where that is no number", { name: "DB_POOL_MAX_SIZE", value: "x" }, 20],
    ["by unmanagedPoolSize where nothing is said", { name: "OTHER", value: "8" }, 20],
  ])("counts %s", async (_, entry, size) => {
    const world = worldWith([counted, { name: "web" }], [withEnv("pooler", entry)]);
    await settle(world);
    expect(rowOf(world)).toMatchObject({ reason: "Counted", heldSlots: 2 * size });
    expect(isReady(world)).toBe(true);
  });

  it("counts in a container that it has to be told of, and needs to be told of none", async () => {
    const containers = [withEnv("pooler"), withEnv("exporter")];
    const world = worldWith([counted, { name: "web" }], containers);
    await settle(world);
    expect(rowOf(world)).toMatchObject({ reason: "Counted", heldSlots: 40 });
    expect(reasonsOf(world)).not.toContain("ContainerAmbiguous");

    world.policy("orders", { workloads: [{ ...counted, container: "gone" }, { name: "web" }] });
    await settle(world);
    expect(reasonsOf(world)).toContain("ContainerNotFound");
    expect(isReady(world)).toBe(true);
  });

  it("writes nothing into a template either", async () => {
    const world = worldWith([counted, { name: "web" }], [withEnv("pooler")], false);
    await settle(world);
    expect(world.deploymentNow("pooler").containers[0]?.env).toEqual([]);
    expect(world.rolls).toEqual(["web"]);
    expect(isReady(world)).toBe(true);
  });

  it("loses its grant as soon as the policy says so, and gets one again", async () => {
    const sized = { name: "pooler" };
    const world = worldWith([sized], [withEnv("pooler", { name: "DB_POOL_MAX_SIZE", value: "9" })]);
    await settle(world);
    expect(world.grant("orders", "pooler")).toBeGreaterThan(9);
    const rolls = world.rolls.length;
    world.policy("orders", { workloads: [{ ...sized, manage: "Count" }] });
    await settle(world);
    expect(world.status("orders").grants).toEqual({});
    expect(world.rolls).toHaveLength(rolls);

    world.policy("orders", { workloads: [sized] });
    await settle(world);
    expect(world.grant("orders", "pooler")).toBeGreaterThan(9);
  });

  it("ends the grant of the policy that had it before", async () => {
    const world = worldWith([{ name: "pooler" }]);
    await settle(world);
    world.policy("orders", { workloads: [{ name: "web" }] });
    world.policy("others", { workloads: [{ name: "pooler", manage: "Count" }] });
    await settle(world);
    expect(Object.keys(world.status("orders").grants ?? {})).toEqual(["Deployment/web"]);
    expect(world.status("others").grants).toEqual({});
  });

  it("is still one too many where another policy selects it", async () => {
    const world = worldWith([counted, { name: "web" }]);
    world.policy("others", { workloads: [{ name: "pooler" }] });
    await settle(world);
    expect(reasonsOf(world)).toContain("ClaimedTwice");
    expect(isReady(world)).toBe(false);
  });

  it("beside one that is sized takes part in no roll of its own", async () => {
    const file = { name: "web", pool: "file", manage: "Count", env: { maxSize: "FILE_POOL_SIZE" } };
    const world = worldWith([{ name: "web" }, file]);
    await settle(world);
    expect(world.status("orders").workloads).toContainEqual(
      expect.objectContaining({ workload: "Deployment/web/file", reason: "Counted" }),
    );
    expect(Object.keys(world.status("orders").grants ?? {})).toEqual(["Deployment/web"]);
    expect(isReady(world)).toBe(true);
  });
});
