// What a live pod counts as: the largest of its size now, of every earlier size that it has not
// verifiably left, and of the sessions that the server shows for it. It has left its earlier sizes
// when the follow time is over and a reading that was asked for after that shows no more sessions
// than its size now. So nothing that a shrink frees is given on because an annotation says so: the
// server has to show it; and what it shows just after its own start is no proof, because then no
// pool has opened its sessions again. A pod that shows more is touched again, because a kubelet now
// and then does not write the file; after that it is told of, and brought to its size by a restart.

import { followTimeMs, touchesMax } from "../demand/live-pods.ts";
import { divideCeil } from "../demand/slots.ts";
import type { LivePodFacts, PodFacts, PoolFacts, Snapshot } from "../facts/facts.ts";
import { liveObstacle, type Moment } from "./live-pools.ts";
import { type Round, roundsOf } from "./rounds.ts";

/** By the clock of the readings. */
export interface LiveClock {
  /** Of the cluster's times. */
  readonly nowMs: number;
  readonly monotonicMs: number;
  /** When the pod got the size that it has now, or was first seen with it. */
  readonly resizedAtMs: (pod: PodFacts) => number;
}

/** Of a server, or of one of several that are decided together. */
export interface SceneOfReadings {
  readonly clock: LiveClock;
  readonly isAlone: boolean;
}

/** The pools of a snapshot, with live pods as they count; the same ones where there are none. */
export function withLiveSizes(
  snapshot: Snapshot,
  { clock, isAlone }: SceneOfReadings,
): readonly PoolFacts[] {
  const { workloads, database } = snapshot;
  const hasAny = workloads.some(({ resize, pods }) => resize === "Live" || pods.some(isLive));
  if (!hasAny) return workloads;
  const rounds = provingRounds(database, clock);
  return workloads.map((pool) => {
    const told = withWord(pool, snapshot, { nowMs: clock.nowMs, isAlone });
    if (!told.pods.some(isLive)) return told;
    return { ...told, pods: told.pods.map((pod) => counted(pod, told, { rounds, clock })) };
  });
}

/** Within this pools have opened again what they had before the server was restarted. */
const reopenedWithinMs = 60_000;

/** Those of about the server's start are not whole: pools may not have come back. */
function provingRounds(
  { reading, sessionSamples }: Snapshot["database"],
  { nowMs, monotonicMs }: LiveClock,
): readonly Round[] {
  const rounds = roundsOf(sessionSamples);
  const startedAt = reading?.startedAtMicroseconds;
  if (startedAt === undefined) return rounds;
  const startMs = monotonicMs - Math.max(0, nowMs - startedAt / 1_000);
  return rounds.map((round) => {
    const isOfStart = Math.abs(round.askedAtMs - startMs) < reopenedWithinMs;
    return isOfStart ? { ...round, isWhole: false } : round;
  });
}

function isLive({ live }: PodFacts): boolean {
  return live !== undefined;
}

/** Whether its pods can be resized while they run, and if not, why. */
function withWord(pool: PoolFacts, snapshot: Snapshot, moment: Moment): PoolFacts {
  if (pool.resize !== "Live" || !pool.exists) return pool;
  const message = liveObstacle(pool, snapshot, moment);
  if (message === undefined) return { ...pool, live: true };
  const finding = { reason: "CannotBeLive", severity: "degraded", message } as const;
  return { ...pool, findings: [...pool.findings, finding] };
}

interface Scene {
  readonly rounds: readonly Round[];
  readonly clock: LiveClock;
}

function counted(pod: PodFacts, pool: PoolFacts, { rounds, clock }: Scene): PodFacts {
  const { live, own } = pod;
  if (!live) return pod;
  const shown = rounds.map((round) => ({ ...round, poolSize: sizeIn(round, pod, pool) }));
  const latest = shown.at(-1)?.poolSize ?? 0;
  const sinceMs = live.resizedAtMs === undefined ? -Infinity : clock.resizedAtMs(pod);
  const hasLeft = hasLeftEarlier(shown, pod, sinceMs + followTimeMs);
  const held = hasLeft ? 0 : (live.earlier ?? 0);
  const said = sayingOf(shown, live, { sinceMs, hasLeft });
  return {
    ...pod,
    own: { ...own, poolSize: Math.max(live.size, latest, held) },
    live: {
      ...withoutEarlier(live),
      ...(hasLeft ? {} : { earlier: held, provableInMs: msUntil(sinceMs, clock) }),
      ...said.facts,
      ...(pool.live === true && !said.isGivenUp ? { isResized: true as const } : {}),
    },
  };
}

interface Shown extends Round {
  /** The size that the sessions at the pod's address come to. */
  readonly poolSize: number;
}

/** Sessions at any of its addresses, in pool sizes; those of extra connections are left out. */
function sizeIn({ countAt }: Round, { addresses }: PodFacts, { sizing }: PoolFacts): number {
  const shown = addresses.reduce((sum, address) => sum + (countAt.get(address) ?? 0), 0);
  const ofPools = Math.max(0, shown - sizing.extraConnectionsPerPod);
  return divideCeil(ofPools, sizing.processesPerPod);
}

/** No old reading proves anything, nor one that does not show where sessions come from. */
function hasLeftEarlier(shown: readonly Shown[], pod: PodFacts, dueMs: number): boolean {
  const { size = 0, earlier = 0 } = pod.live ?? {};
  if (earlier <= size) return true;
  if (pod.addresses.length === 0 || pod.isOnHostNetwork === true) return false;
  return shown.some((one) => one.isWhole && one.askedAtMs >= dueMs && one.poolSize <= size);
}

function msUntil(sinceMs: number, { monotonicMs }: LiveClock): number {
  return Math.max(0, sinceMs + followTimeMs - monotonicMs);
}

function withoutEarlier({ size, touches, resizedAtMs }: LivePodFacts): LivePodFacts {
  return { size, touches, ...(resizedAtMs !== undefined && { resizedAtMs }) };
}

interface Saying {
  readonly facts: Pick<LivePodFacts, "seen" | "isTouchDue">;
  /** It was touched as often as it is worth: a restart brings it to its size. */
  readonly isGivenUp: boolean;
}

const silent: Saying = { facts: {}, isGivenUp: false };

/** For a moment a pool may replace a session before the old one is gone. */
function sayingOf(
  shown: readonly Shown[],
  { size, touches }: LivePodFacts,
  { sinceMs, hasLeft }: { readonly sinceMs: number; readonly hasLeft: boolean },
): Saying {
  const [latest, before] = [shown.at(-1), shown.at(-2)];
  const isOver = (one: Shown | undefined): boolean =>
    one !== undefined && one.askedAtMs >= sinceMs + followTimeMs && one.poolSize > size;
  if (!latest || !Number.isFinite(sinceMs) || !isOver(latest)) return silent;
  if (hasLeft && !isOver(before)) return silent;
  const isDue = latest.askedAtMs >= sinceMs + followTimeMs * (touches + 1);
  const isTouchDue = isDue && touches < touchesMax;
  const facts = { seen: latest.poolSize, ...(isTouchDue && { isTouchDue }) };
  return { facts, isGivenUp: isDue && touches >= touchesMax };
}
