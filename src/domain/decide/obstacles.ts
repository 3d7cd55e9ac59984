// Why a roll that would help is not started now: a list of checks, each named by what stands in the
// way. The list is the documentation; the first obstacle is the one that people are told.

import type { Reason } from "../../api/conditions.ts";
import { livePodsOf } from "./away.ts";
import { isCoolingDown } from "./cooling-down.ts";
import type { PoolFacts, Snapshot } from "../facts/facts.ts";
import { nameFew } from "../words/fold-findings.ts";
import { isGranted } from "./grants.ts";
import { nobodyReplacesThem } from "./never-replaced.ts";
import { isBegun, isPossible, largerPodsOf } from "./one-by-one.ts";
import { sayNeed } from "./limit-words.ts";
import { type IsBounded, standsUntilMs } from "./namespace-turns.ts";
import { oncePer, oncePerName } from "../once-per.ts";
import type { Position } from "../demand/position.ts";
import { settledAtMsOf } from "../demand/settling.ts";
import {
  admissionIsNew,
  mayAllGrow,
  rebalanceForbidsIt,
  serverIsUnknown,
  someoneKeepsPuttingItBack,
} from "./policies-of-roll.ts";
import { type PoolPart, partsOf, sumOfParts } from "./pool-parts.ts";
import { raisedWhileRolling, type RaiseTerms } from "./raised-limits.ts";
import { rolloutWaitsForOldPods } from "../demand/room.ts";
import {
  addedBy,
  type AddedTo,
  evictionAdds,
  fits,
  mayAdd,
  rolloutAdds,
  type Running,
  sayRunning,
} from "./running.ts";
import { sayRolling } from "../words/say-owner.ts";
import { sayBlocked, sayGone, sayProgress } from "../words/say-rollout.ts";
import { policyIsAwaited, sizesAreNotRead } from "./unread-facts.ts";
import { lastRollDidNotHelp, ownerUndoesRolls } from "./rolls-in-vain.ts";
import type { ResizeDecisions } from "./resizes.ts";
import { unsizedWouldTakeMore } from "./unsized-pools.ts";
import type { Wish } from "./wishes.ts";

export interface RollTerms extends RaiseTerms {
  readonly mayGrow: (pool: PoolFacts) => boolean;
  readonly unreadIn?: Snapshot["unreadIn"];
  readonly lateObjects?: Snapshot["lateObjects"];
  readonly awaitedPolicies?: Snapshot["awaitedPolicies"];
  readonly namespaceQuotas?: Snapshot["namespaceQuotas"];
  readonly nowMs: number;
  /** What really runs within each limit that refuses logins, the server first. */
  readonly running: readonly Running[];
  readonly isEvictionOff?: boolean | undefined;
  /** Whether the operator's owner bounds the namespace; undefined: none. */
  readonly isBounded?: IsBounded;
  readonly served?: Snapshot["served"];
  /** Shares move with what pools use. */
  readonly isSharedByUse?: boolean;
  /** What running pods of live pools are given, lack, and give back. */
  readonly live?: ResizeDecisions;
}

export interface Obstacle {
  readonly reason: Reason;
  readonly message: string;
  /** When to look again, if time alone removes it. */
  readonly untilMs?: number;
  /** A rollout does not fit, or would be in vain; replacing pods one at a time may help. */
  readonly isOneByOne?: true;
  /** The next reading of the server removes it, or shows that it has to be. */
  readonly needsReading?: true;
}

export interface RollScene {
  readonly rolling: readonly Position[];
  readonly terms: RollTerms;
  readonly shrinkNeeded: boolean;
}

type Check = (wish: Wish, scene: RollScene) => Obstacle | undefined;

const checks: readonly Check[] = [
  nobodyReplacesThem,
  rebalanceForbidsIt,
  sizesAreNotRead,
  policyIsAwaited,
  serverIsUnknown,
  deploymentIsPaused,
  strategyIsOnDelete,
  workloadIsRolling,
  lastRollWasRefused,
  rolloutWouldWait,
  admissionIsNew,
  grantIsSettling,
  unsizedWouldTakeMore,
  ownerUndoesRolls,
  lastRollDidNotHelp,
  someoneKeepsPuttingItBack,
  growthIsNotAllowedNow,
  isCoolingDown,
  tooManyAreRolling,
  someLimitWouldBreak,
  someLimitIsFull,
  fewAreLeft,
];

export function obstacleTo(wish: Wish, scene: RollScene): Obstacle | undefined {
  for (const check of checks) {
    const obstacle = check(wish, scene);
    if (obstacle) return obstacle;
  }
  return undefined;
}

function deploymentIsPaused({ position: { workload } }: Wish): Obstacle | undefined {
  if (!workload.paused) return undefined;
  return { reason: "RolloutPaused", message: "is paused: resume it with kubectl rollout resume" };
}

function strategyIsOnDelete({ position: { workload } }: Wish): Obstacle | undefined {
  if (workload.strategy !== "OnDelete") return undefined;
  return {
    reason: "OnDelete",
    message: "has update strategy OnDelete: delete its pods one by one",
  };
}

function workloadIsRolling({ position }: Wish): Obstacle | undefined {
  if (!position.rolling) return undefined;
  const { stuck } = position.workload;
  if (stuck === undefined) return { reason: "Rolling", message: sayProgress(position) };
  return { reason: "RolloutStuck", message: sayBlocked(position, stuck) };
}

/** By the API server: a missing right, or a value that it does not take. */
function lastRollWasRefused({ position }: Wish, { terms }: RollScene): Obstacle | undefined {
  const { refusedRoll } = position.workload;
  if (!refusedRoll || refusedRoll.untilMs <= terms.nowMs) return undefined;
  const { untilMs, message } = refusedRoll;
  return { reason: "WriteFailed", message: `a write was refused: ${message}`, untilMs };
}

/** Where new pods wait for old ones, it would stand still until the leaving pods are gone. */
function rolloutWouldWait({ position }: Wish): Obstacle | undefined {
  const { workload, leavingPods } = position;
  if (leavingPods === 0 || !rolloutWaitsForOldPods(workload)) return undefined;
  return { reason: "RollsWaiting", message: `waits until ${sayGone(leavingPods)}` };
}

function grantIsSettling(wish: Wish, { terms }: RollScene): Obstacle | undefined {
  const times = partsOf(wish).flatMap((part) => settlesAtMs(part, terms.nowMs) ?? []);
  if (times.length === 0) return undefined;
  const untilMs = Math.max(...times);
  return { reason: "RollsWaiting", message: "waits until its new size is handed out", untilMs };
}

/**
 * A roll starts pods: every API server must hand out the new size first, of each pool, or they
 * would have to be rolled again.
 */
function settlesAtMs({ position, poolSize }: PoolPart, nowMs: number): number | undefined {
  const { published, inForce, unsettledSize, pool } = position;
  if (!isGranted(position)) return undefined;
  const isInForce = published === poolSize && inForce === poolSize && unsettledSize === undefined;
  if (isInForce && pool.grant) return undefined;
  return pool.grant ? settledAtMsOf(pool.grant) : nowMs;
}

function growthIsNotAllowedNow(wish: Wish, scene: RollScene): Obstacle | undefined {
  const { mayGrow, limits } = scene.terms;
  const isTime = mayAllGrow(wish, mayGrow) && !scene.shrinkNeeded;
  const fits = isTime && limits.fitsRoll(wish);
  if (wish.toShrink || fits) return undefined;
  return {
    reason: "GrowthWaiting",
    message: "no pool grows until the fleet fits its budget and the server has been read",
  };
}

function tooManyAreRolling(
  { position }: Wish,
  { rolling, terms }: RollScene,
): Obstacle | undefined {
  const { inTheWay, untilMs } = inTheWayOf(terms)(rolling)(position.workload.namespace);
  // Without any room for rollouts one roll at a time is allowed where the budget itself has the
  // slots for it.
  if (inTheWay.length < Math.max(1, terms.limits.server.limit.rolloutsMax)) return undefined;
  const names = nameFew(inTheWay, (one) => sayRolling(one, position.policy.key));
  const message = `waits for the rollout of ${names}`;
  return { reason: "RollsWaiting", message, ...(Number.isFinite(untilMs) ? { untilMs } : {}) };
}

/** The same for all workloads of a namespace: thousands may wait for thousands. */
const inTheWayOf = oncePer(({ nowMs, isBounded }: RollTerms) =>
  oncePer((rolling: readonly Position[]) =>
    oncePerName((namespace) => {
      const standing = rolling
        .map((other) => ({ other, untilMs: standsUntilMs(other, { namespace }, isBounded) }))
        .filter(({ untilMs }) => nowMs < untilMs);
      return {
        inTheWay: standing.map(({ other }) => other),
        untilMs: standing.reduce((least, one) => Math.min(least, one.untilMs), Infinity),
      };
    }),
  ),
);

function someLimitWouldBreak(wish: Wish, { terms }: RollScene): Obstacle | undefined {
  const broken = wish.toShrink
    ? raisedWhileRolling(wish, terms)
    : terms.limits.whileRolling(wish).find(({ account, slots }) => slots > account.limit.slots);
  if (!broken) return undefined;
  const message = `waits, because its rollout would ${sayNeed(broken)}`;
  return { reason: "RollsWaiting", message, isOneByOne: true };
}

/**
 * While the line is broken, lower exposure is not enough: old and new pods run side by side for a
 * while, and all of them log in. So it is where pods are missing from the account because their
 * login is not known. A fleet of which no pod has a size of ours is replaced all the same: until it
 * is, each deploy of its owner adds more than our roll does. So is one that is sized by its
 * template: without a rollout no size would ever reach it. Where logins are refused until pods are
 * replaced, a rollout is the way only where they cannot be replaced one at a time.
 */
function someLimitIsFull(wish: Wish, { terms }: RollScene): Obstacle | undefined {
  const { position } = wish;
  const own = addedBy(wish, terms.running, rolloutAdds);
  const isAllKnown = own.every(({ running: { possibleSlots = 0 } }) => possibleSlots === 0);
  if (isAllKnown && terms.limits.holdWhileRolling(wish)) return undefined;
  if (!isGranted(position) || isSizedByOthers(wish)) return undefined;
  const full = own.find(({ running, addedSlots }) => !mayAdd(running, addedSlots));
  const tight = full ?? own.find(({ running, addedSlots }) => !fits(running, addedSlots));
  if (!tight || (!full && !isOneByOneBetter(wish, tight, terms))) return undefined;
  const { running, addedSlots } = tight;
  const message = `waits, because ${sayRunning(running)}, and its rollout would add ${addedSlots}`;
  return { reason: "RollsWaiting", message, isOneByOne: true };
}

function isOneByOneBetter(wish: Wish, { addedSlots }: AddedTo, terms: RollTerms): boolean {
  const { position, poolSize } = wish;
  return evictionAddsOf(wish) < addedSlots && isPossible(position, poolSize, terms);
}

/** One pod, with all of its pools. */
function evictionAddsOf(wish: Wish): number {
  return sumOfParts(wish, ({ position, poolSize }) => evictionAdds(position, poolSize));
}

function rolloutAddsOf(wish: Wish): number {
  return sumOfParts(wish, ({ position, poolSize }) => rolloutAdds(position, poolSize));
}

/** Even where its rollout fits by now. */
function fewAreLeft(wish: Wish, { terms }: RollScene): Obstacle | undefined {
  const { position, poolSize, toShrink } = wish;
  if (!toShrink || !isGranted(position) || !isBegun(position, poolSize)) return undefined;
  const isMore = evictionAddsOf(wish) > rolloutAddsOf(wish);
  if (isMore || !isPossible(position, poolSize, terms)) return undefined;
  const { workload } = position;
  const left = largerPodsOf(workload, poolSize).length;
  const message = `waits, because ${left} of its ${livePodsOf(workload).length} pods have yet to be replaced`;
  return { reason: "RollsWaiting", message, isOneByOne: true };
}

/** None of its pods is of a size that we gave it, in any of its pools. */
function isSizedByOthers(wish: Wish): boolean {
  const pods = partsOf(wish).flatMap(({ position }) => position.workload.pods);
  return pods.every(({ sizedByOthers, terminating }) => sizedByOthers === true || terminating);
}
