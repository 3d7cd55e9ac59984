// Two operators by mistake, as of two installations that know nothing of each other: they decide
// the same from the same cluster, so that there is nothing to write; where they know different
// things they must not fight for ever, and nothing may go beyond the budget.
import { describe, expect, it } from "vitest";
import type { MemoryOperator } from "../support/memory-world/operator.ts";
import { MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";
import { aReading, sessions } from "../support/builders.ts";

const secondMs = 1_000;
/** An hour of decisions, on a machine that does other things as well. */
const slow = { timeout: 60_000 };

/** Both look at every step, at the same moment or one after the other. */
async function pass(
  world: MemoryWorld,
  other: MemoryOperator,
  forMs: number,
  { atOnce, stepMs = secondMs }: { readonly atOnce: boolean; readonly stepMs?: number },
): Promise<void> {
  const endMs = world.nowMs + forMs;
  while (world.nowMs < endMs) {
    if (atOnce) await Promise.all([world.pass(stepMs, stepMs), other.look()]);
    else {
      await world.pass(stepMs, stepMs);
      await other.look();
    }
  }
}

function twoOperators(foreign: { readonly seenByOther: number } = { seenByOther: 0 }): {
  readonly world: MemoryWorld;
  readonly other: MemoryOperator;
} {
  const world = new MemoryWorld();
  const other = world.startOperator();
  const seen = foreign.seenByOther > 0 ? [sessions(foreign.seenByOther)] : [];
  other.read(server, aReading({ sessions: seen, atMs: world.nowMs }));
  world.policy("orders");
  world.deployment("web");
  world.deployment("api", { replicas: 2 });
  world.autoscaler("web", 15);
  return { world, other };
}

describe.each([
  { name: "one after the other", atOnce: false },
  { name: "at the same moment", atOnce: true },
])("two operators that look $name", ({ atOnce }) => {
  it("settle, and write nothing from then on", slow, async () => {
    const { world, other } = twoOperators();
    // The finding that there is another one goes ten minutes after the last rewrite.
    await pass(world, other, 15 * minuteMs, { atOnce });
    const written = world.cluster.writes.length;

    await pass(world, other, 10 * minuteMs, { atOnce });

    expect(world.cluster.writes.length).toBe(written);
    expect(new Set(world.rolls)).toEqual(new Set(["api", "web"]));
    expect(world.rolls).toHaveLength(2);
  });

  it("stay within the budget while the fleet scales", async () => {
    const { world, other } = twoOperators();
    await pass(world, other, 5 * minuteMs, { atOnce });
    world.peakSlots = 0;

    for (const replicas of [15, 3, 9, 15]) {
      world.deployment("web", { replicas });
      await pass(world, other, minuteMs, { atOnce });
    }

    expect(world.peakSlots).toBeLessThanOrEqual(world.plan().budgetSlots ?? 0);
    expect(world.plan().exposure.slots).toBeLessThanOrEqual(world.plan().budgetSlots ?? 0);
  });
});

describe("two operators that know different things", () => {
  /** Each reads the server now and then; the other one happens to meet a job at work. */
  async function passReading(
    { world, other }: ReturnType<typeof twoOperators>,
    forMs: number,
  ): Promise<void> {
    const endMs = world.nowMs + forMs;
    while (world.nowMs < endMs) {
      world.read({});
      other.read(server, aReading({ sessions: [sessions(20)], atMs: world.nowMs }));
      await pass(world, other, 30 * secondMs, { atOnce: false, stepMs: 5 * secondMs });
    }
  }

  it("write less and less often, restart nobody for it, and say why", slow, async () => {
    const both = twoOperators({ seenByOther: 20 });
    const { world } = both;
    await passReading(both, 20 * minuteMs);
    const [written, rolled] = [world.cluster.writes.length, world.rolls.length];
    world.peakSlots = 0;

    await passReading(both, 60 * minuteMs);

    // Each once in five minutes, and once more when its sizes have settled.
    expect(world.cluster.writes.length - written).toBeLessThanOrEqual(2 * 2 * 12);
    expect(world.rolls.length).toBe(rolled);
    expect(world.peakSlots).toBeLessThanOrEqual(world.plan().budgetSlots ?? 0);
    const reasons = world.status("orders").findings?.map(({ reason }) => reason);
    expect(reasons).toContain("AnotherOperator");
  });

  it("name the cause in their logs, each once for all policies", slow, async () => {
    const both = twoOperators({ seenByOther: 20 });
    const { world, other } = both;
    world.policy("reports", {
      workloads: [{ selector: { matchLabels: { team: "reports" } } }],
    });
    world.deployment("nightly", { labels: { team: "reports" } });

    await passReading(both, 20 * minuteMs);

    const warnings = [world.operator, other].map(({ log }) =>
      log.lines.filter(({ fields }) => fields["reason"] === "AnotherOperator"),
    );
    expect(warnings.map(({ length }) => length)).toEqual([1, 1]);
    expect(warnings[0]?.[0]).toMatchObject({
      level: "warn",
      message: expect.stringContaining("another installation of Poolwarden") as string,
    });
  });

  it("are quiet once they know the same again, and the finding goes", slow, async () => {
    const both = twoOperators({ seenByOther: 20 });
    const { world, other } = both;
    await passReading(both, 10 * minuteMs);
    world.nowMs += 11 * minuteMs;
    world.read({});
    other.read(server, aReading({ atMs: world.nowMs }));
    await pass(world, other, 20 * minuteMs, { atOnce: false, stepMs: 5 * secondMs });
    const written = world.cluster.writes.length;

    await pass(world, other, 10 * minuteMs, { atOnce: false, stepMs: 5 * secondMs });

    expect(world.cluster.writes.length).toBe(written);
    const reasons = world.status("orders").findings?.map(({ reason }) => reason);
    expect(reasons).not.toContain("AnotherOperator");
  });
});
