// An owner that puts the pod template back, as operators of custom resources do with what they
// own: our rolls are gone before they have replaced a pod. (On a real API server:
// test/integration/living-with-operators.test.ts.)
import { describe, expect, it } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const lake = {
  replicas: 4,
  templateManagers: ["lake-operator"],
  owner: { group: "lake.example", kind: "Lake", name: "main" },
};

/** 4 pods of 50 on a server with 85 slots for applications; the owner undoes each roll at once. */
function ownedWorld(isEvictionOff = false, owned: object = lake): MemoryWorld {
  const world = new MemoryWorld();
  world.bounds = { mayEvict: !isEvictionOff };
  world.restartOperator();
  world.policy("orders");
  world.deployment("web", owned);
  world.read({ maxConnections: 100 });
  world.cluster.onApply = ({ name }) => {
    if (name === "web") world.deployment(name, { templateAnnotations: {} });
  };
  return world;
}

function messageOf(world: MemoryWorld): string {
  const findings = world.status("orders").findings ?? [];
  return findings.find(({ reason }) => reason === "RollUndone")?.message ?? "";
}

async function passMinutes(world: MemoryWorld, minutes: number, stepMs = 1_000): Promise<void> {
  for (let half = 0; half < minutes * 2; half += 1) {
    await world.pass(minuteMs / 2, stepMs);
    world.read({ maxConnections: 100 });
  }
}

describe("an owner that undoes each roll", () => {
  it("is seen after two tries, named, and its pods are evicted instead", async () => {
    const world = ownedWorld();
    await passMinutes(world, 6);

    const share = world.grant("orders", "web");
    expect(world.podSizes("web")).toEqual([share, share, share, share]);
    expect(world.rolls).toEqual(["web", "web"]);
    expect(new Set(world.evictions).size).toBe(4);
    expect(messageOf(world)).toBe(
      "Deployment/web: Lake/main (field manager lake-operator) has put the pod template back after " +
        "several rollouts: its pods are evicted one at a time instead, where they are " +
        "too large. To have it rolled out, let its owner keep the annotations of the pod template " +
        "that others set",
    );
  });

  it("is known from then on, also to the next process: smaller sizes come by eviction", async () => {
    const world = ownedWorld();
    await passMinutes(world, 6);
    world.restartOperator();
    world.policy("orders", { reserve: { connections: 40 } });
    world.read({ maxConnections: 100 });

    await passMinutes(world, 6);

    const share = world.grant("orders", "web");
    expect(world.podSizes("web")).toEqual([share, share, share, share]);
    expect(world.rolls).toHaveLength(2);
    expect(world.evictions).toHaveLength(8);
  });

  it("is seen after two tries although each of them is for another size", async () => {
    const world = ownedWorld();
    world.policy("orders", { reserve: { connections: 10 }, rebalance: "Never" });
    await world.pass(minuteMs / 2);
    // It deploys, and its pods get the size of the grant.
    world.deployment("web", { containers: [aContainer(60)] });
    await world.pass(minuteMs / 2);
    expect(world.rolls).toEqual([]);

    for (const connections of [30, 40, 50]) {
      world.policy("orders", { reserve: { connections } });
      await world.pass(minuteMs / 2);
    }

    expect(world.rolls).toHaveLength(2);
    expect(world.evictions.length).toBeGreaterThan(0);
  });

  it("gives slots to others by eviction too, while all limits hold", async () => {
    const world = ownedWorld();
    await passMinutes(world, 6);
    const [before = 0] = world.podSizes("web");
    world.deployment("api", { replicas: 2, containers: [aContainer(1)] });

    await passMinutes(world, 12);

    expect(Math.min(...world.podSizes("web"))).toBeLessThan(before);
    expect(Math.min(...world.podSizes("api"))).toBe(world.grant("orders", "api"));
    expect(world.rolls.filter((name) => name === "web")).toHaveLength(2);
  });

  it("is told what to set where evictions are off, and rolled ever more rarely", async () => {
    const world = ownedWorld(true);

    await passMinutes(world, 60, 10_000);

    expect(world.evictions).toEqual([]);
    expect(messageOf(world)).toContain("--set evictions.enabled=true");
    expect(world.rolls.length).toBeGreaterThan(2);
    expect(world.rolls.length).toBeLessThan(8);
  });

  it("is told who did it after the first try already", async () => {
    const world = ownedWorld();
    while (world.rolls.length === 0) await world.pass(1_000);
    await world.pass(2_000);

    expect(messageOf(world)).toContain("Lake/main (field manager lake-operator)");
    expect(messageOf(world)).toContain("if that happens again");
    const applied = world.status("orders").conditions?.find(({ type }) => type === "Applied");
    expect(applied).toMatchObject({ status: "False", reason: "RollUndone" });
  });

  it("is trusted again a day later, and rolled", async () => {
    const world = ownedWorld();
    await passMinutes(world, 6);
    world.cluster.onApply = () => undefined;
    await world.pass(24 * 60 * minuteMs, 10 * minuteMs);
    world.policy("orders", { reserve: { connections: 40 } });
    world.read({ maxConnections: 100 });

    await passMinutes(world, 6);

    expect(world.rolls).toHaveLength(3);
    expect(messageOf(world)).toBe("");
  });
});

it("a person who undoes rolls is no owner: nothing is evicted, and each further roll comes later", async () => {
  const person = { replicas: 4, templateManagers: ["kubectl-client-side-apply"] };
  const world = ownedWorld(false, person);

  await passMinutes(world, 30, 10_000);

  expect(world.evictions).toEqual([]);
  expect(world.rolls.length).toBeGreaterThan(2);
  expect(world.rolls.length).toBeLessThan(7);
  expect(messageOf(world)).toContain("somebody has put the pod template back");
  expect(messageOf(world)).toContain("set spec.rebalance of the policy to Never");
});

it("a deploy that replaces the whole template after a roll is no owner that undoes it", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web", lake);
  world.read({ maxConnections: 100 });
  await passMinutes(world, 2);
  world.deployment("web", { templateAnnotations: { version: "2" } });

  await passMinutes(world, 2);

  expect(world.rolls).toEqual(["web"]);
  expect(messageOf(world)).toBe("");
});
