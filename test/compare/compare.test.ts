// The comparison in small: the first part of one trace through the ways, what is measured, and that
// the bars are held against it. `make compare` plays all of it.

import { beforeAll, describe, expect, test } from "vitest";
import { meansOf, missesOf, tenths } from "./bars.ts";
import type { Readings } from "./meter.ts";
import { play, type Result } from "./play.ts";
import { renderPlot, subjects } from "./plot.ts";
import { reportBars, reportTraces } from "./report.ts";
import { declaredBudget, services } from "./services.ts";
import { staticSizes } from "./static-sizes.ts";
import { traces } from "./traces.ts";
import type { WayName } from "./ways.ts";

const seed = 1;
const partMs = 14 * 60_000;

/** Search goes up and down four times in it. */
function playPart(way: WayName): Promise<Result> {
  const swing = traces["swing"];
  if (!swing) throw new Error("there is no trace swing");
  return play({ name: "swing", way, seed }, { ...swing, durationMs: partMs });
}

describe("static sizes", () => {
  test.each([
    { name: "with room for the largest rollout", rollouts: 1 },
    { name: "without", rollouts: 0 },
  ])("fill the budget and no more, $name", ({ rollouts }) => {
    const sizes = staticSizes(services, rollouts);
    const held = services.map(({ name, max }) => max * (sizes.get(name) ?? 0));
    const total = held.reduce((sum, one) => sum + one, 0) + rollouts * Math.max(...held);
    expect(total).toBeLessThanOrEqual(declaredBudget);
    expect(total).toBeGreaterThan(0.98 * declaredBudget);
  });
});

describe("a service that swings, for a quarter of an hour", () => {
  const results: Result[] = [];
  const readingsOf = (way: WayName): Readings => {
    const found = results.find((one) => one.way === way);
    if (!found) throw new Error(`(${way}) was not played`);
    return found.readings;
  };

  beforeAll(async () => {
    for (const way of ["b", "c", "d", "e", "f", "g"] as const) results.push(await playPart(way));
  }, 300_000);

  test.each<{ way: WayName }>([{ way: "d" }, { way: "e" }, { way: "f" }, { way: "g" }])(
    "Poolwarden ($way) keeps its bars: nobody is refused, nobody is restarted",
    ({ way }) => {
      expect(missesOf(results).filter((miss) => miss.way === way)).toEqual([]);
      const { refusedLogins, aboveLimit, restarts, safeShare } = readingsOf(way);
      expect({ refusedLogins, aboveLimit, restarts, safeShare }).toEqual({
        refusedLogins: 0,
        aboveLimit: 0,
        restarts: 0,
        safeShare: 1,
      });
    },
  );

  test("live pools use what the others keep free, by sizes of pods that run", () => {
    const { usableShare, resizes } = readingsOf("f");
    expect(usableShare).toBeGreaterThan(1.5 * readingsOf("e").usableShare);
    expect(resizes).toBeGreaterThan(0);
    expect(readingsOf("e").resizes).toBe(0);
  });

  test("behind the start gate they use more, and new pods hardly wait", () => {
    const { usableShare, gateWaitsMs } = readingsOf("g");
    expect(usableShare).toBeGreaterThan(readingsOf("f").usableShare + 0.1);
    expect(gateWaitsMs.length).toBeGreaterThan(12);
    expect(Math.max(...gateWaitsMs)).toBeLessThan(10_000);
    expect(readingsOf("f").gateWaitsMs).toEqual([]);
  });

  test("a pod that waits for longer than the bar allows is said", () => {
    const slow = results.map((one): Result => {
      if (one.way !== "g") return one;
      return { ...one, readings: { ...one.readings, gateWaitsMs: [100, 10_400] } };
    });
    expect(reportBars(slow).filter((line) => line.includes("MISSED"))).toEqual([
      expect.stringMatching(/^\(g\) 99 of 100 new pods.*MISSED in an oscillating.*: 10\.4 s$/),
    ]);
    const elsewhere = slow.map((one) => ({ ...one, trace: "node" }));
    expect(missesOf(elsewhere).filter(({ bar }) => bar === "waits")).toEqual([]);
  });

  test("the naive operator restarts the fleet, and the server refuses logins", () => {
    const { refusedLogins, aboveLimit, restarts, peak } = readingsOf("c");
    expect(restarts).toBeGreaterThan(services.length);
    expect(refusedLogins).toBeGreaterThan(0);
    expect(aboveLimit).toBeGreaterThan(0);
    expect(peak).toBeGreaterThan(declaredBudget);
  });

  test("what is measured has its shape", () => {
    for (const { readings } of results) {
      expect(readings.usableShare).toBeGreaterThan(0);
      expect(readings.usableShare).toBeLessThanOrEqual(1);
      expect(readings.smallestPool).toBeGreaterThanOrEqual(1);
      expect(readings.series.length).toBeGreaterThan(100);
      expect(readings.series.at(-1)?.atMs).toBeLessThanOrEqual(partMs);
    }
  });

  test("the same seed gives the same numbers", async () => {
    expect(await playPart("c")).toEqual(results.find(({ way }) => way === "c"));
  }, 60_000);

  test("the plot has a line for each way, and the table a row", () => {
    const plot = renderPlot(results, subjects.asked);
    const table = reportTraces(results);
    for (const { way } of results) {
      expect(plot).toContain(`<polyline class="${way}" points="`);
      expect(table).toContain(`\n| (${way}) `);
    }
  });

  test("the mean share is held against its bar once every trace was played", () => {
    expect(meansOf(results)).toEqual([]);
    const [live] = results.filter(({ way }) => way === "f");
    const all = Object.keys(traces).flatMap((trace) => (live ? [{ ...live, trace }] : []));
    const mean = tenths(readingsOf("f").usableShare) / 10;
    expect(meansOf(all)).toEqual([{ way: "f", atLeast: 75, mean, isKept: mean >= 75 }]);
    const less = all.map((one) => ({ ...one, readings: { ...one.readings, usableShare: 0.7496 } }));
    expect(meansOf(less)).toMatchObject([{ mean: 75, isKept: true }]);
    const missed = all.map((one) => ({ ...one, readings: { ...one.readings, usableShare: 0.74 } }));
    expect(reportBars(missed).at(-1)).toMatch(/^\(f\) at least 75 %.*: MISSED, 74\.0 %$/);
  });

  test("a bar that is missed is said with its number", () => {
    const worse = results.map((one): Result => {
      if (one.way !== "e") return one;
      const { usableShare } = one.readings;
      const readings = { ...one.readings, restarts: 7, usableShare: usableShare / 2 };
      return { ...one, readings, violation: "G1: pods hold 2001 of 1986 slots" };
    });
    const missed = reportBars(worse).filter((line) => line.includes("MISSED"));
    expect(missed).toEqual([
      expect.stringContaining("(e) 0 above the limit while the guarantees are in force: kept in 0"),
      expect.stringMatching(/^\(e\) at least the usable share.*MISSED.*[0-9.]+ %, \(b\) has/),
      expect.stringMatching(/^\(e\) no restart where only replicas change.*: 7 restarts$/),
    ]);
  });
});
