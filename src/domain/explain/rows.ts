// One row per workload: what it has, what it should have, what is done about it, and why, with the
// arithmetic.

import { poolNameIn } from "../../api/keys.ts";
import type { WorkloadRow } from "../../api/poolpolicy.ts";
import type { Reason } from "../../api/conditions.ts";
import type { Sizing } from "../../api/sizing.ts";
import { restSlots } from "../demand/exposure.ts";
import { narrowBounds } from "./bound-by.ts";
import { isGranted } from "../decide/grants.ts";
import { sayUnknownLogins } from "../supply/login-members.ts";
import { liveColumns, liveReading } from "./live-rows.ts";
import type { Plan } from "../decide/plan.ts";
import { partAt } from "../decide/pool-parts.ts";
import type { PoolPlan } from "../decide/pool-plan.ts";
import { expectedPodsOf, heldSlots, type Position } from "../demand/position.ts";
import { sayCount } from "../words/say-count.ts";
import { sayHolders } from "../words/say-owner.ts";
import { sayBlocked, sayEnding, sayLeaving } from "../words/say-rollout.ts";
import { divideFloor, slotsPerPod } from "../demand/slots.ts";
import { isoTime } from "../words/iso-time.ts";
import { useOf } from "./use-rows.ts";
import { isAssigned, sayNextSize } from "./unassigned.ts";

interface Reading {
  readonly decision: string;
  readonly reason: Reason;
  readonly message: string;
}

export function rowOf(plan: Plan, pool: PoolPlan): WorkloadRow {
  const { index, position } = pool;
  const { pool: facts, workload, sizing, plannedPods } = position;
  const poolSize = poolSizeAfter(plan, pool);
  const slots = restSlots(position, plan.exposure.grantOf(index));
  const { decision, reason, message } = readingOf(plan, pool);
  return {
    workload: poolNameIn(facts.poolKey),
    replicas: workload.replicas,
    pods: workload.pods.length,
    plannedPods,
    ...memoryOf(position),
    ...replacedBy(plan, pool),
    ...countingOf(position),
    poolSize,
    wantedPoolSize: wantedSizeOf(pool),
    minSize: facts.isCounted === true ? 0 : minSizeOf(sizing, poolSize),
    ...useOf(plan.snapshot, position, sizeOfRunning(plan, pool)),
    heldSlots: heldSlots(position),
    slots: slots + plan.limits.givenWhileRunning(index),
    ...liveColumns(plan, pool),
    decision,
    reason,
    message:
      `${message}; ${arithmeticOf(position, poolSize, slots)}` +
      `${sayOthers(position, reason)}${sayBound(plan, index)}`,
  };
}

/** Where it is only counted nothing is given to it. */
function wantedSizeOf({ position: { managed, pool }, share, advised }: PoolPlan): number {
  if (pool.isCounted === true) return 0;
  return managed ? share : advised;
}

/** What the next decision has to know of this one, and nobody else remembers. */
function memoryOf({ recent, pool }: Position): Partial<WorkloadRow> {
  const { pods, fewerSinceMs } = recent;
  const { rolledAtMs, rolledPoolSize, reverts, undone, foundPoolSize } = pool;
  return {
    ...(fewerSinceMs === undefined
      ? {}
      : { recentlyPlannedPods: pods, fewerSince: isoTime(fewerSinceMs) }),
    ...(rolledAtMs === undefined ? {} : { rolledAt: isoTime(rolledAtMs) }),
    ...(rolledPoolSize === undefined ? {} : { rolledPoolSize }),
    ...(foundPoolSize === undefined ? {} : { foundPoolSize }),
    ...(reverts === 0 ? {} : { reverts }),
    ...(undone === 0 ? {} : { undone }),
  };
}

/** What the template says before a roll of ours, or said before the rollout under way. */
function replacedBy({ rolls }: Plan, { index, position }: PoolPlan): Partial<WorkloadRow> {
  const { pool, published } = position;
  const isReplaced = partAt(rolls.roll, index) !== undefined && !isGranted(position);
  const replacedPoolSize = Math.max(pool.replacedPoolSize ?? 0, isReplaced ? published : 0);
  return replacedPoolSize === 0 ? {} : { replacedPoolSize };
}

/** By what its pods were counted: its entry may go before they do. */
function countingOf({ sizing, pool }: Position): Partial<WorkloadRow> {
  const { processesPerPod, unmanagedPoolSize, maxSizeName } = sizing;
  const { container, connectionsBeside = 0 } = pool;
  // Those beside are found again in the pods themselves.
  const extraConnectionsPerPod = sizing.extraConnectionsPerPod - connectionsBeside;
  return {
    ...(container === undefined ? {} : { container }),
    ...{ processesPerPod, extraConnectionsPerPod, unmanagedPoolSize, maxSizeName },
  };
}

/** 0 where the entries have no name for a minimum. */
function minSizeOf({ minSizeName, minSizePercent }: Sizing, poolSize: number): number {
  return minSizeName === undefined ? 0 : divideFloor(poolSize * minSizePercent, 100);
}

/** Pool size of the next pod once the plan is carried out. */
export function poolSizeAfter(
  { rolls: { roll } }: Plan,
  { index, position, grant }: PoolPlan,
): number {
  if (isGranted(position)) return grant.poolSize;
  const part = position.managed ? partAt(roll, index) : undefined;
  return part?.poolSize ?? position.published;
}

/** The largest of its running pods, where they are resized; else that of the next one. */
export function sizeOfRunning(plan: Plan, pool: PoolPlan): number {
  return liveColumns(plan, pool).live?.most ?? poolSizeAfter(plan, pool);
}

/** `slots` with what is in force now: a smaller size is not handed out everywhere at once. */
function arithmeticOf(position: Position, poolSize: number, slots: number): string {
  if (position.heldOnly) return `${sayHeld(position)}, and no slots are kept for more than that`;
  const expected = expectedPodsOf(position);
  const soon = restSlots(position, poolSize);
  const each = slotsPerPod(position.sizing, poolSize);
  const grown = soon - expected * each;
  const replaced = grown > heldSlots(position) ? `, ${grown} once replaced by pods of ${each}` : "";
  const more = expected > 0 ? `, ${expected} more may start with ${each} each: ${soon} in all` : "";
  const now = slots > soon ? `, ${slots} until the new size is in force` : "";
  return `${sayHeld(position)}${replaced}${more}${now}`;
}

function sayHeld(position: Position): string {
  const { stayingPods } = position;
  const held = sayCount(heldSlots(position), "slot");
  return stayingPods === 1 ? `1 pod holds ${held}` : `${stayingPods} pods hold ${held}`;
}

/** What the message of a rollout says already is not said twice. */
function sayOthers(position: Position, reason: Reason): string {
  if (reason === "Rolling") return "";
  return reason === "RolloutStuck" ? sayEnding(position) : sayLeaving(position);
}

function sayBound(plan: Plan, index: number): string {
  const names = narrowBounds(plan, index);
  return names === "" ? "" : `; limited by ${names}`;
}

function readingOf(plan: Plan, pool: PoolPlan): Reading {
  const { index, position } = pool;
  return (
    unmanagedReading(plan, position) ??
    unknownReading(plan, position) ??
    rollReading(plan, index) ??
    changedGrantReading(pool) ??
    blockedReading(position) ??
    waitingRollReading(plan, index) ??
    waitingGrantReading(plan, pool) ??
    contentReading(plan, pool) ??
    steadyReading(pool) ?? {
      decision: "Unchanged",
      reason: "Applied",
      message: "nothing to change",
    }
  );
}

function unmanagedReading(plan: Plan, position: Position): Reading | undefined {
  const { managed, pool, policy, isServerUnknown } = position;
  if (managed || isServerUnknown === true) return undefined;
  const decision = "Unmanaged";
  if (!pool.exists) return { decision, reason: "Applied", message: goneMessage(pool) };
  if (pool.isReleased === true) return { decision, reason: "Applied", message: releasedMessage };
  if (pool.isCounted === true && pool.claimedBy.length === 1) {
    return { decision, reason: "Counted", message: countedMessage };
  }
  const blocking = [...pool.findings, ...policy.findings].find(
    ({ severity }) => severity === "blocking",
  );
  if (blocking) return { decision, reason: blocking.reason, message: blocking.message };
  if (policy.failure) {
    return { decision, reason: policy.failure.reason, message: sayNextSize(plan, pool) };
  }
  if (policy.spec.mode === "Observe") {
    const message = "mode is Observe: pods keep their sizes, new ones get what their template says";
    return { decision, reason: "Observing", message };
  }
  return { decision, reason: "ClaimedTwice", message: sayNextSize(plan, pool) };
}

/** Without a limit nothing is decided. */
function unknownReading(plan: Plan, { pool }: Position): Reading | undefined {
  if (plan.budgetSlots !== undefined) return undefined;
  const decision = isAssigned(pool) ? "Unchanged" : "Wait";
  return { decision, reason: "BudgetUnknown", message: sayNextSize(plan, pool) };
}

/** Whoever started the rollout: its old pods hold their slots until it goes on. */
function blockedReading(position: Position): Reading | undefined {
  const { stuck } = position.workload;
  if (!position.rolling || stuck === undefined) return undefined;
  return { decision: "Wait", reason: "RolloutStuck", message: sayBlocked(position, stuck) };
}

function rollReading({ rolls }: Plan, index: number): Reading | undefined {
  const part = partAt(rolls.roll, index);
  if (!part) return undefined;
  const message = `rollout to pool size ${part.poolSize} starts`;
  return { decision: "Roll", reason: "RollStarted", message };
}

function changedGrantReading({ position, grant }: PoolPlan): Reading | undefined {
  if (grant.decision !== "Shrink" && grant.decision !== "Grow") return undefined;
  const message = `next pods get ${position.published}→${grant.poolSize}`;
  return { decision: grant.decision, reason: "GrantChanged", message };
}

function waitingRollReading({ rolls }: Plan, index: number): Reading | undefined {
  const obstacle = rolls.obstacles.get(index);
  return obstacle && { decision: "Wait", reason: obstacle.reason, message: obstacle.message };
}

function waitingGrantReading(
  plan: Plan,
  { position, share, grant }: PoolPlan,
): Reading | undefined {
  if (grant.decision !== "Wait") return undefined;
  const growth = `to grow ${grant.poolSize}→${share}`;
  const unknown = sayUnknownLogins(plan.snapshot, position.workload.namespace);
  const message =
    unknown === ""
      ? `waits for free slots ${growth}${sayHolders(plan.holders, position.policy.key)}`
      : `waits ${growth} ${unknown}`;
  return { decision: "Wait", reason: "GrowthWaiting", message };
}

/** It could have a little more, for which nobody is rolled. */
function contentReading(plan: Plan, pool: PoolPlan): Reading | undefined {
  const { position, share, grant } = pool;
  if (position.resizablePods) return liveReading(plan, pool);
  const { poolSize, decision } = grant;
  if (!isGranted(position) || decision !== "Unchanged" || share <= poolSize) return undefined;
  const { tolerancePercent } = position.policy.spec.stability;
  const holders = sayHolders(plan.holders, position.policy.key, "; the missing slots are ");
  const message =
    `has ${poolSize} of its share of ${share}; the difference is within tolerancePercent ` +
    `${tolerancePercent}${holders}`;
  return { decision, reason: "Applied", message };
}

const releasedMessage =
  "no entry names this pool any more: it is counted as its pods and their template say";

const countedMessage =
  "manage is Count: nothing is written to its pods, and they count with the sizes that they have";

function goneMessage({ pods }: Position["workload"]): string {
  return pods.length > 0 ? "is gone, its pods end" : "is gone; its share is kept for the cooldown";
}

/** Somebody plans for fewer pods, only just now. */
function steadyReading({ position, share, later }: PoolPlan): Reading | undefined {
  if (later <= share) return undefined;
  const { cooldown } = position.policy.spec.stability;
  const message = `grows ${share}→${later} when fewer pods have been planned for ${cooldown}`;
  return { decision: "Wait", reason: "GrowthWaiting", message };
}
