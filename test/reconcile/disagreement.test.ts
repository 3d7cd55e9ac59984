// Somebody else writes the same entries, all day long: what it costs in restarts, with template
// delivery and with admission.
import { describe, expect, it } from "vitest";
import type { ObservedWorkload } from "../../src/observed.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

/** Thousands of decisions, on a machine that does other things as well. */
const slow = { timeout: 180_000 };
const dayMs = 24 * 60 * minuteMs;
const cooldownMs = 5 * minuteMs;
/** One at once and one after the first revert; then the pause doubles from twice the cooldown. */
const firstDayRolls = 1 + Math.ceil(Math.log2(dayMs / cooldownMs));

const bare = { templateAnnotations: {}, annotations: {}, ownedByUs: false };

const argocd = { envManagers: { "app/DB_POOL_MAX_SIZE": ["argocd-controller"] } };

interface Disagreement {
  readonly name: string;
  /** What comes back with each revert, beside the value. */
  readonly change: Partial<ObservedWorkload>;
  readonly everyMs: number;
  /** Our process ends so often and forgets what is not in the cluster; 0: never. */
  readonly restartEveryMs: number;
}

const disagreements: Disagreement[] = [
  {
    name: "by a tool that merges its own value, such as kubectl apply, Helm or Argo CD",
    change: argocd,
    everyMs: 10_000,
    restartEveryMs: 0,
  },
  {
    name: "by a tool that replaces the whole object, our annotations with it",
    change: { ...bare, ...argocd },
    everyMs: minuteMs,
    restartEveryMs: 0,
  },
  {
    name: "the same, while our process ends every hour",
    change: { ...bare, ...argocd },
    everyMs: minuteMs,
    restartEveryMs: 60 * minuteMs,
  },
];

const gentle = { change: {}, everyMs: minuteMs, restartEveryMs: 0 };

async function disagree(
  world: MemoryWorld,
  forMs: number,
  { change, everyMs, restartEveryMs }: Omit<Disagreement, "name">,
): Promise<void> {
  const endMs = world.nowMs + forMs;
  while (world.nowMs < endMs) {
    await world.pass(everyMs, everyMs);
    world.deployment("web", { containers: [aContainer(50)], ...change });
    if (world.nowMs % restartEveryMs === 0) world.restartOperator();
  }
}

function rollsWithin(world: MemoryWorld, fromMs: number, forMs: number): number {
  return world.cluster.writes.filter(
    ({ kind, atMs }) => kind === "apply" && atMs > fromMs && atMs <= fromMs + forMs,
  ).length;
}

describe("template delivery, with a value that is put back all day long", () => {
  it.each(disagreements)("$name", slow, async (disagreement) => {
    const world = new MemoryWorld({ admission: false });
    world.policy("orders", { delivery: "Template" });
    world.deployment("web");
    const startMs = world.nowMs;

    await disagree(world, dayMs, disagreement);
    await disagree(world, dayMs, { ...disagreement, everyMs: 10 * minuteMs });

    expect(rollsWithin(world, startMs, dayMs)).toBeLessThanOrEqual(firstDayRolls);
    expect(rollsWithin(world, startMs, dayMs)).toBeGreaterThan(1);
    expect(rollsWithin(world, startMs + dayMs, dayMs)).toBeLessThanOrEqual(1);
    const findings = world.status("orders").findings ?? [];
    const finding = findings.find(({ reason }) => reason === "RevertedByOther");
    expect(finding?.message).toContain("argocd-controller has put the entries back to 50");
  });

  it("once the other gives in, the next change is not held back for its sake", slow, async () => {
    const world = new MemoryWorld({ admission: false });
    world.policy("orders", { delivery: "Template" });
    world.deployment("web");
    await disagree(world, 2 * 60 * minuteMs, gentle);
    // The manifest is mended; our next roll is at most one pause away.
    await world.pass(dayMs, 10 * minuteMs);
    expect(world.nextPodSize("web")).not.toBe(50);
    const rolls = world.rolls.length;

    world.policy("orders", { delivery: "Template", reserve: { connections: 40 } });
    await world.pass(10 * minuteMs, 10_000);

    expect(world.rolls.length).toBe(rolls + 1);
    expect(world.deploymentNow("web").annotations["poolwarden.dev/reverts"]).toBe("0");
    expect(world.status("orders").findings).toEqual([]);
  });
});

it(
  "with admission nothing is fought over: one roll, whatever the manifest says",
  slow,
  async () => {
    const world = new MemoryWorld();
    world.policy("orders");
    world.deployment("web");

    await disagree(world, 60 * minuteMs, gentle);

    expect(world.rolls).toEqual(["web"]);
    expect(world.status("orders").findings).toEqual([]);
    const share = world.grant("orders", "web");
    expect(world.podSizes("web")).toEqual([share, share, share]);
  },
);
