// What really runs: the slots that are taken now, however the account of the worst case stands. A
// login is refused when these reach the slots of the server, so a rollout of ours that cannot keep
// the budget must at least fit here: once two pods were rolled from 31 to 23 while 164 of 197 slots
// were taken, old and new ran side by side, and 93 logins were refused by the repair.
//
//   pods that exist, leaving ones too, by their own sizes
// + pods that are asked for and not there yet, by the size of the next pod
// + sessions of pods that are gone + foreign sessions + our own session
// + of the foreign sessions of the last 10 min those that may hide behind pods which are not ready
//
// It is held against each limit that refuses logins (refusing-limits.ts), the reserve included: the
// reserve is where the server is short, not where it refuses, and while the line is broken it is
// what a repair may use. What people hold of it already is among the foreign sessions.

import { stalledAtMs } from "./away.ts";
import type { PodFacts, PoolKey } from "../facts/facts.ts";
import type { ForeignSessions } from "../supply/foreign.ts";
import { isGranted } from "./grants.ts";
import { groupByEach } from "../group-by-each.ts";
import { unprovenSlots } from "./live-shares.ts";
import { oncePer } from "../once-per.ts";
import { partsOf, type WholeAct } from "./pool-parts.ts";
import { heldSlots, type Position, slotsAbove, slotsBelow } from "../demand/position.ts";
import { givesBackSoon, isRefused } from "../demand/live-pods.ts";
import { evictedSuccessorWaits } from "../demand/revisions.ts";
import { rolloutWaitsForOldPods } from "../demand/room.ts";
import { sayCount } from "../words/say-count.ts";
import { slotsPerPod } from "../demand/slots.ts";

/** A limit on logins: the server itself, or a CONNECTION LIMIT. */
export interface LoginLimit {
  readonly limitSlots: number;
  /** `CONNECTION LIMIT 60 of role shop_app`; undefined for the server. */
  readonly limitedBy?: string;
  /** Whose logins it counts; undefined: everybody's. */
  readonly members?: ReadonlySet<PoolKey>;
}

/** Of others than the pods there are. */
type OtherSessions = Pick<ForeignSessions, "slotsNow" | "ghostSlots"> & {
  readonly hiddenSlots?: number;
  readonly ownSessions: number;
};

/** What runs within one limit. */
export interface Running extends LoginLimit {
  /** What runs now, and what is about to start because somebody asked for it. */
  readonly slots: number;
  /** Of that, what neither starts nor ends: staying pods, foreign sessions, our own session. */
  readonly stayingSlots: number;
  /**
   * As much of it ends by itself: leaving pods, sessions of pods that are gone, what larger pods
   * hold that a rollout under way replaces, and what running pods were told to give back.
   */
  readonly endingSlots: number;
  /** Of pods whose login is not known, and may be the limited one. */
  readonly possibleSlots?: number;
  /** Of foreign sessions that pods which are not ready may hide. */
  readonly hiddenSlots?: number;
}

export function runningOf(
  positions: readonly Position[],
  limit: LoginLimit,
  { slotsNow, ghostSlots, hiddenSlots = 0, ownSessions }: OtherSessions,
  nowMs: number,
): Running {
  const sumOf = (slotsOf: (position: Position) => number): number =>
    positions.reduce((sum, one) => sum + slotsOf(one), 0);
  const replaced = sumOf((one) => replacedSlots(one, nowMs));
  const givenBack = sumOf((one) => unprovenSlots(one, isFollowingSoon)) + replaced;
  const endingSlots = sumOf(({ leavingSlots }) => leavingSlots) + ghostSlots + givenBack;
  const stayingSlots = sumOf(heldSlots) - givenBack + slotsNow + ownSessions;
  const slots = stayingSlots + sumOf(startingSlots) + endingSlots + hiddenSlots;
  return { ...limit, slots, stayingSlots, endingSlots, ...(hiddenSlots > 0 && { hiddenSlots }) };
}

/** Of those that do not follow, nobody knows when they give anything back. */
function isFollowingSoon(pod: PodFacts): boolean {
  const isTold = !isRefused(pod) && givesBackSoon(pod);
  return isTold && pod.live?.seen === undefined && pod.unready !== true;
}

/**
 * What a rollout in which new pods wait for old ones gives back, if it gets on: a StatefulSet says
 * nowhere that it does not. A grant that settles comes into force before the rollout is over.
 */
function replacedSlots(position: Position, nowMs: number): number {
  const { workload, rolling, published } = position;
  if (!rolling) return 0;
  const { paused, stuck, strategy } = workload;
  const getsOn = !paused && stuck === undefined && nowMs < (stalledAtMs(workload) ?? Infinity);
  const isReplacing = strategy !== "OnDelete" && getsOn;
  return isReplacing && rolloutWaitsForOldPods(workload) ? slotsAbove(position, published) : 0;
}

/** Pods that are asked for and not there yet, and the surge that may still join a rollout. */
function startingSlots(position: Position): number {
  const { workload, sizing, startingPods } = position;
  const surgeSlots = rolloutWaitsForOldPods(workload) ? position.pendingSlots : 0;
  return startingPods * slotsPerPod(sizing, position.inForce) + surgeSlots;
}

/** What a rollout to `poolSize` adds to what runs, at its worst moment. */
export function rolloutAdds(position: Position, poolSize: number): number {
  const { workload, sizing, roomPods } = position;
  if (position.isGated === true) return 0;
  const next = slotsPerPod(sizing, poolSize);
  // Template delivery: those that are not there yet start with the new template instead.
  const instead = isGranted(position) ? 0 : startingSlots(position);
  if (!rolloutWaitsForOldPods(workload)) return workload.replicas * next - instead;
  // Each new pod takes the place of one that is gone; a surge comes on top.
  const surge = workload.waitsForTermination ? roomPods : 0;
  return slotsBelow(position, poolSize) + surge * next;
}

/** What one evicted pod adds to what runs: its replacement, where that does not wait for it. */
export function evictionAdds(position: Position, poolSize: number): number {
  const { workload, sizing, isGated } = position;
  return isGated === true || evictedSuccessorWaits(workload) ? 0 : slotsPerPod(sizing, poolSize);
}

/** What an act adds to what runs within one limit. */
export interface AddedTo {
  readonly running: Running;
  readonly addedSlots: number;
}

/** Within each limit that counts logins of any of its pools, what all of these add. */
export function addedBy(
  act: WholeAct,
  running: readonly Running[],
  addsOf: (position: Position, poolSize: number) => number,
): readonly AddedTo[] {
  const added = new Map<Running, number>();
  for (const { position, poolSize } of partsOf(act)) {
    const slots = addsOf(position, poolSize);
    for (const one of limitsOn(position, running)) added.set(one, (added.get(one) ?? 0) + slots);
  }
  return [...added].map(([one, addedSlots]) => ({ running: one, addedSlots }));
}

/** Those that count the pool's logins. */
function limitsOn({ pool }: Position, running: readonly Running[]): readonly Running[] {
  const { everybody, byMember } = limitsByMember(running);
  return [...everybody, ...(byMember.get(pool.poolKey) ?? [])];
}

/** There may be a limit for each of many roles, and most workloads count in few of them. */
const limitsByMember = oncePer((running: readonly Running[]) => {
  return {
    everybody: running.filter(({ members }) => members === undefined),
    byMember: groupByEach(running, ({ members = [] }) => members),
  };
});

/** What adds nothing fits beside anything. */
export function fits({ limitSlots, slots }: Running, addedSlots: number): boolean {
  return addedSlots <= 0 || slots + addedSlots <= limitSlots;
}

/**
 * Whether `addedSlots` more fit the limit; where what stays does not fit by itself, waiting would
 * help nobody: logins are refused until pods are replaced.
 */
export function mayAdd(running: Running, addedSlots: number): boolean {
  return fits(running, addedSlots) || running.stayingSlots > running.limitSlots;
}

/** `164 of 197 slots are taken, 40 of them by pods that are ending, being replaced, …` */
export function sayRunning({ limitSlots, limitedBy, slots, ...running }: Running): string {
  const { endingSlots, possibleSlots = 0, hiddenSlots = 0 } = running;
  const ending =
    endingSlots === 0
      ? ""
      : `, ${endingSlots} of them by pods that are ending, being replaced, ` +
        `giving slots back, or gone`;
  const possible =
    possibleSlots === 0
      ? ""
      : `, ${possibleSlots} of them possibly by pods whose login is not known`;
  const hidden =
    hiddenSlots === 0
      ? ""
      : `, ${hiddenSlots} of them possibly by sessions of others until all pods are ready`;
  const limit = sayCount(limitSlots, "slot");
  const whose = limitedBy === undefined ? limit : `the ${limit} of ${limitedBy}`;
  return `${slots} of ${whose} are taken${ending}${possible}${hidden}`;
}
