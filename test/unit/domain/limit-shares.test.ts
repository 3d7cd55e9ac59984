// Divisions within parts, by hand. The laws are in test/property.
import { expect, it } from "vitest";
import { allocateWithin, type LimitTerms } from "../../../src/domain/limit-shares.ts";
import type { Claim } from "../../../src/domain/claim.ts";
import { aSizing } from "../../support/builders.ts";

const terms = { budgetSlots: 100, rolloutsMax: 0, basis: "Workload" as const };
const shop: LimitTerms = { kind: "namespace", name: "shop", slots: 40, rolloutsMax: 0 };

function claim(key: string, more: Partial<Claim> & { weight?: number } = {}): Claim {
  const { weight = 1, ...rest } = more;
  const sizing = aSizing({ weight });
  return { key, sizing, plannedPods: 1, roomPods: 0, floor: 1, ceiling: 100, ...rest };
}

it.each<{
  readonly name: string;
  readonly claims: readonly Claim[];
  readonly parts: readonly LimitTerms[];
  readonly want: readonly number[];
  readonly wantBound: readonly string[];
}>([
  {
    name: "what a part may not have goes to the others",
    claims: [claim("bank/a"), claim("shop/b")],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
  {
    name: "a weight buys nothing beyond the part",
    claims: [claim("bank/a"), claim("shop/b", { weight: 1000 })],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
  {
    name: "within a part shares are as fair as ever",
    claims: [claim("bank/a"), claim("shop/b", { weight: 3 }), claim("shop/c")],
    parts: [shop],
    want: [60, 30, 10],
    wantBound: ["shop"],
  },
  {
    name: "a part that is not reached changes nothing",
    claims: [claim("bank/a"), claim("shop/b", { ceiling: 20 })],
    parts: [shop],
    want: [80, 20],
    wantBound: [],
  },
  {
    name: "a floor above the part is lowered to it, also where it is the ceiling",
    claims: [claim("bank/a"), claim("shop/b", { floor: 90, ceiling: 90 })],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
  {
    name: "one that may not be moved has what it holds, and the others of its part the rest",
    claims: [
      claim("bank/a"),
      claim("shop/b", { floor: 35, ceiling: 35, fixed: true }),
      claim("shop/c"),
    ],
    parts: [shop],
    want: [60, 35, 5],
    wantBound: ["shop"],
  },
  {
    name: "what it holds beyond the part is not taken from the others",
    claims: [
      claim("bank/a"),
      claim("shop/b", { floor: 90, ceiling: 90, fixed: true }),
      claim("shop/c"),
    ],
    parts: [shop],
    want: [60, 90, 1],
    wantBound: ["shop"],
  },
  {
    name: "a namespace whose name begins like another's is another",
    claims: [claim("shop-b/a"), claim("shop/b")],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
])("$name", ({ claims, parts, want, wantBound }) => {
  const { poolSizes, bound } = allocateWithin(claims, terms, parts);
  expect(poolSizes).toEqual(want);
  expect([...bound]).toEqual(wantBound);
});

it("says by how much floors exceed the part", () => {
  const claims = [claim("bank/a"), claim("shop/b", { floor: 90 })];
  expect([...allocateWithin(claims, terms, [shop]).lacking]).toEqual([["shop", 50]]);
});
