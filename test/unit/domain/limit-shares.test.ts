// Divisions within parts, by hand. The laws are in test/property.
import { poolKeyOf } from "../../../src/api/keys.ts";
import { expect, it } from "vitest";
import { allocateWithin, type LimitTerms } from "../../../src/domain/decide/limit-shares.ts";
import type { ShareRequest } from "../../../src/domain/demand/share-request.ts";
import { aSizing } from "../../support/builders.ts";

const terms = { budgetSlots: 100, rolloutsMax: 0, basis: "Workload" as const };
const shop: LimitTerms = { kind: "namespace", name: "shop", slots: 40, rolloutsMax: 0 };

function request(
  key: string,
  more: Partial<ShareRequest> & { weight?: number } = {},
): ShareRequest {
  const { weight = 1, ...rest } = more;
  const sizing = aSizing({ weight });
  return {
    key: poolKeyOf(key),
    sizing,
    plannedPods: 1,
    roomPods: 0,
    floor: 1,
    ceiling: 100,
    ...rest,
  };
}

it.each<{
  readonly name: string;
  readonly requests: readonly ShareRequest[];
  readonly parts: readonly LimitTerms[];
  readonly want: readonly number[];
  readonly wantBound: readonly string[];
}>([
  {
    name: "what a part may not have goes to the others",
    requests: [request("bank/a"), request("shop/b")],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
  {
    name: "a weight buys nothing beyond the part",
    requests: [request("bank/a"), request("shop/b", { weight: 1000 })],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
  {
    name: "within a part shares are as fair as ever",
    requests: [request("bank/a"), request("shop/b", { weight: 3 }), request("shop/c")],
    parts: [shop],
    want: [60, 30, 10],
    wantBound: ["shop"],
  },
  {
    name: "a part that is not reached changes nothing",
    requests: [request("bank/a"), request("shop/b", { ceiling: 20 })],
    parts: [shop],
    want: [80, 20],
    wantBound: [],
  },
  {
    name: "a floor above the part is lowered to it, also where it is the ceiling",
    requests: [request("bank/a"), request("shop/b", { floor: 90, ceiling: 90 })],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
  {
    name: "one that may not be moved has what it holds, and the others of its part the rest",
    requests: [
      request("bank/a"),
      request("shop/b", { floor: 35, ceiling: 35, fixed: true }),
      request("shop/c"),
    ],
    parts: [shop],
    want: [60, 35, 5],
    wantBound: ["shop"],
  },
  {
    name: "what it holds beyond the part is not taken from the others",
    requests: [
      request("bank/a"),
      request("shop/b", { floor: 90, ceiling: 90, fixed: true }),
      request("shop/c"),
    ],
    parts: [shop],
    want: [60, 90, 1],
    wantBound: ["shop"],
  },
  {
    name: "a namespace whose name begins like another's is another",
    requests: [request("shop-b/a"), request("shop/b")],
    parts: [shop],
    want: [60, 40],
    wantBound: ["shop"],
  },
])("$name", ({ requests, parts, want, wantBound }) => {
  const { poolSizes, bound } = allocateWithin(requests, terms, parts);
  expect(poolSizes).toEqual(want);
  expect([...bound]).toEqual(wantBound);
});

it("says by how much floors exceed the part", () => {
  const requests = [request("bank/a"), request("shop/b", { floor: 90 })];
  expect([...allocateWithin(requests, terms, [shop]).lacking]).toEqual([["shop", 50]]);
});

it.each([
  { name: "what a rollout of them may add", beside: { slots: 0, roomSlots: 300 } },
  { name: "what their pods hold that do not follow", beside: { slots: 300, roomSlots: 0 } },
  { name: "both", beside: { slots: 30, roomSlots: 300 } },
])("live pools of a namespace take no more than its quota from others: $name", ({ beside }) => {
  const sizing = aSizing({ extraConnectionsPerPod: 100 });
  const requests = [request("bank/a"), request("shop/live", { sizing, plannedPods: 0, beside })];
  const { poolSizes } = allocateWithin(requests, { ...terms, rolloutsMax: 1 }, [
    { ...shop, rolloutsMax: 1 },
  ]);
  expect(poolSizes).toEqual([60, 1]);
});

it("a live pool that fits its quota with what it holds beside its share has the rest of it", () => {
  const beside = { slots: 10, roomSlots: 5 };
  const requests = [request("bank/a"), request("shop/live", { beside })];
  const within = { ...terms, rolloutsMax: 1 };
  const { poolSizes } = allocateWithin(requests, within, [{ ...shop, rolloutsMax: 1 }]);
  expect(poolSizes).toEqual([60, 25]);
});
