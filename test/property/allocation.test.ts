// Laws of the allocation. The optimum is stated exactly: give everybody the floor; then, again and
// again, one step to whoever has least per weight (ties: by name), leaving out for good whom a step
// does not fit. That is max-min fairness with what rounding leaves over handed out by largest
// deficit. Held against all allocations that there are, on small cases: the level that everybody
// below the ceiling reaches is the greatest possible one, and no step could be taken from somebody
// for one who has less. Where all steps cost the same, the whole list of levels is the
// lexicographic optimum.
//
// A larger budget, or one who leaves, never takes from anybody the level that everybody had before.
// Only where all steps cost the same does nobody lose anything at all: a leftover of four slots
// that was one step of a small service may with three more be one step of a big one.

import { poolKeyOf } from "../../src/api/keys.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ShareRequest } from "../../src/domain/demand/share-request.ts";
import { allocate, type ShareTerms } from "../../src/domain/decide/shares.ts";
import { aSizing } from "../support/builders.ts";
import {
  allAllocations,
  commonLevel,
  compareLists,
  isAtLeast,
  levelOf,
  sizesAtLevel,
  sortedLevels,
  stepByStep,
  totalOf,
} from "./allocation-model.ts";
import { requests, shareTerms } from "./arbitraries.ts";

const few = requests(3);
const some = requests(6);
/** Every step of everybody costs as many slots. */
const alike = alikeOf(some);

function alikeOf(list: typeof some): typeof some {
  return list.map((each) =>
    each.map((request) => ({
      ...request,
      sizing: { ...request.sizing, weight: 1, processesPerPod: 1, extraConnectionsPerPod: 0 },
      plannedPods: 3,
      roomPods: 3,
    })),
  );
}

/** Of each two, both ways, the shares if one of them gave a step to the other. */
function* exchanges(list: readonly ShareRequest[], sizes: readonly number[]): Generator<Exchange> {
  for (const [from, giver] of list.entries()) {
    for (const [to, taker] of list.entries()) {
      const [left, taken] = [(sizes[from] ?? 0) - 1, (sizes[to] ?? 0) + 1];
      if (from === to || left < giver.floor || taken > taker.ceiling) continue;
      yield { giver, taker, left, had: taken - 1, moved: sizes.with(from, left).with(to, taken) };
    }
  }
}

interface Exchange {
  readonly giver: ShareRequest;
  readonly taker: ShareRequest;
  /** What the giver keeps. */
  readonly left: number;
  /** What the taker had. */
  readonly had: number;
  readonly moved: readonly number[];
}

/** Floors that do not fit have a test of their own. */
function sharesOf(list: readonly ShareRequest[], terms: ShareTerms): readonly number[] {
  const { poolSizes, missingSlots } = allocate(list, terms);
  fc.pre(missingSlots === 0);
  return poolSizes;
}

describe("allocate", () => {
  test("keeps within the budget, floors and ceilings, or says how many slots the floors lack", () => {
    fc.assert(
      fc.property(some, shareTerms, (list, terms) => {
        const { poolSizes, missingSlots } = allocate(list, terms);
        const floors = list.map(({ floor }) => floor);
        const lacking = totalOf(list, floors, terms) - terms.budgetSlots;
        expect(missingSlots).toBe(Math.max(0, lacking));
        if (missingSlots > 0) expect(poolSizes).toEqual(floors);
        else expect(totalOf(list, poolSizes, terms)).toBeLessThanOrEqual(terms.budgetSlots);
        list.forEach(({ floor, ceiling }, index) => {
          expect(poolSizes[index]).toBeGreaterThanOrEqual(floor);
          expect(poolSizes[index]).toBeLessThanOrEqual(ceiling);
        });
      }),
      { numRuns: 300 },
    );
  });

  test("is one step at a time to whoever has least per weight", () => {
    fc.assert(
      fc.property(some, shareTerms, (list, terms) => {
        expect(sharesOf(list, terms)).toEqual(stepByStep(list, terms));
      }),
      { numRuns: 1000 },
    );
  });

  test("leaves nothing that anybody could still use", () => {
    fc.assert(
      fc.property(some, shareTerms, (list, terms) => {
        const sizes = sharesOf(list, terms);
        list.forEach(({ ceiling, plannedPods }, index) => {
          const size = sizes[index] ?? 0;
          if (size === ceiling || plannedPods === 0) return;
          const more = totalOf(list, sizes.with(index, size + 1), terms);
          expect(more).toBeGreaterThan(terms.budgetSlots);
        });
      }),
    );
  });

  test("takes no step that would fit one who has less", () => {
    fc.assert(
      fc.property(some, shareTerms, (list, terms) => {
        const sizes = sharesOf(list, terms);
        for (const { giver, taker, left, had, moved } of exchanges(list, sizes)) {
          if (levelOf(giver, left, terms) <= levelOf(taker, had, terms)) continue;
          expect(totalOf(list, moved, terms)).toBeGreaterThan(terms.budgetSlots);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("of all allocations that there are", () => {
  test("none has more for everybody below the ceiling", () => {
    fc.assert(
      fc.property(few, shareTerms, (list, terms) => {
        const sizes = sharesOf(list, terms);
        const best = [...allAllocations(list, terms)]
          .map((one) => commonLevel(list, one, terms))
          .reduce((a, b) => Math.max(a, b), -Infinity);
        expect(commonLevel(list, sizes, terms)).toBe(best);
      }),
    );
  });

  test("none is better in the sense of max-min fairness where all steps cost the same", () => {
    fc.assert(
      fc.property(alikeOf(few), shareTerms, (list, terms) => {
        const sizes = sharesOf(list, terms);
        const best = [...allAllocations(list, terms)]
          .map((one) => sortedLevels(list, one, terms))
          .reduce((a, b) => (compareLists(b, a) > 0 ? b : a));
        expect(sortedLevels(list, sizes, terms)).toEqual(best);
      }),
    );
  });
});

describe("what does not matter", () => {
  const factors = fc.integer({ min: 2, max: 9 });

  test("the scale of the weights", () => {
    fc.assert(
      fc.property(some, shareTerms, factors, (list, terms, factor) => {
        const scaled = list.map((request) => ({
          ...request,
          sizing: { ...request.sizing, weight: request.sizing.weight * factor },
        }));
        expect(allocate(scaled, terms)).toEqual(allocate(list, terms));
      }),
    );
  });

  test("the scale of budget and pods together", () => {
    fc.assert(
      fc.property(some, shareTerms, factors, (list, terms, factor) => {
        const scaled = list.map((request) => ({
          ...request,
          plannedPods: request.plannedPods * factor,
          roomPods: request.roomPods * factor,
        }));
        const budgetSlots = terms.budgetSlots * factor;
        const { poolSizes, missingSlots } = allocate(list, terms);
        const wanted = { poolSizes, missingSlots: missingSlots * factor };
        expect(allocate(scaled, { ...terms, budgetSlots })).toEqual(wanted);
      }),
    );
  });

  test("the order, where nobody has as much per weight as another", () => {
    const primes = [1009, 1013, 1019, 1021, 1031, 1033];
    const untied = some.map((list) =>
      list.map((request, index) => {
        const weight = request.sizing.weight * (primes[index] ?? 1);
        return { ...request, sizing: { ...request.sizing, weight } };
      }),
    );
    const orders = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
    fc.assert(
      fc.property(untied, orders, shareTerms, (list, order, terms) => {
        const turn = <T>(each: readonly T[]): T[] => order.flatMap((index) => each[index] ?? []);
        expect(sharesOf(turn(list), terms)).toEqual(turn(sharesOf(list, terms)));
      }),
    );
  });
});

describe("with more budget", () => {
  test("nobody falls below the level that everybody had", () => {
    fc.assert(
      fc.property(some, shareTerms, fc.nat(40), (list, terms, more) => {
        const before = sharesOf(list, terms);
        const level = commonLevel(list, before, terms);
        const after = sharesOf(list, { ...terms, budgetSlots: terms.budgetSlots + more });
        expect(isAtLeast(list, after, sizesAtLevel(list, level, terms))).toBe(true);
      }),
    );
  });

  test("nobody loses at all where all steps cost the same", () => {
    fc.assert(
      fc.property(alike, shareTerms, fc.nat(40), (list, terms, more) => {
        const before = sharesOf(list, terms);
        const after = sharesOf(list, { ...terms, budgetSlots: terms.budgetSlots + more });
        expect(isAtLeast(list, after, before)).toBe(true);
      }),
    );
  });
});

test("where steps are uneven, a larger budget may move a leftover from one to another", () => {
  const request = (name: string, plannedPods: number): ShareRequest => {
    const sizing = aSizing({ processesPerPod: 1, extraConnectionsPerPod: 0 });
    return { key: poolKeyOf(name), sizing, plannedPods, roomPods: 0, floor: 1, ceiling: 9 };
  };
  const list = [request("big", 7), request("small", 4)];
  const terms: Omit<ShareTerms, "budgetSlots"> = { rolloutsMax: 1, basis: "Pod" };
  expect(allocate(list, { ...terms, budgetSlots: 15 }).poolSizes).toEqual([1, 2]);
  expect(allocate(list, { ...terms, budgetSlots: 18 }).poolSizes).toEqual([2, 1]);
});

describe("when one leaves", () => {
  function without(list: readonly ShareRequest[], leaver: number): ShareRequest[] {
    return list.filter((_, index) => index !== leaver % list.length);
  }

  test("nobody falls below the level that everybody had", () => {
    fc.assert(
      fc.property(some, shareTerms, fc.nat(5), (list, terms, leaver) => {
        fc.pre(list.length > 0);
        const level = commonLevel(list, sharesOf(list, terms), terms);
        const rest = without(list, leaver);
        expect(isAtLeast(rest, sharesOf(rest, terms), sizesAtLevel(rest, level, terms))).toBe(true);
      }),
    );
  });

  test("nobody loses at all where all steps cost the same", () => {
    fc.assert(
      fc.property(alike, shareTerms, fc.nat(5), (list, terms, leaver) => {
        fc.pre(list.length > 0);
        const before = sharesOf(list, terms);
        const rest = without(list, leaver);
        const kept = before.filter((_, index) => index !== leaver % list.length);
        expect(isAtLeast(rest, sharesOf(rest, terms), kept)).toBe(true);
      }),
    );
  });
});
