// Grants approach the shares as far as the line allows now. A shrink is published at once, and its
// slots are free for others only after the settle time, so that every API server hands out the new
// size. A grow is published only when it fits. While the line is broken nothing grows: whoever
// waits keeps what it has.

import type { PoolFacts } from "../facts/facts.ts";
import type { LimitAccounts } from "./limit-accounts.ts";
import type { Position } from "../demand/position.ts";
import { divideFloor } from "../demand/slots.ts";
import { isWorthRolling } from "./tolerance.ts";

export interface GrantTerms {
  /** By pool; false without fresh caches or a fresh reading: then grants only shrink. */
  readonly mayGrow: (pool: PoolFacts) => boolean;
  readonly nowMs: number;
  readonly settleTimeMs: number;
}

export interface GrantDecision {
  readonly poolSize: number;
  readonly settlingPoolSize: number;
  readonly settledAtMs: number;
  readonly decision: "Unchanged" | "Shrink" | "Grow" | "Wait";
}

/**
 * One decision per position, in their order. Raises grants in `limits` as it publishes them, so
 * that afterwards the accounts say what is true once the decisions are carried out.
 */
export function decideGrants(
  positions: readonly Position[],
  shares: readonly number[],
  limits: LimitAccounts,
  terms: GrantTerms,
): GrantDecision[] {
  const decisions = positions.map((position, index) =>
    keepOrShrink(position, shares[index] ?? position.published, terms),
  );
  for (const index of growersByDeficit(positions, shares)) {
    const position = positions[index];
    const share = shares[index];
    if (!position || share === undefined) continue;
    const mayGrow = terms.mayGrow(position.pool);
    const fitting = mayGrow ? largestFitting(position, { index, share, ...terms }, limits) : 0;
    if (fitting > position.published) {
      const inForce = Math.max(fitting, position.inForce);
      limits.raiseGrant(index, inForce);
      decisions[index] = { ...keep(position, terms), poolSize: fitting, decision: "Grow" };
    } else {
      // Nobody waits for less than the tolerance: nobody would be rolled to give it back.
      const isWorthIt = isWorthRolling(position, position.published, share);
      const decision = isWorthIt ? "Wait" : "Unchanged";
      decisions[index] = { ...keep(position, terms), decision };
    }
  }
  return decisions;
}

/** Whether the API server hands out the size, rather than the template. */
export function isGranted({ managed, policy }: Position): boolean {
  return managed && policy.delivery === "Admission";
}

function keepOrShrink(position: Position, share: number, terms: GrantTerms): GrantDecision {
  // While another policy's grant gives its pods more, less could not be in force.
  const poolSize = Math.max(share, position.pool.otherGrantPoolSize ?? 0);
  if (!isGranted(position) || poolSize >= position.published) return keep(position, terms);
  return {
    poolSize,
    settlingPoolSize: position.inForce,
    settledAtMs: terms.nowMs + terms.settleTimeMs,
    decision: "Shrink",
  };
}

function keep(position: Position, { nowMs, settleTimeMs }: GrantTerms): GrantDecision {
  const { published: poolSize, pool } = position;
  const { settlingPoolSize = 0, settledAtMs = 0 } = pool.grant ?? {};
  const common = { poolSize, settlingPoolSize, decision: "Unchanged" as const };
  // The first grant of ours is not handed out everywhere at once, whatever its size.
  const isFirst = pool.grant === undefined || pool.grant.isInherited === true;
  if (!isFirst || !isGranted(position)) return { ...common, settledAtMs };
  return { ...common, settledAtMs: Math.max(settledAtMs, nowMs + settleTimeMs) };
}

/** Those below their share, the one that has the smallest part of it first, then by position. */
function growersByDeficit(positions: readonly Position[], shares: readonly number[]): number[] {
  return positions
    .flatMap((position, index) => {
      const share = shares[index] ?? 0;
      const grows = isGranted(position) && share > position.published;
      return grows ? [{ index, part: position.published / share }] : [];
    })
    .sort((a, b) => a.part - b.part || a.index - b.index)
    .map(({ index }) => index);
}

/** The largest pool size up to the share that keeps every limit, or 0. */
function largestFitting(
  position: Position,
  { index, share }: { readonly index: number; readonly share: number },
  limits: LimitAccounts,
): number {
  // Its surge is under way and was counted with the present size.
  if (position.pendingSlots > 0 || !limits.isWithin(index)) return 0;
  const isFitting = (poolSize: number): boolean =>
    limits.fitsGrant(index, Math.max(poolSize, position.inForce));
  if (isFitting(share)) return share;
  let fits = 0;
  let tooMuch = share + 1;
  while (tooMuch - fits > 1) {
    const middle = divideFloor(fits + tooMuch, 2);
    if (isFitting(middle)) fits = middle;
    else tooMuch = middle;
  }
  return fits;
}
