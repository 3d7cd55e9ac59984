// A workload's position: its facts reduced to the few numbers that exposure, grants and rolls are
// counted from. Pods are grouped by their own pool size, so that "what if the grant were g" costs a
// handful of operations.

import { pickedKinds } from "../../api/workload-kinds.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { PodFacts, PolicyFacts, PoolFacts, WorkloadFacts } from "../facts/facts.ts";
import { isFollowing, resizablePodsAmong } from "./live-pods.ts";
import { plannedPodsOf, type RecentPods, recentPodsOf } from "./planned-pods.ts";
import { isOwn, type PodSplit, podsWithin, splitPods } from "./revisions.ts";
import { rolloutWaitsForOldPods, roomPodsOf } from "./room.ts";
import { unsettledPart } from "./settling.ts";
import { slotsPerPod } from "./slots.ts";
import { isGateInForce, waitingPodsOf, wantsGate } from "./start-gate.ts";

/** Pods of one own pool size. */
export interface SizeGroup {
  readonly poolSize: number;
  readonly pods: number;
}

export interface Position {
  /** The pool that it is of. */
  readonly pool: PoolFacts;
  /** What makes its pods, the same for all pools of them. */
  readonly workload: WorkloadFacts;
  readonly policy: PolicyFacts;
  readonly sizing: Sizing;
  /** We may grant and roll it. Otherwise it stands on the ledger as it is. */
  readonly managed: boolean;
  /** One of its servers has limits that nobody knows: everything of it stays as it is. */
  readonly isServerUnknown?: true;
  /**
   * Its policy has no place beside others that have: what its pods hold counts, and nothing that
   * they might grow to.
   */
  readonly heldOnly: boolean;
  /** Its new pods wait until their slots are there: nothing is kept for them (start-gate.ts). */
  readonly isGated?: true;
  readonly plannedPods: number;
  /** Its namespace's quota has no room for any of the pods that it asks for. */
  readonly isWithoutRoom?: boolean;
  /** Of a live pool whose floor does not fit the quota: the most that its next pods start with. */
  readonly startSizeMost?: number;
  readonly roomPods: number;
  /** What others must still leave to it; more than `plannedPods` for the cooldown after a fall. */
  readonly recent: RecentPods;
  readonly staying: readonly SizeGroup[];
  /** Of those: pods that only a restart brings to another size. */
  readonly restarting: readonly SizeGroup[];
  /** Those that are resized while they run; undefined where the pool needs restarts. */
  readonly resizablePods?: readonly PodFacts[];
  readonly stayingPods: number;
  /** Of those: pods of a StatefulSet in whose place none is planned for. */
  readonly misplacedPods: number;
  /** Pods that it is asked for now and that are not there. */
  readonly startingPods: number;
  /** What the leaving pods hold by their own sizes. */
  readonly leavingSlots: number;
  /** Of those: what pods of a deleted workload of the same name hold. */
  readonly predecessorSlots: number;
  readonly leavingPods: number;
  /** Of the leaving pods, those that do not end yet: a rollout is to replace them. */
  readonly oldPods: number;
  readonly oldSlots: number;
  /**
   * What a rollout under way may still start beside them: up to the surge, where new pods wait for
   * old ones; a whole new fleet, where it stands still before its first pod; pods of a template
   * that it has replaced.
   */
  readonly pendingSlots: number;
  readonly rolling: boolean;
  /** Pool size of the next pod, as published: the grant, else the template's own. */
  readonly published: number;
  /** The largest size that a next pod can be given now: of a settling grant the larger one. */
  readonly inForce: number;
  /** A larger one that a next pod may still be given somewhere, by what this process has seen. */
  readonly unsettledSize?: number;
}

export function positionOf(
  pool: PoolFacts,
  policy: PolicyFacts,
  nowMs: number,
  heldOnly = false,
): Position {
  const position = ungatedPositionOf(pool, policy, nowMs, heldOnly);
  if (heldOnly || !isGateInForce(pool, policy, nowMs)) return position;
  return { ...position, ...gatedPart(pool, position.managed) };
}

function ungatedPositionOf(
  pool: PoolFacts,
  policy: PolicyFacts,
  nowMs: number,
  heldOnly: boolean,
): Position {
  const { sizing, grant } = pool;
  const workload: WorkloadFacts = pool;
  const replicas = workload.exists ? workload.replicas : 0;
  const plannedPods = plannedPodsOf(pool);
  const { staying, leaving, rolling, isYetToBegin } = splitPods(workload, plannedPods);
  const published = grant?.poolSize ?? pool.template.poolSize;
  const settling = grant && nowMs < grant.settledAtMs ? grant.settlingPoolSize : 0;
  const others = pool.otherGrantPoolSize ?? 0;
  const inForce = Math.max(published, settling, others, unsizedUntilReady(pool, policy, nowMs));
  const roomPods = roomPodsOf(workload, plannedPods);
  const ownLeaving = leaving.filter(isOwn);
  const split = { staying, leaving: ownLeaving, isYetToBegin };
  const leavingSlots = slotsOf(leaving, sizing);
  const old = leaving.filter(({ terminating }) => !terminating);
  const managed = isManaged(pool, policy);
  return {
    pool,
    workload,
    policy,
    sizing,
    managed,
    heldOnly,
    plannedPods,
    roomPods,
    recent: recentPodsOf(pool, plannedPods, { cooldownMs: policy.cooldownMs, nowMs }),
    ...(heldOnly
      ? groupsOf([...staying, ...unheldPodsOf(pool)], undefined)
      : groupsOf(staying, managed ? resizablePodsAmong(pool, staying) : undefined)),
    stayingPods: staying.length,
    misplacedPods: staying.length - podsWithin(staying, plannedPods),
    startingPods: Math.max(0, replicas - podsWithin(staying, replicas)),
    leavingSlots,
    predecessorSlots: leavingSlots - slotsOf(ownLeaving, sizing),
    leavingPods: leaving.length,
    oldPods: old.length,
    oldSlots: slotsOf(old, sizing),
    pendingSlots: heldOnly
      ? 0
      : pendingSlotsOf(pool, split, { roomPods, inForce }) + missingSlotsOf(pool),
    rolling,
    published,
    inForce,
    ...unsettledPart(grant, inForce, nowMs),
  };
}

/** Of each pod what it holds, until it is gone: no successor of it starts by itself. */
function gatedPart(pool: PoolFacts, managed: boolean): Partial<Position> {
  const { pods } = pool;
  const groups = groupsOf(pods, managed ? resizablePodsAmong(pool, pods) : undefined);
  const replaceable = pods.filter((pod) => !isFollowing(pod) && !pod.terminating);
  return {
    ...{ isGated: true, ...groups, restarting: groupBySize(replaceable) },
    ...{ stayingPods: pods.length, misplacedPods: 0, startingPods: 0 },
    ...{ leavingSlots: 0, predecessorSlots: 0, leavingPods: 0, oldPods: 0, oldSlots: 0 },
    ...{ pendingSlots: 0, roomPods: 0 },
  };
}

/** Their gate is gone, they start with the floor, and nobody else counts them as expected pods. */
function unheldPodsOf(pool: PoolFacts): PodFacts[] {
  if (wantsGate(pool)) return [];
  const start = { poolSize: pool.sizing.floor };
  return waitingPodsOf(pool).map((pod) => ({ ...pod, own: { ...pod.own, ...start } }));
}

/**
 * A rollout that stands still keeps nobody else from rolling out, and goes on at any moment. Before
 * its first pod its staying ones are in the account by the larger of two sizes; what is missing
 * there, once they leave, is the smaller one. Of one that moves, only pods that end already are
 * doubled: its new pods are what the room is for.
 */
function pendingSlotsOf(
  pool: PoolFacts,
  { staying, leaving, isYetToBegin }: Omit<PodSplit, "rolling">,
  { roomPods, inForce }: Pick<Position, "roomPods" | "inForce">,
): number {
  const { sizing, paused, stuck } = pool;
  const perPod = slotsPerPod(sizing, inForce);
  const standsStill = isYetToBegin && (paused || stuck !== undefined);
  if (rolloutWaitsForOldPods(pool)) {
    const waits = leaving.length > 0 || (standsStill && pool.waitsForTermination);
    return waits ? Math.max(0, roomPods - leaving.length) * perPod : 0;
  }
  if (!isYetToBegin) return 0;
  const doubled = standsStill ? staying : staying.filter(({ terminating }) => terminating);
  return sumOver(groupBySize(doubled), ({ poolSize }) =>
    Math.min(slotsPerPod(sizing, poolSize), perPod),
  );
}

/**
 * Pods of the replaced template that are missing: its ReplicaSet starts them when it can, unless a
 * grant gives them another size.
 */
function missingSlotsOf(pool: PoolFacts): number {
  const { replacedPoolSize, replicas, pods, sizing } = pool;
  if (replacedPoolSize === undefined || !startsFormerPods(pool)) return 0;
  const live = pods.filter((pod) => !pod.terminating && isOwn(pod)).length;
  return Math.max(0, replicas - live) * slotsPerPod(sizing, replacedPoolSize);
}

/**
 * What a rollout adds to those: pods of the present template that have not started yet may start
 * beside the new ones.
 */
export function unstartedSlotsOf({ pool, sizing, startingPods, published }: Position): number {
  return startsFormerPods(pool) ? startingPods * slotsPerPod(sizing, published) : 0;
}

/**
 * With the former size, where no grant gives them another one. Recreate ends the ReplicaSets of
 * former templates first; a StatefulSet has none.
 */
function startsFormerPods({ grant, exists, kind, strategy }: PoolFacts): boolean {
  const isSized = grant !== undefined && grant.isUnanswered !== true;
  const isRolling = strategy === "RollingUpdate";
  return !isSized && exists && pickedKinds[kind].hasReplicaSets && isRolling;
}

function slotsOf(pods: readonly PodFacts[], sizing: Sizing): number {
  return pods.reduce((sum, { own }) => sum + slotsPerPod(sizing, own.poolSize), 0);
}

/** What pods start with while the admission policy is too new to be acted upon everywhere. */
function unsizedUntilReady(pool: PoolFacts, policy: PolicyFacts, nowMs: number): number {
  return nowMs < (policy.admissionReadyAtMs ?? 0) ? pool.template.poolSize : 0;
}

function isManaged(pool: PoolFacts, policy: PolicyFacts): boolean {
  return (
    pool.exists &&
    pool.isReleased !== true &&
    pool.isCounted !== true &&
    policy.spec.mode === "Enforce" &&
    policy.failure === undefined &&
    pool.claimedBy.length === 1 &&
    pool.container !== undefined &&
    !pool.findings.some(({ severity }) => severity === "blocking") &&
    !policy.findings.some(({ severity }) => severity === "blocking")
  );
}

function groupsOf(
  staying: readonly PodFacts[],
  resizablePods: readonly PodFacts[] | undefined,
): Pick<Position, "staying" | "restarting" | "resizablePods"> {
  const groups = groupBySize(staying);
  if (!resizablePods) return { staying: groups, restarting: groups };
  const restarting = groupBySize(staying.filter((pod) => !isFollowing(pod)));
  return { staying: groups, restarting, resizablePods };
}

/** Nearly always there are one or two sizes, and as many as pods where somebody means to. */
function groupBySize(pods: readonly PodFacts[]): SizeGroup[] {
  const counts = new Map<number, number>();
  for (const { own } of pods) counts.set(own.poolSize, (counts.get(own.poolSize) ?? 0) + 1);
  return [...counts].map(([poolSize, count]) => ({ poolSize, pods: count }));
}

/** Planned pods that are not there yet: they may start at any moment without asking us. */
export function expectedPodsOf(position: Position): number {
  const { plannedPods, stayingPods, misplacedPods } = position;
  return isHeldAlone(position) ? 0 : Math.max(0, plannedPods - (stayingPods - misplacedPods));
}

/** It counts with what its pods hold, and nothing that they might grow to or be replaced by. */
export function isHeldAlone({ heldOnly, isGated }: Position): boolean {
  return heldOnly || isGated === true;
}

/** What the staying pods hold by their own sizes. */
export function heldSlots({ sizing, staying }: Position): number {
  return sumOver(staying, ({ poolSize }) => slotsPerPod(sizing, poolSize));
}

/** What pods bigger than `poolSize` hold beyond it: what a roll to it would give back. */
export function slotsAbove({ sizing, restarting }: Position, poolSize: number): number {
  return sumOver(restarting, (group) => {
    const excess = Math.max(0, group.poolSize - poolSize);
    return excess * sizing.processesPerPod;
  });
}

/** What pods smaller than `poolSize` lack of it: what a roll to it would gain. */
export function slotsBelow({ sizing, restarting }: Position, poolSize: number): number {
  return sumOver(restarting, (group) => {
    const lack = Math.max(0, poolSize - group.poolSize);
    return lack * sizing.processesPerPod;
  });
}

export function sumOver(groups: readonly SizeGroup[], slots: (group: SizeGroup) => number): number {
  return groups.reduce((sum, group) => sum + group.pods * slots(group), 0);
}
