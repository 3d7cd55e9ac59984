// How many claims on one workload are kept, when many policies select it with many entries each.

import { expect, test } from "vitest";
import fc from "fast-check";
import { fewClaims, poolsOfWorkloadMax } from "../../src/reconcile/observe/few-claims.ts";

interface Claim {
  readonly policy: number;
  readonly pool: string;
}

/** By policy: the names of its pools, each once. */
const policies = fc.array(
  fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 21 }),
  { maxLength: 40 },
);

function claimsOf(names: readonly (readonly number[])[]): Claim[][] {
  return names.map((own, policy) => own.map((pool) => ({ policy, pool: `p${pool}` })));
}

test("what one policy claims is kept whole", () => {
  const claims = claimsOf([Array.from({ length: 21 }, (_, index) => index)]);
  expect(fewClaims(claims)).toEqual({ kept: claims.flat(), leftOutCount: 0 });
});

test("the claims of two policies of 21 pools with the same names are kept whole", () => {
  const names = Array.from({ length: 21 }, (_, index) => index);
  expect(fewClaims(claimsOf([names, names])).leftOutCount).toBe(0);
});

test("a workload has 21 pools at most, and 40 claims beside the first of each policy", () => {
  const check = fc.property(policies, (names) => {
    const { kept, leftOutCount } = fewClaims(claimsOf(names));
    expect(new Set(kept.map(({ pool }) => pool)).size).toBeLessThanOrEqual(poolsOfWorkloadMax);
    expect(kept.length).toBeLessThanOrEqual(names.length + 40);
    expect(kept.length + leftOutCount).toBe(names.flat().length);
  });
  fc.assert(check);
});

test("policies that name the same pools have 40 claims beside the first of each", () => {
  const names = Array.from({ length: 21 }, (_, index) => index);
  expect(fewClaims(claimsOf(Array.from({ length: 20 }, () => names))).kept).toHaveLength(20 + 40);
});

test("claims stand in the order of the policies, and in their own", () => {
  const check = fc.property(policies, (names) => {
    const claims = claimsOf(names);
    const all = claims.flat();
    const places = fewClaims(claims).kept.map((claim) => all.indexOf(claim));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
  fc.assert(check);
});

test("the first claim of each policy is kept, where its pool is one of those that count", () => {
  const further = (policy: number): number[] =>
    Array.from({ length: 20 }, (_, index) => 100 * policy + index + 1);
  const { kept } = fewClaims(claimsOf(Array.from({ length: 200 }, (_, p) => [0, ...further(p)])));
  const whoseMain = kept.filter(({ pool }) => pool === "p0").map(({ policy }) => policy);
  expect(whoseMain).toHaveLength(200);
  expect(kept).toHaveLength(200 + 20);
});
