// Who is resized: what is free is given at once, somebody gives only for somebody who lacks, and
// nothing that is not proven to be free is given on. On the whole plan, because shares, limits and
// grants are a part of it.

import { describe, expect, test } from "vitest";
import type { LivePodFacts, PodFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { planUnit } from "../../../src/domain/decide/plan-unit.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

function podsOf(sizes: readonly number[], live: Partial<LivePodFacts> = {}): PodFacts[] {
  return sizes.flatMap((size, place) =>
    pods(1, {
      name: `shop/web-${place}`,
      poolSize: Math.max(size, live.earlier ?? 0),
      live: { size, touches: 0, isResized: true, ...live },
    }),
  );
}

function liveWorkload(running: readonly PodFacts[], more: object = {}): PoolFacts {
  const sizing = { floor: 3, ceiling: 100 };
  return aWorkload("web", { pods: running, live: true, sizing, grant: aGrant(3), ...more });
}

function decided(workloads: readonly PoolFacts[], more: object = {}): Plan {
  return plan(aSnapshot({ workloads, ...more }), startMs);
}

function said({ live }: Plan): string[] {
  return live.resizes.map(({ pod, poolSize, why }) => {
    return `${why} ${pod.name.slice(5)} ${pod.live?.size ?? 0}→${poolSize}`;
  });
}

describe("of a budget of 187 slots", () => {
  test("pods get all that is not kept for a rollout", () => {
    // 3 pods of 3 may come in a rollout; 178 are left for three.
    expect(said(decided([liveWorkload(podsOf([3, 3, 3]))]))).toEqual([
      "Grow web-0 3→60",
      "Grow web-1 3→59",
      "Grow web-2 3→59",
    ]);
  });

  test("what has its share is left alone, and so is a gain below the tolerance", () => {
    expect(said(decided([liveWorkload(podsOf([60, 59, 59]))]))).toEqual([]);
    expect(said(decided([liveWorkload(podsOf([56, 56, 56]))]))).toEqual([]);
  });

  test("nobody gives where nobody lacks", () => {
    expect(said(decided([liveWorkload(podsOf([62, 57, 57]))]))).toEqual([]);
  });

  test("the largest give for one that has come, and it gets nothing before that is proven", () => {
    const running = podsOf([88, 88, 3]);
    expect(said(decided([liveWorkload(running)]))).toEqual([
      "Shrink web-1 88→59",
      "Shrink web-0 88→60",
    ]);
  });

  test("while shrinks are to be proven nobody else gives for the same lack", () => {
    const shrinking = podsOf([60, 59], { earlier: 88, provableInMs: 1_000 });
    const [fresh] = podsOf([3]);
    const running = fresh ? [...shrinking, { ...fresh, name: "shop/web-9" }] : shrinking;
    expect(said(decided([liveWorkload(running)]))).toEqual([]);
  });

  test("once they are proven the new one grows", () => {
    expect(said(decided([liveWorkload(podsOf([60, 59, 3]))]))).toEqual(["Grow web-2 3→59"]);
  });
});

test("two that lack share what is free, and get no more than that", () => {
  // One of them counts as 100 until it is proven that it has left it: 66 of 187 slots are free.
  const [unproven] = podsOf([43], { earlier: 100, provableInMs: 1_000 });
  const lacking = podsOf([3, 3, 3]).map((pod, place) => ({ ...pod, name: `shop/new-${place}` }));
  const decision = decided([liveWorkload(unproven ? [unproven, ...lacking] : lacking)]);
  expect(said(decision)).toEqual(["Grow new-0 3→44", "Grow new-1 3→28"]);
  expect(decision.exposure.slots).toBeLessThanOrEqual(187);
});

test("the same snapshot after the resizes gives none", () => {
  const first = decided([liveWorkload(podsOf([3, 3, 3]))]);
  const grown = first.live.resizes.map(({ poolSize }) => poolSize);
  expect(said(decided([liveWorkload(podsOf(grown))]))).toEqual([]);
});

test("one that was resized before gets the rest in one change, once that is proven", () => {
  const [unproven] = podsOf([43], { earlier: 100, provableInMs: 1_000 });
  const lacking = [podsOf([3]), podsOf([3], { resizedAtMs: startMs }), podsOf([30])].flat();
  const named = lacking.map((pod, place) => ({ ...pod, name: `shop/new-${place}` }));
  const all = unproven ? [unproven, ...named] : named;
  // 39 slots are free, and the first one lacks 41 of its share: it takes them at once.
  expect(said(decided([liveWorkload(all)]))).toEqual(["Grow new-0 3→42"]);
  const resized = named.map((pod, place) => {
    const [first] = podsOf([3], { resizedAtMs: startMs });
    return place === 0 && first ? { ...first, name: pod.name } : pod;
  });
  const waiting = unproven ? [unproven, ...resized] : resized;
  // Nor does the third one get what the first one waits for.
  expect(said(decided([liveWorkload(waiting)]))).toEqual([]);
  // One that was given up will not free anything: nobody waits for it.
  const given = { size: 43, touches: 3, earlier: 130, seen: 130 };
  const stuck = pods(1, { name: "shop/web-0", poolSize: 130, live: given });
  expect(said(decided([liveWorkload([...stuck, ...resized])]))).toContain("Grow new-0 3→12");
});

describe("in a fleet of a thousand pods at rest", () => {
  type Fleet = readonly (readonly number[])[];

  function workloadsOf(fleet: Fleet): PoolFacts[] {
    return fleet.map((sizes, at) => {
      const name = `web${at}`;
      const running = podsOf(sizes).map((pod, place) => ({
        ...pod,
        name: `shop/${name}-${place}`,
      }));
      const sizing = { floor: 2, ceiling: 50, weight: 1 + (at % 2) };
      return aWorkload(name, { pods: running, live: true, sizing, grant: aGrant(2) });
    });
  }

  function decidedOn(fleet: Fleet): Plan {
    return decided(workloadsOf(fleet), { maxConnections: 10_000 });
  }

  /** As if every pod had followed. */
  function followed(fleet: Fleet, { live }: Plan): Fleet {
    const sizes = new Map(live.resizes.map(({ pod, poolSize }) => [pod.name, poolSize]));
    return fleet.map((own, at) =>
      own.map((size, place) => sizes.get(`shop/web${at}-${place}`) ?? size),
    );
  }

  function settled(fleet: Fleet): { readonly fleet: Fleet; readonly decisions: readonly Plan[] } {
    const decisions: Plan[] = [];
    for (let next = fleet; ; next = followed(next, decisions.at(-1) ?? decidedOn(next))) {
      const decision = decidedOn(next);
      if (decision.live.resizes.length === 0) return { fleet: next, decisions };
      decisions.push(decision);
      if (decisions.length > 10) throw new Error("the fleet does not come to rest");
    }
  }

  const { fleet: atRest } = settled(
    Array.from({ length: 20 }, () => Array.from({ length: 50 }, () => 2)),
  );
  const given = ({ live }: Plan): number[] =>
    live.resizes.flatMap(({ pod, poolSize, why }) =>
      why === "Shrink" ? [(pod.live?.size ?? 0) - poolSize] : [],
    );

  test.each([{ at: 0 }, { at: 7 }, { at: 19 }])(
    "one replica more moves no pod that does not have to give, $at",
    ({ at }) => {
      const more = atRest.map((sizes, place) => (place === at ? [...sizes, 2] : sizes));
      const { decisions, fleet } = settled(more);
      const [first] = decisions;
      const gifts = first ? given(first) : [];
      const needed = (fleet[at]?.at(-1) ?? 0) - 2;
      const sum = gifts.reduce((all, one) => all + one, 0);
      expect(needed).toBeGreaterThan(0);
      // Without the smallest gift it would not have been enough.
      expect(sum - Math.min(...gifts)).toBeLessThan(needed + roomOfOnePod);
      expect(gifts.length).toBeLessThanOrEqual(needed + roomOfOnePod);
      const moved = decisions.flatMap(({ live }) => live.resizes.map(({ pod }) => pod.name));
      expect(moved).toHaveLength(gifts.length + 1);
      expect(new Set(moved).size).toBe(moved.length);
    },
  );

  test("one replica less moves no more pods than it has left slots", () => {
    const fewer = atRest.map((sizes, place) => (place === 3 ? sizes.slice(1) : sizes));
    const { decisions } = settled(fewer);
    const moved = decisions.flatMap(({ live }) => live.resizes);
    expect(moved.length).toBeLessThanOrEqual((atRest[3]?.[0] ?? 0) + roomOfOnePod);
    expect(moved.every(({ why }) => why === "Grow")).toBe(true);
  });

  /** A rollout of one pod more may begin, and the pod itself starts. */
  const roomOfOnePod = 4;
});

test.each([
  { name: "while a change of it is on its way", live: { isPending: true } },
  { name: "while it does not follow", live: { seen: 9 } },
] as const)("a pod is not resized $name", ({ live }) => {
  expect(said(decided([liveWorkload(podsOf([3, 3], live))]))).toEqual([]);
});

describe("of pods whose resizes are refused", () => {
  const refused = (untilMs: number, times = 3): Partial<LivePodFacts> => ({
    refused: { untilMs, sinceMs: startMs - 60_000, message: "denied", times },
  });

  test("none is resized before its time, nobody lacks for it, and nothing is kept for it", () => {
    const later = podsOf([3], refused(startMs + 1));
    const fresh = podsOf([3, 3]).map((pod, place) => ({ ...pod, name: `shop/new-${place}` }));
    const decision = decided([liveWorkload([...later, ...fresh])]);
    expect(said(decision)).toEqual(["Grow new-0 3→60", "Grow new-1 3→59"]);
    expect(decision.live.lackingSlots.size).toBe(0);
    expect(decision.recheckAfterMs).toBe(1);
  });

  test("one of a pool is tried at a time, and the next one a second later", () => {
    const [first, second] = [startMs - 2, startMs - 1].flatMap((ms) => podsOf([3], refused(ms)));
    if (!first || !second) throw new Error("they were built");
    const decision = decided([liveWorkload([{ ...second, name: "shop/web-1" }, first])]);
    expect(said(decision)).toEqual(["Grow web-0 3→91"]);
    expect(decision.recheckAfterMs).toBe(1_000);
  });

  test("one that is touched is no exception", () => {
    const due = { earlier: 20, seen: 9, isTouchDue: true, ...refused(startMs + 1) } as const;
    expect(said(decided([liveWorkload(podsOf([5], due))]))).toEqual([]);
  });

  test("what one holds beyond its share is not taken for slots that come back", () => {
    const holding = liveWorkload(podsOf([120, 90], refused(startMs + 1)));
    expect(decided([holding]).live.excessSlots.size).toBe(0);
    const once = liveWorkload(podsOf([120, 90], refused(startMs + 1, 1)));
    expect(decided([once]).live.excessSlots.size).toBe(1);
  });

  test("a rollout goes before the next try of their growth, and not before that of others", () => {
    const sizing = { floor: 5, ceiling: 20 };
    const api = aWorkload("api", { pods: pods(2, { poolSize: 5 }), sizing, grant: aGrant(20) });
    const plans = [refused(startMs), {}].map((live) => {
      return decided([api, liveWorkload(podsOf([3], live))]);
    });
    expect(plans.map(({ rolls }) => rolls.roll?.index)).toEqual([0, undefined]);
    expect(plans.map((one) => said(one).length)).toEqual([0, 1]);
  });
});

test("a pod that has not followed is touched, with the size that it has", () => {
  const running = podsOf([5], { earlier: 20, seen: 9, isTouchDue: true });
  expect(said(decided([liveWorkload(running)]))).toEqual(["Touch web-0 5→5"]);
});

test("nothing grows on old caches, and what is beyond the budget shrinks all the same", () => {
  const web = liveWorkload(podsOf([3, 3]));
  expect(said(decided([web], { synced: false }))).toEqual([]);
  const over = said(decided([liveWorkload(podsOf([120, 90]))]));
  expect(over).toEqual(["Shrink web-0 120→91"]);
});

test("a pool that needs restarts and waits for slots gets them from running pods", () => {
  const api = aWorkload("api", { pods: pods(2, { poolSize: 5 }), grant: aGrant(5) });
  const decision = decided([api, liveWorkload(podsOf([85, 80]))]);
  expect(decision.live.resizes.map(({ why }) => why)).toContain("Shrink");
  expect(decision.exposure.slots).toBeLessThanOrEqual(187);
});

test("what is kept for a pod on one server is not taken from growth on a server that is tied to it", () => {
  const [large] = podsOf([90], { earlier: 170 });
  const [small] = podsOf([3], { resizedAtMs: startMs - 1 });
  if (!large || !small) throw new Error("two were built");
  const waiting = aSnapshot({ workloads: [liveWorkload([large, { ...small, name: "shop/new" }])] });
  const reports = aPolicy("reports");
  const { key, poolKey, name } = aWorkload("reports");
  const keys = { key, poolKey, name };
  const own = { policy: reports.key };
  const growing = aWorkload("reports", { ...liveWorkload(podsOf([3])), ...keys, ...own });
  const other = aSnapshot({
    ...{ server: "other:5432", policies: [reports], workloads: [growing] },
    maxConnections: 33,
  });
  expect(said(plan(waiting, startMs))).toEqual([]);
  const alone = said(plan(other, startMs));
  expect(alone).toEqual([expect.stringMatching(/^Grow web-0 3→/)]);
  const [, tied] = planUnit([waiting, other], startMs);
  expect(tied && said(tied)).toEqual(alone);
});
