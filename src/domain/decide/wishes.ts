// A wish is a roll that would bring a workload's pods to their size: to give slots back that others
// need, or to take what is theirs. Wishing is cheap; whether and when it comes true is for rolls.ts
// and obstacles.ts to say.

import type { Exposure } from "../demand/exposure.ts";
import type { Finding } from "../facts/facts.ts";
import { isGranted } from "./grants.ts";
import {
  expectedPodsOf,
  heldSlots,
  type Position,
  slotsAbove,
  slotsBelow,
  sumOver,
} from "../demand/position.ts";
import type { WholeAct } from "./pool-parts.ts";
import { isWorthRolling } from "./tolerance.ts";
import { mustBeBounded } from "../demand/unlimited.ts";

/** A roll that would bring a workload's pods to their size. */
export interface Wish extends WholeAct {
  readonly toShrink: boolean;
  /** Slots that the pods give back (or gain, if it is to grow). */
  readonly slots: number;
  /** Slots that exposure rises by while it rolls; negative if it falls. */
  readonly addedSlots: number;
}

export interface Target {
  readonly position: Position;
  readonly index: number;
  readonly target: number;
  /** The target is the share itself, so a roll to it will not be followed by another. */
  readonly atShare: boolean;
  readonly shrinkNeeded: boolean;
}

export function wishOf(
  { position, index, target, atShare, shrinkNeeded }: Target,
  exposure: Exposure,
): Wish[] {
  const wish = (toShrink: boolean, slots: number): Wish => {
    const addedSlots = exposure.slotsWhileRolling(index, target) - exposure.slots;
    return { index, position, poolSize: target, addedSlots, toShrink, slots };
  };
  const excessSlots = slotsAbove(position, target) + templateExcess(position, target);
  if (shrinkNeeded && (excessSlots > 0 || mustBeBounded(position)))
    return [wish(true, excessSlots)];
  const lackSlots = slotsBelow(position, target);
  const { tolerancePercent } = position.policy.spec.stability;
  const isWorth = lackSlots * 100 > heldSlots(position) * tolerancePercent;
  const isMoving = position.policy.migratingToTemplate === true;
  const mustComplete = (excessSlots === 0 || isMoving) && mustCompleteTemplate(position, target);
  return (isWorth && atShare) || mustComplete ? [wish(false, lackSlots)] : [];
}

/**
 * Template delivery: whatever starts gets the template's larger size, expected pods and those that
 * replace staying ones alike. That counts even where every pod is smaller now, as after a change of
 * delivery.
 */
function templateExcess(position: Position, target: number): number {
  if (isGranted(position)) return 0;
  const { sizing, published, staying } = position;
  const excessOver = (poolSize: number): number =>
    Math.max(0, published - Math.max(poolSize, target));
  const replaced = sumOver(staying, ({ poolSize }) => excessOver(poolSize));
  return (replaced + expectedPodsOf(position) * excessOver(target)) * sizing.processesPerPod;
}

/**
 * Template delivery: the entries are not there, or say something else although no pod shows it yet.
 * On the way to it: without its grant the next pod would start larger.
 */
function mustCompleteTemplate(position: Position, target: number): boolean {
  const { pool, published, policy } = position;
  const { template, templateIsWhole, findings } = pool;
  if (!isGranted(position)) return !templateIsWhole || isWorthRolling(position, published, target);
  if (policy.migratingToTemplate !== true || findings.some(forbidsTemplate)) return false;
  return !templateIsWhole || template.poolSize > target;
}

/** The template's entries are not ours to write. */
export function forbidsTemplate({ reason }: Finding): boolean {
  return ["SizeFromReference", "FieldConflict", "PodsNeedAdmission"].includes(reason);
}
