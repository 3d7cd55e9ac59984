// What Poolwarden has to keep in each trace, held against the readings of the others. A bar that is
// missed is said with its number.

import { percentileOf } from "./gate-waits.ts";
import type { Readings } from "./meter.ts";
import type { Result } from "./play.ts";
import { traces } from "./traces.ts";
import type { WayName } from "./ways.ts";

export type BarName = "limit" | "restarts" | "usable" | "scaling" | "still" | "waits";

export interface Miss {
  readonly trace: string;
  readonly way: WayName;
  readonly bar: BarName;
  readonly message: string;
}

export const barTitles: Readonly<Record<BarName, string>> = {
  limit: "0 above the limit while the guarantees are in force",
  restarts: "at most 1/10 of the restarts of (c)",
  usable: "at least the usable share of (b)",
  scaling: "no restart where only replicas change",
  still: "no restart by it and no refused login, whatever happens",
  waits: "99 of 100 new pods wait at the start gate for less than 10 s, but where a node is lost",
};

const waitMaxMs = 10_000;

/** Mean usable share over all traces, at least, in percent. */
export const meanBars: Partial<Readonly<Record<WayName, number>>> = { f: 75, g: 92 };

/** Bars whose miss is a defect, and not the price of a promise. */
export const safetyBars: readonly BarName[] = ["limit", "scaling", "still", "waits"];

/** The ways that have to keep a bar. */
export function barWays(bar: BarName): readonly WayName[] {
  return waysOfBars[bar] ?? poolwarden;
}

const poolwarden: readonly WayName[] = ["d", "e", "f", "g"];
const waysOfBars: Partial<Record<BarName, readonly WayName[]>> = {
  scaling: ["e"],
  still: ["f", "g"],
  waits: ["g"],
};

/** As far as the bar concerns a trace at all. */
export function barTraces(bar: BarName, names: readonly string[]): readonly string[] {
  if (bar === "waits") return names.filter((name) => traces[name]?.losesNode !== true);
  return bar === "scaling" ? names.filter((name) => traces[name]?.isScalingOnly) : names;
}

type Check = (own: Result, others: ReadonlyMap<WayName, Readings>) => string | undefined;

const checks: Readonly<Record<BarName, Check>> = {
  limit: ({ readings: { aboveLimitPromised }, violation }) => {
    if (violation !== undefined) return violation;
    return aboveLimitPromised > 0 ? `${aboveLimitPromised} slot seconds` : undefined;
  },
  restarts: ({ readings: { restarts } }, others) => {
    const naive = others.get("c")?.restarts ?? 0;
    return restarts * 10 > naive ? `${restarts}, (c) has ${naive}` : undefined;
  },
  usable: ({ readings }, others) => {
    const [own, other] = [readings, others.get("b")].map((one) => tenths(one?.usableShare ?? 0));
    return (own ?? 0) < (other ?? 0) ? `${percent(own)} %, (b) has ${percent(other)} %` : undefined;
  },
  scaling: ({ readings: { restarts } }) => (restarts > 0 ? `${restarts} restarts` : undefined),
  still: ({ readings: { restarts, refusedLogins } }) =>
    restarts + refusedLogins > 0 ? `${restarts} restarts, ${refusedLogins} refused` : undefined,
  waits: ({ readings: { gateWaitsMs } }) => {
    const waitMs = percentileOf(gateWaitsMs, 0.99) ?? 0;
    return waitMs < waitMaxMs ? undefined : `${(waitMs / 1_000).toFixed(1)} s`;
  },
};

export function missesOf(results: readonly Result[]): readonly Miss[] {
  const byTrace = Map.groupBy(results, ({ trace }) => trace);
  return (Object.keys(checks) as BarName[]).flatMap((bar) =>
    results.flatMap((own): Miss[] => {
      const { trace, way } = own;
      if (!barWays(bar).includes(way) || barTraces(bar, [trace]).length === 0) return [];
      const ofTrace = byTrace.get(trace) ?? [];
      const others = new Map(ofTrace.map(({ way: other, readings }) => [other, readings]));
      const message = checks[bar](own, others);
      return message === undefined ? [] : [{ trace, way, bar, message }];
    }),
  );
}

export interface MeanBar {
  readonly way: WayName;
  readonly atLeast: number;
  readonly mean: number;
  readonly isKept: boolean;
}

/** Of all traces together: none where some were left out. */
export function meansOf(results: readonly Result[]): readonly MeanBar[] {
  const count = Object.keys(traces).length;
  return Object.entries(meanBars).flatMap(([way, atLeast]) => {
    const own = results.filter((one) => one.way === way);
    if (own.length < count) return [];
    const sum = own.reduce((all, { readings }) => all + readings.usableShare, 0);
    const mean = tenths(sum / count) / 10;
    return [{ way: way as WayName, atLeast, mean, isKept: mean >= atLeast }];
  });
}

/** Shares are compared as they are printed: in tenths of a percent. */
export function tenths(share: number): number {
  return Math.round(share * 1_000);
}

function percent(inTenths: number = 0): string {
  return (inTenths / 10).toFixed(1);
}
