// While a limit does not hold, no act takes what its members could hold any higher, whichever sizes
// their next pods are given: while grants settle, that may be the former or the published one.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NamespaceQuota } from "../../src/domain/supply/limit.ts";
import type { AccountWhile, LimitAccounts } from "../../src/domain/decide/limit-accounts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import type { Position } from "../../src/domain/demand/position.ts";
import {
  raisedWhileEvicting,
  raisedWhileRolling,
  type RaiseTerms,
} from "../../src/domain/decide/raised-limits.ts";
import { limitsOf, startMs } from "../support/builders.ts";
import { snapshot } from "./arbitraries.ts";

interface Scene {
  readonly terms: RaiseTerms;
  /** Of the workload that acts: its own grant has settled. */
  readonly index: number;
  readonly position: Position;
  /** With sizes that next pods may be given. */
  readonly given: LimitAccounts;
}

function ofEach<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 5, maxLength: 5 });
}

function quotaOf(slots: number): NamespaceQuota {
  const quota = { namespace: "shop", amount: slots, unit: "slots" } as const;
  return {
    ...{ kind: "namespace", name: "shop", quota, slots },
    ...{ ofSlots: slots, rolloutsMax: 1, ghostSlots: 0 },
  };
}

/** One of the workloads acts; the grants of some others have yet to settle. */
const scene: fc.Arbitrary<Scene> = fc
  .record({
    positions: snapshot
      .map((one) => plan(one, startMs).positions)
      .filter((list) => list.length > 0),
    rolloutsMax: fc.nat(3),
    slots: fc.nat(150),
    quota: fc.nat(80),
    pick: fc.nat(),
    least: ofEach(fc.double({ min: 0, max: 1, noNaN: true })),
    parts: ofEach(fc.constantFrom(0, 0, 0.5, 1, 1)),
  })
  .map(({ positions, rolloutsMax, slots, quota, pick, least, parts }) => {
    const index = pick % positions.length;
    const inForce = positions.map((position) => position.inForce);
    const leastSizes = inForce.map((most, at) =>
      at === index ? most : Math.ceil(most * (least[at] ?? 1)),
    );
    const sizes = leastSizes.map((fewest, at) => {
      const most = inForce[at] ?? fewest;
      return fewest + Math.round((most - fewest) * (parts[at] ?? 1));
    });
    const limits = limitsOf(positions, slots, { rolloutsMax, narrow: [quotaOf(quota)] });
    return {
      ...{ terms: { limits, leastSizes }, index, position: positions[index] as Position },
      given: limits.withSizes(sizes),
    };
  });

function rises(act: readonly AccountWhile[]): readonly AccountWhile[] {
  return act.filter(({ account, slots }) => {
    return slots > Math.max(account.limit.slots, account.exposure.slots);
  });
}

describe("what raises nothing by the least sizes raises nothing by any that may be given", () => {
  test("a roll", () => {
    fc.assert(
      fc.property(scene, fc.nat(5), ({ terms, given, index, position }, fewer) => {
        const poolSize = Math.max(1, position.inForce - fewer);
        if (raisedWhileRolling({ index, poolSize }, terms)) return;
        expect(rises(given.whileRolling({ index, poolSize }))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("an eviction of any pod that stays", () => {
    fc.assert(
      fc.property(scene, ({ terms, given, index, position }) => {
        for (const { poolSize } of position.staying) {
          if (raisedWhileEvicting({ index, poolSize }, terms)) continue;
          expect(rises(given.whileEvicting({ index, poolSize }))).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
