// Whose turn it is where the operator's owner bounds namespaces. One that always asks for most, or
// asks again and again, would be served each time: so the namespace that was served longest ago
// comes first, and those that are not bounded before it. Nor does a rollout of a bounded one keep
// others waiting for as long as its owner likes.

import { pickedKinds } from "../../api/workload-kinds.ts";
import type { Snapshot } from "../facts/facts.ts";
import type { Position } from "../demand/position.ts";
import type { ServedFacts } from "../facts/served-facts.ts";

/** A roll of ours that makes no progress keeps others from being rolled for this long. */
const ownStuckMs = 3_600_000;
/** Any roll of ours in a bounded namespace keeps other namespaces from being rolled for so long. */
const guestRollMs = 600_000;

export type IsBounded = ((namespace: string) => boolean) | undefined;

/** Of another namespace that is bounded: what its owner does may not keep this one waiting. */
export function isGuest(
  workload: Position["workload"],
  namespace: string,
  isBounded: IsBounded,
): boolean {
  return workload.namespace !== namespace && isBounded?.(workload.namespace) === true;
}

function latestOf({ rolledAtMs = 0, evictedAtMs = 0 }: ServedFacts = {}): number {
  return Math.max(rolledAtMs, evictedAtMs);
}

export interface TurnTerms {
  readonly isBounded?: IsBounded;
  readonly served?: Snapshot["served"];
}

/** By position: the smaller comes first; equal where nobody is bounded. */
export type Turn = (position: Position) => number;

/**
 * A roll and an eviction are a turn alike: whose pods are evicted one after the other would come
 * before everybody's rolls for as long as that takes, and the other way round.
 */
export function turnsOf(
  positions: readonly Position[],
  { isBounded, served = {} }: TurnTerms,
): Turn {
  const lastMs = new Map<string, number>();
  const ofProcess = new Map(Object.entries(served));
  for (const { workload } of positions) {
    const { namespace, rolledAtMs = 0, lastEviction } = workload;
    if (isBounded?.(namespace) !== true) continue;
    const before = lastMs.get(namespace) ?? latestOf(ofProcess.get(namespace));
    lastMs.set(namespace, Math.max(before, rolledAtMs, lastEviction?.atMs ?? 0));
  }
  return ({ workload: { namespace } }) => lastMs.get(namespace) ?? 0;
}

/**
 * Until when a rollout keeps others from being rolled. A StatefulSet's takes no room, however long
 * it takes. One that makes no progress would be in the way for ever: what it holds and may come to
 * hold is in the account, and that is all that safety asks for. But one that we started may have
 * failed for a reason that the next ones share. How long one lasts, and when it is stuck, is its
 * owner's word: in a bounded namespace it keeps others only from what follows a roll of ours, and
 * that there was one is not taken from its template, where its owner may write it.
 */
export function standsUntilMs(
  { workload }: Position,
  { namespace }: Pick<Position["workload"], "namespace">,
  isBounded: IsBounded,
): number {
  const { kind, stuck, paused, rolledAtMs = 0, ownRollAtMs = 0 } = workload;
  if (pickedKinds[kind].hasOrdinals) return 0;
  if (isGuest(workload, namespace, isBounded)) return ownRollAtMs + guestRollMs;
  return stuck === undefined && !paused ? Number.POSITIVE_INFINITY : rolledAtMs + ownStuckMs;
}
