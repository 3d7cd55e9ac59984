// What is decided on each pool, side by side.

import { expect, test } from "vitest";
import type { GrantDecision } from "../../../src/domain/decide/grants.ts";
import { leastSizeOf, ownPools, poolPlansOf } from "../../../src/domain/decide/pool-plan.ts";
import { aGrant, aPolicy, aPosition, aWorkload } from "../../support/builders.ts";

function aDecision(poolSize: number): GrantDecision {
  return { poolSize, settlingPoolSize: 0, settledAtMs: 0, decision: "Unchanged" };
}

const positions = ["orders", "stock", "orders"].map((policy, index) =>
  aPosition(aWorkload(`w${index}`, { policy: `shop/${policy}` }), aPolicy(policy)),
);
const sizes = { poolSizes: [1, 2, 3], advised: [4, 5, 6], later: [7, 8, 9] };

test("each pool has what was decided on it, and its place among all", () => {
  const pools = poolPlansOf(positions, sizes, [10, 11, 12].map(aDecision));
  expect(pools[1]).toEqual({
    ...{ index: 1, position: positions[1] },
    ...{ share: 2, advised: 5, later: 8, grant: aDecision(11) },
  });
});

test("a policy has those that count under it, in their order", () => {
  const pools = poolPlansOf(positions, sizes, [10, 11, 12].map(aDecision));
  expect(ownPools(pools, "shop/orders")).toEqual([pools[0], pools[2]]);
  expect(ownPools(pools, "shop/none")).toEqual([]);
});

test("nothing is made up where nothing was decided", () => {
  const few = [10, 11].map(aDecision);
  expect(() => poolPlansOf(positions, sizes, few)).toThrow("nothing was decided on pool 2");
});

test.each([
  { name: "the grant of now where it is to grow", grant: 6, decided: 9, want: 6 },
  { name: "the grant decided where it is to shrink", grant: 9, decided: 6, want: 6 },
  {
    name: "no less than another policy's grant gives them",
    grant: 9,
    decided: 6,
    other: 8,
    want: 8,
  },
  {
    name: "more where another policy's grant is larger",
    grant: 6,
    decided: 6,
    other: 20,
    want: 20,
  },
])("the least that next pods get is $name", ({ grant, decided, other, want }) => {
  const more = other === undefined ? {} : { otherGrantPoolSize: other };
  const position = aPosition(aWorkload("web", { grant: aGrant(grant), ...more }));
  expect(leastSizeOf({ position, grant: aDecision(decided) })).toBe(want);
});
