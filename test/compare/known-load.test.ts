// The bars of the comparison under a known load: what requests wait, who is starved, how many
// rollouts that costs.

import { expect, test } from "vitest";
import { gapClosed, missesOfKnownLoad, reportKnownLoad } from "./known-load-report.ts";
import { type KnownLoad, measureKnownLoad } from "./known-load-report.ts";

test("sharing by use closes half of the gap to the oracle, starves nobody, and seldom rolls", async () => {
  const known = await measureKnownLoad();
  expect(known.Advise).toMatchObject({ rollouts: 0, starvedMinutes: 0 });
  expect(known.Share.oracle).toBeLessThanOrEqual(known.Share.shares);
  expect(missesOfKnownLoad(known)).toEqual([]);
  expect(known.Share.rollouts).toBeLessThanOrEqual(12);
});

test("each bar is held against the numbers", () => {
  const Advise = { shares: 1_000, oracle: 200, rollouts: 0, starvedMinutes: 0 };
  const Share = { shares: 700, oracle: 200, rollouts: 9_999, starvedMinutes: 3 };
  const known: KnownLoad = { Advise, Share };
  expect(gapClosed(known)).toBe(0.375);
  expect(missesOfKnownLoad(known)).toEqual([
    "38 % of the gap to the oracle is closed",
    "a pool was starved for 3 minutes",
    "9999 rollouts",
  ]);
  expect(reportKnownLoad(known)).toContain("| weights alone | 1,000 | 0 | 0 |");
  expect(reportKnownLoad(known)).toContain("MISSED");
});
