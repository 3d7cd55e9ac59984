// What the sessions of a fleet are taken for, through all reconcilers: by the addresses of its pods
// while they are there and after, and by what its pods can hold where no addresses are shown.

import { describe, expect, test } from "vitest";
import { sessions } from "../support/builders.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

describe("a fleet with sessions", () => {
  /** Three pods with four sessions each, and a policy for team shop. */
  async function fleetWithSessions(): Promise<MemoryWorld> {
    const world = new MemoryWorld();
    world.policy("orders", { mode: "Observe" });
    world.deployment("web");
    await world.look();
    readSessions(world);
    await world.look();
    return world;
  }
  const readSessions = (world: MemoryWorld): void => {
    const groups = [...world.stores.pods.values()].flatMap(({ addresses }) =>
      addresses.map((one) => sessions(4, { address: one, user: "app" })),
    );
    world.read({ sessions: groups });
  };

  test("that a policy gives up is foreign from the next sample on", async () => {
    const world = await fleetWithSessions();
    expect(world.plan().foreign).toMatchObject({ slots: 0, fleetSessions: 12, ghostSlots: 0 });
    world.deployment("web", { labels: { team: "other" } });
    await world.pass(1_000);
    expect(world.plan().foreign).toMatchObject({ slots: 0, ghostSlots: 12 });
    await world.pass(30_000);
    readSessions(world);
    await world.look();
    expect(world.plan().foreign).toMatchObject({ slots: 12, fleetSessions: 0, ghostSlots: 0 });
  });

  test("that is deleted leaves ghosts, for as long as the server shows them", async () => {
    const world = await fleetWithSessions();
    const groups = world.plan().snapshot.database.sessionSamples.at(-1)?.sessions ?? [];
    world.deleteDeployment("web");
    for (let passed = 0; passed < 30; passed++) {
      await world.pass(minuteMs, minuteMs);
      world.read({ sessions: groups });
    }
    await world.look();
    expect(world.plan().foreign).toMatchObject({ slots: 0, ghostSlots: 12 });
    world.read({});
    await world.look();
    expect(world.plan().foreign).toMatchObject({ slots: 0, ghostSlots: 0 });
  });

  test("keeps its window when somebody sets the clock", async () => {
    const world = await fleetWithSessions();
    world.read({ sessions: [sessions(9)] });
    await world.look();
    world.clockAheadMs = -60 * minuteMs;
    world.read({});
    await world.look();
    expect(world.plan().foreign.slots).toBe(9);
    await world.pass(11 * minuteMs, minuteMs);
    world.read({});
    await world.look();
    expect(world.plan().foreign.slots).toBe(0);
  });
});

describe("a fleet whose sessions the role may not see", () => {
  const unseen = (count: number): object => ({
    seesAllSessions: false,
    sessions: [sessions(count, { user: "app", address: undefined })],
  });

  test("holds no more of them than its pods can", async () => {
    const world = new MemoryWorld();
    world.policy("orders", { mode: "Observe" });
    world.deployment("web");
    await world.look();
    world.read(unseen(170));
    await world.look();
    expect(world.plan().foreign).toMatchObject({ slots: 20, fleetSessions: 150 });
    const told = world.status("orders").findings ?? [];
    expect(told.map(({ reason }) => reason)).toContain("CannotSeeSessions");
  });

  test("does not lose them to others when its pods shrink", async () => {
    const world = new MemoryWorld();
    world.policy("orders");
    world.deployment("web");
    await world.look();
    world.read(unseen(150));
    for (let passed = 0; passed < 12; passed++) await world.pass(minuteMs, 10_000);
    expect(Math.max(...world.podSizes("web"))).toBeLessThan(50);
    expect(world.plan().foreign.slots).toBe(0);
  });
});
