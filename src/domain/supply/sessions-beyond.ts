// Sessions that a pod holds beyond its size, and goes on holding. For a moment a pool may have more
// of them than it is allowed: it replaces a session before the old one is gone, or its container
// has just been restarted. Such ones end by themselves, as those of pods that are gone do, and take
// the room for rollouts meanwhile. But what a pod that does not end has held for a minute will
// stand beside the next rollout, too: an application with a second pool, or one that opens what it
// likes. That is no part of the room, and takes from the budget as foreign sessions do. Each
// reading is judged once, when it is made, by the minute before it. What has stood so counts for
// the window, like other foreign sessions: who lets go of them for one reading gives nothing back.

import type { PoolFacts, SessionGroup, SessionSample } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { slotsPerPod } from "../demand/slots.ts";

type Shown = Pick<SessionSample, "atMs" | "sessions">;

/** So long a session stands before it is not taken for one that is about to end. */
export const standingMs = 60_000;

export type ByAddress = ReadonlyMap<string, number>;

/**
 * By address: the fewest sessions that a reading, each of the minute before it, and the last one
 * before that minute show. Empty where there was none so long ago. `before`: oldest first.
 */
export function steadyIn(reading: Shown, before: readonly Shown[]): ByAddress {
  return leastOfMinute(reading, before, ({ sessions }) => countAt(sessions));
}

/** The same of whatever is counted in a reading. */
export function leastOfMinute<T extends Pick<Shown, "atMs">>(
  reading: T,
  before: readonly T[],
  countsIn: (one: T) => ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  let least = countsIn(reading);
  for (const earlier of before.toReversed()) {
    if (least.size === 0) break;
    least = lesser(least, countsIn(earlier));
    if (earlier.atMs <= reading.atMs - standingMs) return least;
  }
  return nothing;
}

/** What is shown beyond what pods hold, at their addresses. */
export function beyond(shown: ByAddress, held: ByAddress): ByAddress {
  const found = new Map<string, number>();
  for (const [address, count] of shown) {
    const slots = held.get(address) ?? count;
    if (count > slots) found.set(address, count - slots);
  }
  return found.size === 0 ? nothing : found;
}

/** By address: the most that has stood beyond sizes there within the window. */
export function standingBeyond(samples: readonly SessionSample[]): ByAddress {
  const most = new Map<string, number>();
  for (const { beyond: stood = nothing } of samples) {
    for (const [address, count] of stood) {
      most.set(address, Math.max(count, most.get(address) ?? 0));
    }
  }
  return most;
}

/** What one reading shows beyond the sizes of pods that do not end, at their addresses. */
export function beyondIn(
  { sessions }: Pick<SessionSample, "sessions">,
  workloads: readonly PoolFacts[],
): ByAddress {
  return beyond(countAt(sessions), lastingHeldAt(workloads));
}

const nothing: ByAddress = new Map();

function countAt(sessions: readonly SessionGroup[]): ByAddress {
  const counts = new Map<string, number>();
  for (const { address, count } of sessions) {
    if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + count);
  }
  return counts;
}

/** What both have, as many as the one that has fewer. */
export function lesser(a: ByAddress, b: ByAddress): Map<string, number> {
  const both = new Map<string, number>();
  for (const [address, count] of a) {
    const other = b.get(address);
    if (other !== undefined) both.set(address, Math.min(count, other));
  }
  return both;
}

/** What the pods that have an address can hold, by address. */
export const heldAt = oncePer((workloads: readonly PoolFacts[]): ByAddress => {
  const held = new Map<string, number>();
  for (const { pods, sizing } of workloads) {
    for (const { addresses, own } of pods) {
      const slots = slotsPerPod(sizing, own.poolSize);
      for (const address of addresses) held.set(address, (held.get(address) ?? 0) + slots);
    }
  }
  return held;
});

/** The same at addresses of pods, none of which ends. */
export const lastingHeldAt = oncePer((workloads: readonly PoolFacts[]): ByAddress => {
  const pods = workloads.flatMap((workload) => workload.pods);
  const ending = new Set(pods.flatMap((pod) => (pod.terminating ? pod.addresses : [])));
  return new Map([...heldAt(workloads)].filter(([address]) => !ending.has(address)));
});
