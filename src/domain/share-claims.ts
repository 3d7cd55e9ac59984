// From positions to claims on the budget: who may be moved, within which bounds, and what has to be
// left alone. A workload that we may not move (Observe, claimed twice, a policy whose secret is
// gone) claims just what it holds. Its advised share is worked out as if it could be moved, so that
// Observe can say what Enforce would do. Nobody grows into what a workload gave up only just now.

import { restSlots } from "./exposure.ts";
import type { Position } from "./position.ts";
import { roomPodsOf } from "./room.ts";
import { allocate, type Claim, type ShareTerms } from "./shares.ts";
import { slotsPerPod } from "./slots.ts";

export interface ShareDecision {
  /** Pool size that each workload should have, in the order of the positions. */
  readonly poolSizes: readonly number[];
  /** The same as advice, for workloads that we do not move. */
  readonly advised: readonly number[];
  /**
   * Slots that the floors ask for beyond the budget; where nobody is moved, that they would ask
   * for.
   */
  readonly missingSlots: number;
  /** What each could have but for the pods that were planned for until lately. */
  readonly later: readonly number[];
}

export function decideShares(positions: readonly Position[], terms: ShareTerms): ShareDecision {
  const held = positions.reduce((sum, position) => sum + slotsBeyondClaim(position), 0);
  const budgetSlots = terms.budgetSlots - held;
  const shares = allocate(positions.map(claimOf), { ...terms, budgetSlots });
  const everyoneMoves = positions.every(({ managed }) => managed);
  const advised = everyoneMoves ? shares : allocate(positions.map(freeClaimOf), terms);
  const someoneMoves = positions.some(({ managed }) => managed);
  const { missingSlots } = someoneMoves ? shares : advised;
  const poolSizes = withoutLeaps(positions, shares.poolSizes, { ...terms, budgetSlots });
  return { poolSizes, advised: advised.poolSizes, missingSlots, later: shares.poolSizes };
}

/** Shares, of which none is above both what is published and what recent planned pods leave. */
function withoutLeaps(
  positions: readonly Position[],
  shares: readonly number[],
  terms: ShareTerms,
): readonly number[] {
  if (!positions.some(({ recent, plannedPods }) => recent.pods > plannedPods)) return shares;
  const limits = allocate(positions.map(recentClaimOf), terms).poolSizes;
  return positions.map(({ published, plannedPods, recent }, index) => {
    const share = shares[index] ?? published;
    const limit = limits[index] ?? 0;
    // Scaled to 0 for now: if its pods come back, they start as they were.
    if (plannedPods === 0 && recent.pods > 0) return Math.min(published, limit);
    return Math.min(share, Math.max(published, limit));
  });
}

function recentClaimOf(position: Position): Claim {
  const { workload, recent, sizing } = position;
  const plannedPods = recent.pods;
  const roomPods = roomPodsOf(workload, plannedPods);
  // One that is gone had a share, and gets it again if it comes back.
  const { floor, ceiling } = sizing;
  const { key, exists } = workload;
  if (!exists) return { key, sizing, plannedPods, roomPods, floor, ceiling };
  return claimOf({ ...position, plannedPods, roomPods });
}

/**
 * What an unmanaged workload holds beyond planned pods at the size in force: bigger or more pods.
 */
function slotsBeyondClaim(position: Position): number {
  if (position.managed) return 0;
  const { sizing, plannedPods, inForce } = position;
  return restSlots(position, inForce) - plannedPods * slotsPerPod(sizing, inForce);
}

function claimOf(position: Position): Claim {
  if (position.managed) return freeClaimOf(position);
  return { ...freeClaimOf(position), floor: position.inForce, ceiling: position.inForce };
}

function freeClaimOf({ workload, sizing, plannedPods, roomPods }: Position): Claim {
  // Nothing is kept for a workload without planned pods, so its first pods get the floor.
  const ceiling = plannedPods === 0 ? sizing.floor : sizing.ceiling;
  return { key: workload.key, sizing, plannedPods, roomPods, floor: sizing.floor, ceiling };
}
