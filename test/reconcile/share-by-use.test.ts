// demand: Share over hours: what nobody uses goes to those who need it, within the same budget; and
// nothing of it is forgotten or hurried when something fails.
import { beforeEach, describe, expect, it, test } from "vitest";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";
import type { ClientsAtWork } from "../../src/domain/facts/facts.ts";
import { knowUse } from "../support/memory-world/known-use.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const hourMs = 60 * minuteMs;
const templateSize = 10;

let world: MemoryWorld;

beforeEach(() => {
  world = new MemoryWorld();
  world.policy("orders", { demand: "Share" });
  for (const name of ["idle", "busy"]) {
    world.deployment(name, { replicas: 4, containers: [aContainer(templateSize)] });
  }
});

type Load = Readonly<Record<string, number>>;

/** What each pod of each has at work; no more than its pool. */
function clients(load: Load): ClientsAtWork[] {
  return [...world.stores.pods.values()].map((pod) => {
    const [address = ""] = pod.addresses;
    const [, wanted = 0] = Object.entries(load).find(([name]) => pod.key.includes(name)) ?? [];
    const size = Number(pod.poolSizeAnnotation ?? templateSize);
    return { user: "app", address, sessions: size, atWork: Math.min(wanted, size) };
  });
}

/** Looked at every minute, decided every ten. */
async function pass(forMs: number, load: Load): Promise<void> {
  const endMs = world.nowMs + forMs;
  while (world.nowMs < endMs) {
    world.nowMs += minuteMs;
    world.operator.lookAtWork(server, clients(load));
    if (world.nowMs % (10 * minuteMs) === 0) {
      world.read({});
      await world.look();
    }
  }
}

/** Until all that can be rolled has been. */
async function rest(load: Load): Promise<void> {
  world.operator.lookAtWork(server, clients(load));
  world.read({});
  await world.pass(10 * minuteMs, 20_000);
}

function row(name: string): WorkloadRow {
  const rows = world.status("orders").workloads ?? [];
  const found = rows.find(({ workload }) => workload.endsWith(name));
  if (!found) throw new Error(`no row of ${name}`);
  return found;
}

const quiet: Load = { idle: 3, busy: 9 };

/** After more than a day of it: enough to be sure of. */
async function settle(load: Load = quiet): Promise<void> {
  await rest(load);
  await knowUse(world, "orders", load);
  await rest(load);
}

describe("what a pool does not use", () => {
  it("goes to one that needs it, within the budget", async () => {
    await rest(quiet);
    const fair = row("busy").wantedPoolSize;
    expect(row("idle").wantedPoolSize).toBe(fair);
    await settle({ idle: 3, busy: 60 });
    expect(row("idle").wantedPoolSize).toBe(4);
    expect(row("busy").wantedPoolSize).toBeGreaterThan(fair);
    const { used = 0, budget = 0 } = world.status("orders");
    expect(used).toBeLessThanOrEqual(budget);
  });

  it("is nothing before the confidence is Medium", async () => {
    await rest(quiet);
    const fair = row("idle").wantedPoolSize;
    await pass(2 * hourMs, quiet);
    expect(row("idle").recommendation).toMatch(/Low: .*; it may have more before/);
    expect(row("idle").wantedPoolSize).toBe(fair);
  });

  it("is not taken where the policy asks for advice alone", async () => {
    world.policy("orders", { demand: "Advise" });
    await settle();
    expect(row("idle").recommendedPoolSize).toBe(4);
    expect(row("idle").wantedPoolSize).toBeGreaterThan(4);
  });
});

describe("sizes stay", () => {
  beforeEach(async () => {
    await settle();
    expect(row("idle")).toMatchObject({ wantedPoolSize: 4, poolSize: 4 });
  });

  it("over a restart of the operator", async () => {
    const before = world.status("orders").grants;
    world.restartOperator();
    await world.look();
    expect(world.status("orders").grants).toEqual(before);
    await rest(quiet);
    expect(world.status("orders").grants).toEqual(before);
  });

  it("while the database cannot be read, and nothing is seen", async () => {
    const before = world.status("orders").grants;
    for (let minutes = 0; minutes < 60; minutes++) {
      world.nowMs += minuteMs;
      world.operator.failToRead(server, world.nowMs);
      await world.look();
    }
    expect(world.status("orders").grants).toEqual(before);
  });

  it("while a pool is scaled to zero and has no samples", async () => {
    world.deployment("idle", { replicas: 0 });
    await pass(2 * hourMs, quiet);
    world.deployment("idle", { replicas: 4 });
    await rest(quiet);
    expect(row("idle")).toMatchObject({ wantedPoolSize: 4, recommendedPoolSize: 4 });
  });
});

describe("a pool of which nothing is known", () => {
  it("has its fair share, and what others leave", async () => {
    await settle();
    world.deployment("newcomer", { replicas: 4, containers: [aContainer(templateSize)] });
    await rest({ ...quiet, newcomer: 1 });
    expect(row("newcomer")).not.toHaveProperty("recommendedPoolSize");
    expect(row("newcomer").wantedPoolSize).toBeGreaterThan(row("busy").wantedPoolSize);
  });
});

describe("a burst", () => {
  it("of pods that need restarts lifts their size after ten minutes of it, until it is calm", async () => {
    await settle();
    const burst: Load = { ...quiet, idle: 60 };
    await pass(9 * minuteMs, burst);
    expect(row("idle").inUse).not.toHaveProperty("isBursting");
    await pass(21 * minuteMs, burst);
    expect(row("idle").inUse).toMatchObject({ isBursting: true });
    expect(row("idle").wantedPoolSize).toBeGreaterThan(4);
    expect(row("idle").recommendation).toMatch(/it may have more while all of its/);
    await pass(30 * minuteMs, quiet);
    expect(row("idle").inUse).not.toHaveProperty("isBursting");
  });

  it("is remembered by the next process", async () => {
    await settle();
    await pass(30 * minuteMs, { ...quiet, idle: 60 });
    const { wantedPoolSize } = row("idle");
    expect(wantedPoolSize).toBeGreaterThan(4);
    world.restartOperator();
    await world.look();
    await pass(minuteMs, quiet);
    await world.look();
    expect(row("idle")).toMatchObject({ wantedPoolSize, inUse: { isBursting: true } });
  });
});

test("pools that take turns with their use are rolled no more often than the cooldown allows", async () => {
  await settle();
  let rolls = 0;
  const count = (): number => world.cluster.writes.filter(({ kind }) => kind === "apply").length;
  for (let hours = 0; hours < 6; hours++) {
    const before = count();
    await pass(hourMs, hours % 2 === 0 ? { idle: 60, busy: 1 } : { idle: 1, busy: 60 });
    rolls = Math.max(rolls, count() - before);
  }
  expect(rolls).toBeGreaterThan(0);
  expect(rolls).toBeLessThanOrEqual(2 * 12);
});
