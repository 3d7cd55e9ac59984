// The numbers as people read them: a markdown table for each trace, one over all of them, and a
// line for each bar.

import { barTitles, barTraces, barWays, type BarName, meansOf, missesOf, tenths } from "./bars.ts";
import { percentileOf } from "./gate-waits.ts";
import type { Result } from "./play.ts";
import { traces } from "./traces.ts";
import { type WayName, wayNames, ways } from "./ways.ts";

const columns = [
  "way",
  "refused logins",
  "above the limit, slot seconds",
  "restarts by it",
  "resizes",
  "budget usable",
  "worst case fits",
  "smallest pool",
  "most slots asked for",
  "wait at the gate, p99",
];

/** A table for each trace, with what was missed in it. */
export function reportTraces(results: readonly Result[]): string {
  const misses = missesOf(results);
  const names = Object.keys(traces).filter((name) => results.some(({ trace }) => trace === name));
  return names
    .map((name) => {
      const { title = name, what = "" } = traces[name] ?? {};
      const rows = results.filter(({ trace }) => trace === name).map(rowOf);
      const missed = misses
        .filter(({ trace }) => trace === name)
        .map(({ way, bar, message }) => `- (${way}) MISSED: ${barTitles[bar]}: ${message}`);
      const parts = [`### ${capital(title)}`, `${capital(what)}.`, table(columns, rows)];
      return [...parts, ...(missed.length > 0 ? [missed.join("\n")] : [])].join("\n\n");
    })
    .join("\n\n");
}

/** All traces together: sums, means over the traces, and the worst. */
export function reportSummary(results: readonly Result[]): string {
  const rows = wayNames.flatMap((way) => {
    const own = results.filter((one) => one.way === way).map(({ readings }) => readings);
    if (own.length === 0) return [];
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    const mean = (shares: readonly number[]): number => sum(shares) / shares.length;
    return [
      [
        titleOf(way),
        count(sum(own.map(({ refusedLogins }) => refusedLogins))),
        count(sum(own.map(({ aboveLimit }) => aboveLimit))),
        count(sum(own.map(({ restarts }) => restarts))),
        count(sum(own.map(({ resizes }) => resizes))),
        percent(mean(own.map(({ usableShare }) => usableShare))),
        percent(mean(own.map(({ safeShare }) => safeShare))),
        count(Math.min(...own.map(({ smallestPool }) => smallestPool))),
        count(Math.max(...own.map(({ peak }) => peak))),
        waitOf(ofBar(results, way).flatMap(({ readings }) => readings.gateWaitsMs)),
      ],
    ];
  });
  return table(columns, rows);
}

/** One line for each bar and way, in plain text. */
export function reportBars(results: readonly Result[]): readonly string[] {
  const misses = missesOf(results);
  const names = [...new Set(results.map(({ trace }) => trace))];
  const ofTraces = (Object.keys(barTitles) as BarName[]).flatMap((bar) =>
    barWays(bar).map((way) => {
      const own = misses.filter((miss) => miss.bar === bar && miss.way === way);
      const of = barTraces(bar, names).length;
      const kept = `(${way}) ${barTitles[bar]}: kept in ${of - own.length} of ${of} traces`;
      const missed = own.map(
        ({ trace, message }) => `MISSED in ${traces[trace]?.title ?? trace}: ${message}`,
      );
      return [kept, ...missed].join("; ");
    }),
  );
  return [...ofTraces, ...reportMeans(results)];
}

function reportMeans(results: readonly Result[]): readonly string[] {
  return meansOf(results).map(({ way, atLeast, mean, isKept }) => {
    const bar = `(${way}) at least ${atLeast} % of the budget usable, as the mean of all traces`;
    return `${bar}: ${isKept ? "kept" : "MISSED"}, ${mean.toFixed(1)} %`;
  });
}

function rowOf({ way, readings }: Result): string[] {
  return [
    titleOf(way),
    count(readings.refusedLogins),
    count(readings.aboveLimit),
    count(readings.restarts),
    count(readings.resizes),
    percent(readings.usableShare),
    percent(readings.safeShare),
    count(readings.smallestPool),
    count(readings.peak),
    waitOf(readings.gateWaitsMs),
  ];
}

/** Those that the bar of the waits speaks of. */
function ofBar(results: readonly Result[], way: WayName): readonly Result[] {
  return results.filter((one) => one.way === way && barTraces("waits", [one.trace]).length > 0);
}

function waitOf(waitsMs: readonly number[]): string {
  const waitMs = percentileOf(waitsMs, 0.99);
  return waitMs === undefined ? "none" : `${(waitMs / 1_000).toFixed(1)} s`;
}

function titleOf(way: WayName): string {
  return `(${way}) ${ways[way].title}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map(line).join("\n");
}

function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function percent(share: number): string {
  return `${(tenths(share) / 10).toFixed(1)} %`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
