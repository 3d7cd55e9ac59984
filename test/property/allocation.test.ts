// Laws of the allocation. The optimum is stated exactly: give everybody the floor; then, again and
// again, one step to whoever has least per weight (ties: by name), leaving out for good whom a step
// does not fit. That is max-min fairness with what rounding leaves over handed out by largest
// deficit. Its least level is the greatest possible one; where all steps cost the same, the whole
// list of levels is the lexicographic optimum. Where steps are uneven, a larger budget may move
// leftovers from one to another: nobody falls below the level that everybody had before.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate, type Claim, type ShareTerms, totalSlots } from "../../src/domain/shares.ts";
import { slotsPerPod } from "../../src/domain/slots.ts";
import { claims, shareTerms } from "./arbitraries.ts";

const few = claims(3);
const some = claims(6);

/** What a share amounts to per weight: slots of all planned pods, or pool size of one pod. */
function levelOf(claim: Claim, poolSize: number, { basis }: ShareTerms): number {
  const { sizing, plannedPods } = claim;
  const amount = basis === "Pod" ? poolSize : plannedPods * slotsPerPod(sizing, poolSize);
  return amount / sizing.weight;
}

/** The definition above, word by word; O(steps x n). */
function stepByStep(list: readonly Claim[], terms: ShareTerms): number[] {
  const sizes = list.map(({ floor }) => floor);
  const open = new Set(list.keys());
  const levelAt = (index: number): number =>
    levelOf(list[index] as Claim, sizes[index] ?? 0, terms);
  while (open.size > 0) {
    const index = [...open].reduce((least, one) => (levelAt(one) < levelAt(least) ? one : least));
    const { ceiling, plannedPods } = list[index] as Claim;
    const next = sizes.with(index, (sizes[index] ?? 0) + 1);
    const isAllowed = plannedPods > 0 && (sizes[index] ?? 0) < ceiling;
    if (isAllowed && totalSlots(list, next, terms) <= terms.budgetSlots) {
      sizes[index] = next[index] ?? 0;
    } else open.delete(index);
  }
  return sizes;
}

/** Every allocation within floors, ceilings and budget. */
function* allAllocations(list: readonly Claim[], terms: ShareTerms): Generator<number[]> {
  function* extend(sizes: number[]): Generator<number[]> {
    const claim = list[sizes.length];
    if (!claim) {
      if (totalSlots(list, sizes, terms) <= terms.budgetSlots) yield sizes;
      return;
    }
    for (let size = claim.floor; size <= claim.ceiling; size++) yield* extend([...sizes, size]);
  }
  yield* extend([]);
}

function sortedLevels(
  list: readonly Claim[],
  sizes: readonly number[],
  terms: ShareTerms,
): number[] {
  return list.map((claim, i) => levelOf(claim, sizes[i] ?? 0, terms)).sort((a, b) => a - b);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, i) => value !== b[i]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** The largest pool size at which a claim has no more per weight than `level`. */
function isAtLeast(
  list: readonly Claim[],
  sizes: readonly number[],
  least: readonly number[],
): boolean {
  return list.every((_, index) => (sizes[index] ?? 0) >= (least[index] ?? 0));
}

/** The smallest sizes at which everybody below the ceiling has at least `level`. */
function sizesAtLevel(list: readonly Claim[], level: number, terms: ShareTerms): number[] {
  return list.map((claim) => {
    let size = claim.floor;
    while (size < claim.ceiling && levelOf(claim, size, terms) < level) size += 1;
    return size;
  });
}

/** The least level of those that are not at their ceiling; infinite if all are. */
function commonLevel(list: readonly Claim[], sizes: readonly number[], terms: ShareTerms): number {
  const open = list.filter(({ ceiling }, index) => (sizes[index] ?? 0) < ceiling);
  return Math.min(...open.map((c) => levelOf(c, sizes[list.indexOf(c)] ?? 0, terms)));
}

describe("allocate", () => {
  test("keeps within the budget, floors and ceilings, or says how many slots the floors lack", () => {
    fc.assert(
      fc.property(some, shareTerms, (list, terms) => {
        const { poolSizes, missingSlots } = allocate(list, terms);
        const total = totalSlots(list, poolSizes, terms);
        expect(missingSlots).toBe(Math.max(0, total - terms.budgetSlots));
        if (missingSlots > 0) expect(poolSizes).toEqual(list.map(({ floor }) => floor));
        list.forEach(({ floor, ceiling }, index) => {
          expect(poolSizes[index]).toBeGreaterThanOrEqual(floor);
          expect(poolSizes[index]).toBeLessThanOrEqual(ceiling);
        });
      }),
    );
  });

  test("is one step at a time to whoever has least per weight", () => {
    fc.assert(
      fc.property(some, shareTerms, (list, terms) => {
        const { poolSizes, missingSlots } = allocate(list, terms);
        fc.pre(missingSlots === 0);
        expect(poolSizes).toEqual(stepByStep(list, terms));
      }),
      { numRuns: 1000 },
    );
  });

  test("leaves nothing that anybody could still use", () => {
    fc.assert(
      fc.property(some, shareTerms, (list, terms) => {
        const { poolSizes, missingSlots } = allocate(list, terms);
        fc.pre(missingSlots === 0);
        list.forEach(({ ceiling, plannedPods }, index) => {
          const size = poolSizes[index] ?? 0;
          if (size === ceiling || plannedPods === 0) return;
          const more = totalSlots(list, poolSizes.with(index, size + 1), terms);
          expect(more).toBeGreaterThan(terms.budgetSlots);
        });
      }),
    );
  });

  test("makes the least level as great as any allocation could", () => {
    fc.assert(
      fc.property(few, shareTerms, (list, terms) => {
        const { poolSizes, missingSlots } = allocate(list, terms);
        fc.pre(missingSlots === 0 && list.length > 0);
        const best = [...allAllocations(list, terms)]
          .map((sizes) => sortedLevels(list, sizes, terms)[0] ?? 0)
          .reduce((a, b) => Math.max(a, b));
        expect(sortedLevels(list, poolSizes, terms)[0]).toBe(best);
      }),
    );
  });

  test("is the lexicographic max-min optimum where all steps cost the same", () => {
    const alike = few.map((list) =>
      list.map((claim) => ({
        ...claim,
        sizing: { ...claim.sizing, weight: 1, processesPerPod: 1, extraConnectionsPerPod: 0 },
        plannedPods: 2,
        roomPods: 2,
      })),
    );
    fc.assert(
      fc.property(alike, shareTerms, (list, terms) => {
        const { poolSizes, missingSlots } = allocate(list, terms);
        fc.pre(missingSlots === 0);
        const best = [...allAllocations(list, terms)]
          .map((sizes) => sortedLevels(list, sizes, terms))
          .reduce((a, b) => (compareLists(b, a) > 0 ? b : a));
        expect(sortedLevels(list, poolSizes, terms)).toEqual(best);
      }),
    );
  });

  test("does not depend on the scale of the weights", () => {
    fc.assert(
      fc.property(some, shareTerms, fc.integer({ min: 2, max: 9 }), (list, terms, factor) => {
        const scaled = list.map((claim) => ({
          ...claim,
          sizing: { ...claim.sizing, weight: claim.sizing.weight * factor },
        }));
        expect(allocate(scaled, terms)).toEqual(allocate(list, terms));
      }),
    );
  });

  test("with more budget nobody falls below the level that everybody had", () => {
    fc.assert(
      fc.property(some, shareTerms, fc.nat(40), (list, terms, more) => {
        const before = allocate(list, terms);
        fc.pre(before.missingSlots === 0);
        const level = commonLevel(list, before.poolSizes, terms);
        const after = allocate(list, { ...terms, budgetSlots: terms.budgetSlots + more });
        const least = sizesAtLevel(list, level, terms);
        expect(isAtLeast(list, after.poolSizes, least)).toBe(true);
      }),
    );
  });

  test("when one leaves nobody falls below the level that everybody had", () => {
    fc.assert(
      fc.property(some, shareTerms, fc.nat(5), (list, terms, leaver) => {
        const before = allocate(list, terms);
        fc.pre(before.missingSlots === 0 && list.length > 0);
        const level = commonLevel(list, before.poolSizes, terms);
        const rest = list.filter((_, index) => index !== leaver % list.length);
        const after = allocate(rest, terms);
        expect(isAtLeast(rest, after.poolSizes, sizesAtLevel(rest, level, terms))).toBe(true);
      }),
    );
  });

  test("with more budget nobody loses at all where all steps cost the same", () => {
    const alike = some.map((list) =>
      list.map((claim) => ({
        ...claim,
        sizing: { ...claim.sizing, weight: 1, processesPerPod: 1, extraConnectionsPerPod: 0 },
        plannedPods: 3,
        roomPods: 3,
      })),
    );
    fc.assert(
      fc.property(alike, shareTerms, fc.nat(40), (list, terms, more) => {
        const before = allocate(list, terms);
        fc.pre(before.missingSlots === 0);
        const after = allocate(list, { ...terms, budgetSlots: terms.budgetSlots + more });
        expect(isAtLeast(list, after.poolSizes, before.poolSizes)).toBe(true);
      }),
    );
  });
});
