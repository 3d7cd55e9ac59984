// What may be more than the account says, for a while: sizes that may still be handed out
// somewhere, and a template that nobody but its owner has seen. The account follows what is known,
// because whoever starts anew must not report what nobody holds; but nothing grows into the
// difference. What a shrink frees is not given on before everybody has surely heard of it.

import { heldSlots, type Position } from "../demand/position.ts";
import { rolloutWaitsForOldPods } from "../demand/room.ts";

/** The same positions at their most; undefined where all have settled. */
export function unsettledPositions(
  positions: readonly Position[],
): readonly Position[] | undefined {
  const larger = positions.map(atMost);
  return larger.every((one, place) => one === positions[place]) ? undefined : larger;
}

function atMost(position: Position): Position {
  const { unsettledSize, inForce, pendingSlots } = position;
  const unseen = unseenLeavingSlots(position);
  if (unsettledSize === undefined && unseen === 0) return position;
  return { ...position, inForce: unsettledSize ?? inForce, pendingSlots: pendingSlots + unseen };
}

/**
 * A Deployment was changed again in the middle of a rollout, and its controller has not looked at
 * it: if that was its template, pods of the newest ReplicaSet leave beside those that leave
 * already, and the room is for one of the two rollouts.
 */
function unseenLeavingSlots(position: Position): number {
  const { workload, leavingPods, isGated, heldOnly } = position;
  const isSecond = workload.isUnseen === true && leavingPods > 0;
  if (!isSecond || isGated === true || heldOnly || rolloutWaitsForOldPods(workload)) return 0;
  return heldSlots(position);
}
