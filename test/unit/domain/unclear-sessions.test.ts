// Sessions that may be those of pods that are gone: whom they keep from growing.

import { describe, expect, test } from "vitest";
import {
  mostUnclear,
  unclearForAll,
  type UnclearSessions,
  unclearWithin,
} from "../../../src/domain/supply/unclear-sessions.ts";
import type { PolicyKey } from "../../../src/domain/facts/facts.ts";
import type { NarrowLimit } from "../../../src/domain/supply/limit.ts";
import { aWorkload } from "../../support/builders.ts";

function unclear(
  policies: readonly PolicyKey[],
  slots: number,
  { role = "app", shownSlots = slots }: Partial<Omit<UnclearSessions, "policies">> = {},
): UnclearSessions {
  return { role, policies, slots, shownSlots };
}

const quotas = [
  { name: "shop", slots: 40 },
  { name: "bank", slots: 60 },
];

describe("nobody on the server grows into", () => {
  test.for<{ name: string; all: readonly UnclearSessions[]; want: number }>([
    { name: "none where there are none", all: [], want: 0 },
    { name: "all of a namespace without a quota", all: [unclear(["free/p"], 90)], want: 90 },
    {
      name: "those of a namespace within its quota",
      all: [unclear(["shop/p"], 10, { shownSlots: 20 })],
      want: 10,
    },
    {
      name: "no more than its quota leaves beside what it shows",
      all: [unclear(["shop/p"], 36, { shownSlots: 36 })],
      want: 4,
    },
    {
      name: "none of one that shows more than its quota",
      all: [unclear(["shop/p"], 50, { shownSlots: 50 })],
      want: 0,
    },
    {
      name: "its quota once, however many logins it has",
      all: [unclear(["shop/p"], 20), unclear(["shop/q"], 20, { role: "batch" })],
      want: 0,
    },
    {
      name: "the quotas of all whose login it is",
      all: [unclear(["shop/p", "bank/q"], 60, { shownSlots: 60 })],
      want: 40,
    },
    {
      name: "all where one of those has no quota",
      all: [unclear(["shop/p", "free/q"], 90)],
      want: 90,
    },
    {
      name: "those of each namespace",
      all: [unclear(["shop/p"], 10), unclear(["free/q"], 5, { role: "batch" })],
      want: 15,
    },
  ])("$name", ({ all, want }) => {
    expect(unclearForAll(all, quotas)).toBe(want);
  });
});

describe("in a narrower limit", () => {
  const common = { slots: 50, rolloutsMax: 1, ghostSlots: 0 };
  const quotaOf = (name: string): NarrowLimit => {
    const quota = { namespace: name, amount: 20, unit: "percent" } as const;
    return { kind: "namespace", name, quota, ofSlots: 200, ...common };
  };
  const web = aWorkload("web", { policy: "shop/orders" });
  const all = [unclear(["shop/orders"], 12), unclear(["bank/p"], 7, { role: "batch" })];

  test("those of its members' logins alone count", () => {
    expect(unclearWithin(all, quotaOf("shop"), [web])).toBe(12);
    expect(unclearWithin(all, quotaOf("bank"), [web])).toBe(0);
  });

  test("so they do in the limit of a role", () => {
    const said = { name: "role app", by: "", setting: "" };
    const limit = (pools: readonly (typeof web)[]): NarrowLimit => {
      const keys = new Set(pools.map(({ poolKey }) => poolKey));
      return { kind: "login", ...said, ...common, pools: keys };
    };
    expect(unclearWithin(all, limit([web]), [web])).toBe(12);
    expect(unclearWithin(all, limit([]), [web])).toBe(0);
  });
});

test("of several names of a server the most of each login counts", () => {
  const first = [unclear(["shop/p"], 3), unclear(["shop/p"], 9, { role: "batch" })];
  expect(mostUnclear([first, [unclear(["shop/p"], 5)]]).map(({ slots }) => slots)).toEqual([5, 9]);
});
