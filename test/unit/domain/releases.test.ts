// Who starts: pods behind the gate whose slots are there, in turns of their workloads, and nobody
// else. On the whole plan, because shares, limits and resizes are a part of it.

import { describe, expect, test } from "vitest";
import type { PodFacts, PoolFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import {
  aGrant,
  aPolicy,
  aSizing,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

let made = 0;

function running(sizes: readonly number[], more: Partial<PodFacts> = {}): PodFacts[] {
  return sizes.flatMap((poolSize) => {
    const live = { size: poolSize, touches: 0, isResized: true as const };
    return pods(1, { name: `shop/old-${(made += 1)}`, poolSize, live, ...more });
  });
}

function waitingOf(ages: readonly number[], name = "new"): PodFacts[] {
  return ages.flatMap((age) =>
    pods(1, {
      name: `shop/${name}-${age}`,
      createdAtMs: startMs - age * 1_000,
      gate: { place: 0 },
    }),
  );
}

interface Gated {
  readonly name?: string;
  readonly sizes?: readonly number[];
  readonly ages?: readonly number[];
  readonly more?: Partial<PoolFacts>;
  readonly floor?: number;
}

function gated({ name = "web", sizes = [], ages = [], more = {}, floor = 3 }: Gated): PoolFacts {
  return aWorkload(name, {
    ...{ pods: running(sizes), replicas: sizes.length + ages.length },
    ...(ages.length > 0 && { waitingPods: waitingOf(ages, name) }),
    ...{ live: true, start: "WhenSlotsAreFree", sizing: { floor, ceiling: 100 } },
    ...{ grant: aGrant(floor, { gatedFromMs: startMs - 60_000 }), maxPods: 50 },
    ...more,
  });
}

function decided(workloads: readonly PoolFacts[], more: object = {}): Plan {
  return plan(aSnapshot({ workloads, ...more }), startMs);
}

function released({ live }: Plan): string[] {
  return live.releases.map(({ pod, poolSize }) => `${pod.name.slice(5)} ${poolSize}`);
}

describe("of a budget of 187 slots", () => {
  test("all but the room to start is for those that run, whoever may come", () => {
    const { live, exposure } = decided([gated({ sizes: [20, 20] })]);
    expect(live.resizes.map(({ poolSize }) => poolSize)).toEqual([89, 88]);
    expect(exposure.slots).toBe(177);
  });

  test("what the room to start lacks is given back by those that run, and they do not wait for it", () => {
    const { live } = decided([gated({ sizes: [93, 92] })]);
    expect(live.resizes.map(({ why, poolSize }) => `${why} ${poolSize}`)).toEqual([
      "Shrink 89",
      "Shrink 88",
    ]);
    expect(live.lackingSlots.size).toBe(0);
  });

  test("a pod starts with its share where that is free", () => {
    expect(released(decided([gated({ sizes: [20, 20], ages: [1] })]))).toEqual(["web-1 59"]);
  });

  test("it starts with what is free of its share, and at least with the floor", () => {
    expect(released(decided([gated({ sizes: [84, 84], ages: [1] })]))).toEqual(["web-1 9"]);
    expect(released(decided([gated({ sizes: [92, 92], ages: [1] })]))).toEqual(["web-1 3"]);
  });

  test("where its floor is not free it waits, and running pods make room", () => {
    const { live } = decided([gated({ sizes: [93, 92], ages: [1] })]);
    expect(live.releases).toEqual([]);
    expect(live.resizes.map(({ why }) => why)).toEqual(["Shrink"]);
    expect([...live.lackingSlots.values()]).toEqual([3]);
  });

  test("one that does not go by its size starts when there is room for what it will hold", () => {
    const own = { poolSize: 50, source: "annotation", setElsewhere: "JAVA_OPTS" } as const;
    const waitingPods = waitingOf([1]).map((pod) => ({
      ...pod,
      own,
      sizedByOthers: true as const,
    }));
    const { live } = decided([gated({ sizes: [70, 70], more: { waitingPods, replicas: 3 } })]);
    expect(live.releases).toEqual([]);
    expect([...live.lackingSlots.values()]).toEqual([50]);
    expect(
      released(decided([gated({ sizes: [60, 60], more: { waitingPods, replicas: 3 } })])),
    ).toEqual(["new-1 3"]);
  });

  test("nobody makes room for one that needs more than there is, nor waits for it", () => {
    const own = { poolSize: 1_000, source: "annotation", setElsewhere: "args" } as const;
    const waitingPods = waitingOf([1]).map((pod) => ({ ...pod, own }));
    const { live } = decided([
      gated({ sizes: [70], more: { waitingPods, replicas: 2 } }),
      gated({ name: "api", sizes: [3] }),
    ]);
    expect(live.releases).toEqual([]);
    expect([live.lackingSlots.size, [...live.unfitting]]).toEqual([0, [1]]);
    expect(live.resizes.map(({ why }) => why)).toContain("Grow");
  });

  test("nobody grows where somebody waits", () => {
    const small = gated({ name: "api", sizes: [3] });
    const { live } = decided([small, gated({ sizes: [91, 91], ages: [1] })]);
    expect(live.releases).toEqual([]);
    expect(live.resizes.filter(({ why }) => why === "Grow")).toEqual([]);
  });

  test("with one slot more everybody is served", () => {
    const small = gated({ name: "api", sizes: [3] });
    const { live } = decided([small, gated({ sizes: [91, 90], ages: [1] })]);
    expect(live.releases).toHaveLength(1);
  });

  test("the oldest of a workload comes first", () => {
    const found = decided([gated({ ages: [1, 9, 5], sizes: [61, 61, 61] })]);
    expect(released(found)).toEqual(["web-9 3"]);
  });

  test("who holds the fewest slots comes first, then the oldest", () => {
    const many = gated({ name: "api", sizes: [30, 30, 30, 30, 30, 30], ages: [90, 80] });
    const few = gated({ name: "web", sizes: [], ages: [2, 1] });
    expect(released(decided([many, few]))).toEqual(["web-2 3", "web-1 3"]);
  });

  test("who has twice the weight may hold twice as much", () => {
    const heavy = gated({ name: "api", sizes: [91, 90], ages: [9, 8] });
    const light = gated({ name: "web", sizes: [3], ages: [2, 1] });
    const weighted = { ...heavy, sizing: { ...heavy.sizing, weight: 4 } };
    expect(released(decided([heavy, light]))).toEqual(["web-2 3"]);
    expect(released(decided([weighted, light]))).toEqual(["api-9 3"]);
  });

  test("a rollout goes on in waves, and floors that have no room for all of it are no mistake", () => {
    const old = running(new Array<number>(20).fill(9), { revision: "r0" });
    const more = { pods: old, replicas: 20, rollingOut: true, updatedReplicas: 0 };
    const { live, floors } = decided([
      gated({ ages: [9, 8, 7, 6, 5, 4, 3, 2, 1], floor: 8, more }),
    ]);
    expect(live.releases).toEqual([]);
    expect(live.resizes.every(({ poolSize, why }) => why === "Shrink" && poolSize === 8)).toBe(
      true,
    );
    expect(floors.missingSlots).toBe(0);
  });

  test("pods that are missing and do not fit at their floors are infeasible", () => {
    const { floors } = decided([gated({ sizes: [90, 90], ages: [3, 2, 1], floor: 40 })]);
    expect(floors.missingSlots).toBe(5 * 40 - 187);
  });

  test("a pool of restarts keeps its share while somebody else rolls out", () => {
    const other = aWorkload("api", { pods: pods(3, { poolSize: 20 }), grant: aGrant(20) });
    const old = running(new Array<number>(4).fill(10), { revision: "r0" });
    const more = { pods: old, replicas: 4, rollingOut: true, updatedReplicas: 0 };
    const shareOf = (found: Plan): number =>
      found.pools.find(({ position }) => position.workload.name === "api")?.share ?? 0;
    const before = decided([other, gated({ more: { ...more, rollingOut: false } })]);
    const during = decided([other, gated({ ages: [4, 3, 2, 1], more })]);
    expect(shareOf(during)).toBe(shareOf(before));
  });

  test("pods that end count with what they hold, and their successors wait", () => {
    const ending = running([90, 90], { terminating: true });
    const { exposure, live } = decided([gated({ ages: [2, 1], more: { pods: ending } })]);
    expect(exposure.slots).toBe(180 + 2 * 3);
    expect(live.releases.map(({ poolSize }) => poolSize)).toEqual([3, 3]);
  });
});

describe("nothing is released", () => {
  const one = gated({ sizes: [20], ages: [1] });
  test.each([
    { why: "on caches that are not synced", more: { synced: false } },
    { why: "while a write of a dead process may arrive", more: { quietUntilMs: startMs + 1 } },
    { why: "while sizes were never read", more: { unreadIn: ["shop"] } },
    {
      why: "of a policy whose secret cannot be used",
      more: {
        policies: [aPolicy("orders", { failure: { reason: "SecretNotFound", message: "gone" } })],
      },
    },
  ])("$why", ({ more }) => {
    expect(released(decided([one], more))).toEqual([]);
  });

  test("of a workload that was deleted: its pods are deleted as well", () => {
    const gone = gated({ sizes: [20], ages: [1], more: { exists: false } });
    expect(released(decided([gone]))).toEqual([]);
  });
});

describe("where its pool has no gate any more a pod starts at once", () => {
  test.each<{ why: string; more: Partial<PoolFacts> }>([
    { why: "because the entry asks for none", more: { start: undefined as never } },
    { why: "because its pods cannot be resized", more: { live: undefined as never } },
  ])("$why", ({ more }) => {
    const said = { ...more, grant: aGrant(3) };
    const full = gated({ sizes: [93, 94], ages: [2, 1], more: said });
    expect(released(decided([full]))).toEqual(["web-2 3", "web-1 3"]);
  });

  test("once the status says so, because others decide by it", () => {
    const more = { start: undefined as never };
    expect(released(decided([gated({ sizes: [93, 94], ages: [2, 1], more })]))).toEqual([]);
  });
});

test("until the gate is in force everywhere, what may come counts, and pods that wait are of it", () => {
  const soon = aGrant(3, { gatedFromMs: startMs + 1_000 });
  const found = decided([gated({ sizes: [20], ages: [1], more: { grant: soon, maxPods: 10 } })]);
  // The one that runs may have 100; nine more may come, and ten in a rollout.
  expect(found.exposure.slots).toBe(100 + 9 * 3 + 10 * 3);
  expect(released(found)).toEqual(["web-1 3"]);
  expect(found.recheckAfterMs).toBe(1_000);
});

describe("a pod that waits for the quota of its namespace", () => {
  const bank = { namespace: "bank", policy: "bank/ledger" };
  const scene = (
    namespaceQuotas: Snapshot["namespaceQuotas"],
    { ceiling = 100, sizes = [30, 30] } = {},
  ): Plan => {
    const more = { sizing: aSizing({ floor: 3, ceiling }) };
    const policies = [aPolicy("orders"), aPolicy("ledger", { namespace: "bank" })];
    const workloads = [
      gated({ name: "web", sizes, more }),
      gated({ name: "held", sizes: [60], floor: 60, more: bank }),
      gated({ name: "next", ages: [30], floor: 70, more: bank }),
    ];
    return decided(workloads, { policies, namespaceQuotas });
  };
  const quotas = [{ namespace: "bank", amount: 40, unit: "percent" }] as const;

  test("keeps nobody beside it from growing, and takes nothing from them", () => {
    const { live } = scene(quotas);
    const sizes = live.resizes.map(({ position, why }) => `${position.pool.name} ${why}`);
    expect(live.releases).toEqual([]);
    expect([...live.lackingSlots.values()]).toEqual([70]);
    expect(sizes).toEqual(["held Shrink", "web Grow", "web Grow"]);
  });

  test("takes nothing from those beside it that hold more than their share", () => {
    const above = { ceiling: 25, sizes: [55, 60] };
    const shrinks = (one: Plan): string[] =>
      one.live.resizes.filter(({ why }) => why === "Shrink").map((each) => each.position.pool.name);
    expect(shrinks(scene(quotas, above))).toEqual(["held"]);
    expect(shrinks(scene([], above))).toContain("web");
  });

  test("without a quota everybody waits for its slots", () => {
    const { live } = scene([]);
    expect(live.releases).toEqual([]);
    expect(live.resizes.filter(({ why }) => why === "Grow")).toEqual([]);
  });
});
