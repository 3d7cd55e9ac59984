// Laws of shares by use, within limits whose members may overlap: what a pool does not use goes to
// those who want it, to the last slot; nobody falls below its floor, nor below its fair share for
// want of anything but use; and no budget or limit is exceeded that was kept without it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { poolKeyOf } from "../../src/api/keys.ts";
import type { LimitOfRequests, ShareRequest } from "../../src/domain/demand/share-request.ts";
import { allocateWithin, type LimitTerms } from "../../src/domain/decide/limit-shares.ts";
import type { ShareTerms } from "../../src/domain/decide/shares.ts";
import { allocateByUse, type WantedSizes } from "../../src/domain/decide/shares-by-use.ts";
import { fits, stepByStep, totalIn } from "./allocation-model.ts";
import { requests, shareTerms } from "./arbitraries.ts";

const most = 6;
const coins = fc.array(fc.nat(4), { minLength: most, maxLength: most });

interface Scene {
  readonly list: readonly ShareRequest[];
  readonly wanted: WantedSizes;
  readonly terms: ShareTerms;
  readonly limits: readonly LimitTerms[];
}

/** Of two namespaces, some of which may not be moved. */
const mixed = fc.tuple(requests(most), coins).map(([list, fates]) =>
  list
    .map((request, index): ShareRequest => {
      const fate = fates[index] ?? 0;
      const key = poolKeyOf(`${fate % 2 === 0 ? "bank" : "shop"}/Deployment/w${index}`);
      const isFixed = fate === 4;
      return { ...request, key, ...(isFixed && { ceiling: request.floor, fixed: true }) };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1)),
);

const limits = fc.array(
  fc.record({
    kind: fc.constant("namespace" as const),
    name: fc.constantFrom("shop", "bank"),
    slots: fc.nat(150),
    rolloutsMax: fc.nat(2),
  }),
  { maxLength: 2 },
);

const scenes: fc.Arbitrary<Scene> = fc.record({
  list: mixed,
  wanted: fc.array(fc.option(fc.nat(25), { nil: undefined }), {
    minLength: most,
    maxLength: most,
  }),
  terms: shareTerms,
  limits,
});

interface Result {
  readonly fair: ReturnType<typeof allocateWithin>;
  readonly sizes: readonly number[];
  readonly bounded: readonly ShareRequest[];
}

function resultOf({ list, wanted, terms, limits: given }: Scene): Result {
  const fair = allocateWithin(list, terms, given);
  const { poolSizes: sizes, requests: bounded } = allocateByUse(list, wanted, {
    terms,
    limits: given,
  });
  return { fair, sizes, bounded };
}

function limitsOf({ list, limits: given }: Scene): readonly LimitOfRequests[] {
  return given.map(({ name, slots, rolloutsMax }) => {
    const indexes = [...list.keys()].filter((at) => list[at]?.key.startsWith(`${name}/`));
    return { slots, rolloutsMax, indexes };
  });
}

/** What a pool may get at most: of its use, where that is known. */
function wants({ floor, ceiling, fixed }: ShareRequest, wanted: number | undefined): number {
  if (fixed === true || wanted === undefined) return ceiling;
  return Math.min(ceiling, Math.max(floor, wanted));
}

function isShared({ plannedPods, fixed }: ShareRequest): boolean {
  return plannedPods > 0 && fixed !== true;
}

/** Scenes whose floors fit everywhere. */
function withFloors(check: (scene: Scene, result: Result) => void): void {
  fc.assert(
    fc.property(scenes, (scene) => {
      const result = resultOf(scene);
      fc.pre(result.fair.missingSlots === 0 && result.fair.lacking.size === 0);
      check(scene, result);
    }),
    { numRuns: 1500 },
  );
}

describe("shares by use", () => {
  test("are within the budget and every limit, and between floors and what is wanted", () => {
    withFloors((scene, { sizes }) => {
      expect(fits(scene.list, sizes, scene.terms, limitsOf(scene))).toBe(true);
      scene.list.forEach((request, index) => {
        expect(sizes[index]).toBeGreaterThanOrEqual(request.floor);
        if (!isShared(request)) return;
        expect(sizes[index]).toBeLessThanOrEqual(wants(request, scene.wanted[index]));
      });
    });
  });

  test("leave nobody below his fair share who wants it", () => {
    withFloors(({ list, wanted }, { sizes, fair }) => {
      list.forEach((request, index) => {
        const own = Math.min(fair.poolSizes[index] ?? 0, wants(request, wanted[index]));
        expect(sizes[index]).toBeGreaterThanOrEqual(own);
      });
    });
  });

  test("leave nothing usable that a pool wants", () => {
    withFloors((scene, { sizes }) => {
      scene.list.forEach((request, index) => {
        const size = sizes[index] ?? 0;
        if (!isShared(request) || size >= wants(request, scene.wanted[index])) return;
        const more = sizes.with(index, size + 1);
        expect(fits(scene.list, more, scene.terms, limitsOf(scene))).toBe(false);
      });
    });
  });

  test("are one step at a time to whoever has least per weight, from those bounds on", () => {
    withFloors((scene, { sizes, bounded }) => {
      expect(sizes).toEqual(stepByStep(bounded, scene.terms, limitsOf(scene)));
    });
  });

  test("are fair shares where nobody's use is known", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { fair, sizes } = resultOf({ ...scene, wanted: [] });
        expect(sizes).toEqual(fair.poolSizes);
      }),
    );
  });
});

describe("where floors do not fit", () => {
  test("the server, its use gives nobody more or less", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { fair, sizes } = resultOf(scene);
        fc.pre(fair.missingSlots > 0);
        expect(sizes).toEqual(fair.poolSizes);
      }),
    );
  });

  test("a limit, its members stay as they are, and it is exceeded no further", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { fair, sizes } = resultOf(scene);
        fc.pre(fair.missingSlots === 0 && fair.lacking.size > 0);
        for (const [at, limit] of limitsOf(scene).entries()) {
          if (!fair.lacking.has(scene.limits[at]?.name ?? "")) continue;
          const before = totalIn(scene.list, fair.poolSizes, limit);
          expect(totalIn(scene.list, sizes, limit)).toBe(before);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
