// Readings by rounds.

import { expect, test } from "vitest";
import type { SessionSample } from "../../../src/domain/facts/facts.ts";
import { roundsOf } from "../../../src/domain/supply/rounds.ts";

function sampleOf(
  atMs: number,
  roundMs: number,
  counts: Readonly<Record<string, number>>,
): SessionSample {
  const common = { user: "app", database: "orders", applicationName: "" };
  const sessions = Object.entries(counts).map(([address, count]) => ({
    ...common,
    address: address === "hidden" ? undefined : address,
    count,
  }));
  return { atMs, roundMs, sessions };
}

test("of several names that were read together the most sessions at an address count", () => {
  const samples = [sampleOf(7, 5, { a: 3, b: 1 }), sampleOf(8, 5, { a: 2, b: 4 })];
  const [round] = roundsOf(samples);
  expect([...(round?.countAt ?? [])]).toEqual([
    ["a", 3],
    ["b", 4],
  ]);
  expect(round?.askedAtMs).toBe(5);
});

test("rounds are told in the order in which they were asked for", () => {
  const samples = [sampleOf(9, 8, { a: 1 }), sampleOf(10, 2, { a: 2 })];
  expect(roundsOf(samples).map(({ askedAtMs }) => askedAtMs)).toEqual([2, 8]);
});

test("one that does not show where a session comes from says whose it is", () => {
  const rounds = roundsOf([sampleOf(1, 1, { a: 1 }), sampleOf(2, 2, { a: 1, hidden: 1 })]);
  expect(rounds.map(({ unplaced }) => [...unplaced])).toEqual([[], ["app"]]);
});
