// Sessions that a pod holds beyond its size, and goes on holding. For a moment a pool may have more
// of them than it is allowed: it replaces a session before the old one is gone, or its container
// has just been restarted. Such ones end by themselves, as those of pods that are gone do, and take
// the room for rollouts meanwhile. But what a pod that does not end has held for a minute will
// stand beside the next rollout, too: an application with a second pool, or one that opens what it
// likes. That is no part of the room, and takes from the budget as foreign sessions do.

import type { Snapshot, WorkloadFacts } from "./facts.ts";
import { oncePer } from "./once-per.ts";
import { slotsPerPod } from "./slots.ts";

type Sample = Snapshot["database"]["sessionSamples"][number];

/** So long a session stands before it is not taken for one that is about to end. */
const standingMs = 60_000;

export type ByAddress = ReadonlyMap<string, number>;

/** By address of pods that do not end: how many sessions beyond their sizes have stood there. */
export function standingBeyond({ database, workloads }: BeyondScene): ByAddress {
  const most = new Map<string, number>();
  const byName = Map.groupBy(database.sessionSamples, ({ name }) => name);
  for (const samples of byName.values()) {
    for (const [address, count] of standingIn(samples, workloads)) {
      most.set(address, Math.max(count, most.get(address) ?? 0));
    }
  }
  return most;
}

type BeyondScene = Pick<Snapshot, "workloads"> & {
  readonly database: Pick<Snapshot["database"], "sessionSamples">;
};

/** The least that each of the last minute's readings shows; the one before them is needed too. */
function standingIn(samples: readonly Sample[], workloads: readonly WorkloadFacts[]): ByAddress {
  let standing = beyondIn(samples.at(-1), workloads);
  const sinceMs = (samples.at(-1)?.atMs ?? 0) - standingMs;
  for (const sample of samples.toReversed()) {
    if (standing.size === 0) return nothing;
    standing = lesser(standing, beyondIn(sample, workloads));
    if (sample.atMs <= sinceMs) return standing;
  }
  return nothing;
}

/** What both have, as many as the one that has fewer. */
export function lesser(a: ByAddress, b: ByAddress): Map<string, number> {
  const both = [...a].map(([address, count]) => [address, Math.min(count, b.get(address) ?? 0)]);
  return new Map(both.filter(([, count]) => count !== 0) as [string, number][]);
}

/** What one reading shows beyond the sizes of pods that do not end, at their addresses. */
export function beyondIn(
  sample: Pick<Sample, "sessions"> | undefined,
  workloads: readonly WorkloadFacts[],
): ByAddress {
  const lasting = lastingAt(workloads);
  const left = new Map<string, number>();
  for (const { address = "", count } of sample?.sessions ?? []) {
    if (lasting.has(address)) left.set(address, (left.get(address) ?? 0) + count);
  }
  const held = heldAt(workloads);
  for (const [address, count] of left) {
    const beyond = count - (held.get(address) ?? 0);
    if (beyond > 0) left.set(address, beyond);
    else left.delete(address);
  }
  return left;
}

const nothing: ByAddress = new Map();

/** What the pods that have an address can hold, by address. */
export const heldAt = oncePer((workloads: readonly WorkloadFacts[]): ByAddress => {
  const held = new Map<string, number>();
  for (const { pods, sizing } of workloads) {
    for (const { addresses, own } of pods) {
      const slots = slotsPerPod(sizing, own.poolSize);
      for (const address of addresses) held.set(address, (held.get(address) ?? 0) + slots);
    }
  }
  return held;
});

/** Addresses of pods, none of which ends. */
const lastingAt = oncePer((workloads: readonly WorkloadFacts[]): ReadonlySet<string> => {
  const pods = workloads.flatMap((workload) => workload.pods);
  const ending = new Set(pods.flatMap((pod) => (pod.terminating ? pod.addresses : [])));
  return new Set(pods.flatMap(({ addresses }) => addresses).filter((one) => !ending.has(one)));
});
