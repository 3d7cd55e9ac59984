// How much of what is matched by login, and more than pods can hold, has stood for a minute.

import { expect, test } from "vitest";
import type { SessionSample } from "../../../src/domain/facts/facts.ts";
import { standingSurplus } from "../../../src/domain/supply/standing-surplus.ts";

type Reading = readonly [agoS: number, surplus: number, name?: string];

function stood(...readings: readonly Reading[]): number {
  const surplus = new Map<SessionSample, number>();
  const samples = readings.map(([agoS, count, name = "db:5432"]) => {
    const sample: SessionSample = { name, atMs: 1e6 - agoS * 1_000, sessions: [] };
    surplus.set(sample, count);
    return sample;
  });
  const surplusIn = (sample: SessionSample): Map<string, number> => {
    const count = surplus.get(sample) ?? 0;
    return new Map(count > 0 ? [["app", count]] : []);
  };
  return standingSurplus(samples, surplusIn).get("app") ?? 0;
}

test.each<{ name: string; readings: readonly Reading[]; want: number }>([
  // Before a minute was read nobody knows how long it has been there.
  { name: "in the first reading", readings: [[0, 4]], want: 4 },
  {
    name: "for half a minute after a start",
    readings: [
      [30, 0],
      [0, 4],
    ],
    want: 4,
  },
  {
    name: "in the last reading",
    readings: [
      [60, 0],
      [30, 0],
      [0, 4],
    ],
    want: 0,
  },
  {
    name: "in one reading since",
    readings: [
      [60, 0],
      [30, 4],
      [0, 0],
    ],
    want: 0,
  },
  {
    name: "in the first of a minute",
    readings: [
      [60, 4],
      [30, 0],
      [0, 0],
    ],
    want: 0,
  },
  {
    name: "in all of a minute",
    readings: [
      [60, 4],
      [30, 6],
      [0, 5],
    ],
    want: 4,
  },
  {
    name: "in all but one",
    readings: [
      [60, 4],
      [30, 0],
      [0, 5],
    ],
    want: 0,
  },
  {
    name: "for a minute, and gone",
    readings: [
      [90, 4],
      [30, 4],
      [0, 0],
    ],
    want: 4,
  },
  {
    name: "by one name of two",
    readings: [
      [60, 4, "a"],
      [60, 0, "b"],
      [0, 4, "a"],
      [0, 0, "b"],
    ],
    want: 4,
  },
])("$name: $want", ({ readings, want }) => {
  expect(stood(...readings)).toBe(want);
});
