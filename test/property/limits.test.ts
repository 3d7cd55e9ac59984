// Laws of the allocation within several limits at once, whose members may overlap. The optimum is
// the one of allocation.test.ts, with a step allowed only where every limit of the request has the
// slots for it; on small cases it is held against all allocations that there are.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ShareRequest, LimitOfRequests } from "../../src/domain/demand/share-request.ts";
import { allocate, type ShareTerms } from "../../src/domain/decide/shares.ts";
import { allAllocations, fits, levelOf, stepByStep, totalIn } from "./allocation-model.ts";
import { requests, shareTerms } from "./arbitraries.ts";

interface Scene {
  readonly list: readonly ShareRequest[];
  readonly terms: ShareTerms;
  readonly limits: readonly LimitOfRequests[];
}

/** `most` requests, and two or three limits, each of a part of them that its floors fit. */
function scenes(most: number): fc.Arbitrary<Scene> {
  const limit = fc.record({
    members: fc.array(fc.boolean(), { minLength: most, maxLength: most }),
    spareSlots: fc.nat(40),
    rolloutsMax: fc.nat(2),
  });
  const drawn = fc.tuple(
    requests(most),
    shareTerms,
    fc.array(limit, { minLength: 2, maxLength: 3 }),
  );
  return drawn.map(([list, terms, given]) => {
    const floors = list.map(({ floor }) => floor);
    const limits = given.map(({ members, spareSlots, rolloutsMax }) => {
      const indexes = [...list.keys()].filter((index) => members[index]);
      const unbounded = { slots: Infinity, rolloutsMax, indexes };
      return { ...unbounded, slots: totalIn(list, floors, unbounded) + spareSlots };
    });
    return { list, terms, limits };
  });
}

function sharesOf({ list, terms, limits }: Scene): readonly number[] {
  const { poolSizes, missingSlots } = allocate(list, terms, limits);
  fc.pre(missingSlots === 0);
  return poolSizes;
}

describe("allocate within limits", () => {
  test("is one step at a time to whoever has least per weight and room in all limits", () => {
    fc.assert(
      fc.property(scenes(6), (scene) => {
        const { list, terms, limits } = scene;
        expect(sharesOf(scene)).toEqual(stepByStep(list, terms, limits));
      }),
      { numRuns: 3000 },
    );
  });

  test("exceeds none, and leaves nothing that anybody could still use", () => {
    fc.assert(
      fc.property(scenes(6), (scene) => {
        const { list, terms, limits } = scene;
        const sizes = sharesOf(scene);
        expect(fits(list, sizes, terms, limits)).toBe(true);
        list.forEach(({ ceiling, plannedPods }, index) => {
          const size = sizes[index] ?? 0;
          if (size === ceiling || plannedPods === 0) return;
          expect(fits(list, sizes.with(index, size + 1), terms, limits)).toBe(false);
        });
      }),
      { numRuns: 1000 },
    );
  });

  test("cannot give anybody more without leaving somebody with less than that", () => {
    fc.assert(
      fc.property(scenes(3), (scene) => {
        const { list, terms, limits } = scene;
        const sizes = sharesOf(scene);
        const planned = [...list.keys()].filter((index) => list[index]?.plannedPods !== 0);
        const levelIn = (one: readonly number[], index: number): number =>
          levelOf(list[index] as ShareRequest, one[index] ?? 0, terms);
        for (const other of allAllocations(list, terms)) {
          if (!fits(list, other, terms, limits)) continue;
          const losers = planned.filter((index) => (other[index] ?? 0) < (sizes[index] ?? 0));
          const least = Math.min(...losers.map((index) => levelIn(other, index)));
          for (const index of planned) {
            if ((other[index] ?? 0) <= (sizes[index] ?? 0)) continue;
            expect(least).toBeLessThan(levelIn(other, index));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("is the plain allocation where every limit has room for all ceilings", () => {
    fc.assert(
      fc.property(scenes(6), ({ list, terms, limits }) => {
        const wide = limits.map((limit) => ({ ...limit, slots: 1_000_000 }));
        expect(allocate(list, terms, wide)).toEqual(allocate(list, terms));
      }),
    );
  });
});
