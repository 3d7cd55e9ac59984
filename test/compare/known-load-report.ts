// The part of `make compare` with a load that is known, as people read it, and its bars.

import { knownServices, playKnownLoad, type Sharing, type Waited } from "./known-load.ts";

export type KnownLoad = Readonly<Record<Sharing, Waited>>;

/** The share of the gap to the oracle that sharing by use has to close. */
const gapBar = 0.5;
const cooldownsADay = (24 * 60) / 5;

export async function measureKnownLoad(): Promise<KnownLoad> {
  return { Advise: await playKnownLoad("Advise"), Share: await playKnownLoad("Share") };
}

/** Of what weights alone leave waiting, and the oracle does not. */
export function gapClosed({ Advise: { shares, oracle }, Share }: KnownLoad): number {
  return (shares - Share.shares) / Math.max(1, shares - oracle);
}

export function missesOfKnownLoad(known: KnownLoad): readonly string[] {
  const { rollouts, starvedMinutes } = known.Share;
  const closed = gapClosed(known);
  return [
    ...(closed < gapBar ? [`${percent(closed)} of the gap to the oracle is closed`] : []),
    ...(starvedMinutes > 0 ? [`a pool was starved for ${starvedMinutes} minutes`] : []),
    ...(rollouts > cooldownsADay * knownServices.length ? [`${rollouts} rollouts`] : []),
  ];
}

export function reportKnownLoad(known: KnownLoad): string {
  const { Advise, Share } = known;
  const rows = [
    ["weights alone", Advise.shares, Advise.rollouts, Advise.starvedMinutes],
    ["by use (`demand: Share`)", Share.shares, Share.rollouts, Share.starvedMinutes],
    ["an oracle that knows the load", Advise.oracle, "none are needed", 0],
  ];
  const lines = [
    ["way", "waiting, requests x seconds", "rollouts", "minutes in which a pool was starved"],
    ["---", "---:", "---:", "---:"],
    ...rows,
  ].map((cells) => `| ${cells.map(grouped).join(" | ")} |`);
  const misses = missesOfKnownLoad(known);
  const kept = misses.length === 0 ? "bars kept" : `MISSED: ${misses.join("; ")}`;
  return `${lines.join("\n")}\n\n${percent(gapClosed(known))} of the gap to the oracle is closed; ${kept}.`;
}

function grouped(cell: string | number): string {
  return String(cell).replace(/\B(?=(\d{3})+$)/g, ",");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
