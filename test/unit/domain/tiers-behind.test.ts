// What the servers behind a pooler make of its capacity, and where it may open more than they have.

import { describe, expect, test } from "vitest";
import type { KnownBehind, TierBehind } from "../../../src/domain/facts/facts.ts";
import { cutByTier, excessBehind } from "../../../src/domain/supply/tiers-behind.ts";

function tier(more: Partial<TierBehind> = {}): TierBehind {
  const of = { server: "pg:5432", processes: 2, entries: 1, openSlots: 0 };
  return { ...of, maySlots: 40, isSession: true, ...more };
}

function known(slots: number, server = "pg:5432"): Pick<TierBehind, "known"> {
  const word: KnownBehind = { server, maxConnections: slots + 3, slots, toldTo: ["shop"] };
  return { known: word };
}

interface Case {
  readonly name: string;
  readonly behind: readonly TierBehind[];
  readonly want: number | undefined;
}

test.each<Case>([
  { name: "in session mode what the server has", behind: [tier(known(57))], want: 57 },
  {
    name: "in another mode nothing",
    behind: [tier({ ...known(57), isSession: false })],
    want: undefined,
  },
  { name: "nothing where the server is not known", behind: [tier()], want: undefined },
  { name: "nothing without a server", behind: [], want: undefined },
  {
    name: "what two servers have together",
    behind: [tier(known(57)), tier(known(10, "pg-ro:5432"))],
    want: 67,
  },
  {
    name: "once what a server has that is known by two names",
    behind: [tier(known(57)), tier({ ...known(57), server: "10.0.8.1:5432" })],
    want: 57,
  },
  {
    name: "nothing where one of two is not known",
    behind: [tier(known(57)), tier({ server: "other:5432" })],
    want: undefined,
  },
  {
    name: "nothing where clients of one share connections",
    behind: [tier(known(57)), tier({ ...known(10, "pg-ro:5432"), isSession: false })],
    want: undefined,
  },
])("the pooler is cut to $name", ({ behind, want }) => {
  expect(cutByTier({ behind })[0]?.slots).toBe(want);
});

describe("what a pooler may open too much of", () => {
  test("is nothing while the server has so many", () => {
    expect(excessBehind([tier(known(40))])).toEqual([]);
    expect(excessBehind([tier()])).toEqual([]);
  });

  test("says how many each entry of each process may have", () => {
    expect(excessBehind([tier({ ...known(39), entries: 3 })])).toMatchObject([
      { maySlots: 40, eachSlots: 6 },
    ]);
  });

  test("is counted over all names of a server, and has no end without a limit", () => {
    const other = { ...known(57), server: "10.0.8.1:5432" };
    expect(excessBehind([tier(known(57)), tier(other)])).toMatchObject([
      { maySlots: 80, eachSlots: 14 },
    ]);
    expect(excessBehind([tier({ ...known(57), maySlots: -1 })])).toMatchObject([
      { maySlots: Infinity },
    ]);
  });
});
