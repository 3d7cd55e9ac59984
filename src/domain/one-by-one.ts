// Whether the pods of a workload can be replaced one at a time, by evicting each: what keeps us
// from it for longer than a moment. Whether it fits just now, and whose turn it is, is for
// evictions.ts.

import type { PodFacts, WorkloadFacts } from "./facts.ts";
import type { Position } from "./position.ts";
import { isOwn } from "./revisions.ts";
import { vainRetryMs } from "./vain-rolls.ts";

export interface EvictionTerms {
  readonly nowMs: number;
  readonly isEvictionOff?: boolean | undefined;
}

export interface Hindrance {
  /** What is in the way, and the way out. */
  readonly message: string;
  /** When to look again, if time alone removes it. */
  readonly untilMs?: number;
}

/** A pod may take so long to become ready after its start. */
export const startingMs = 300_000;

type Found = Hindrance | false | undefined;
type Check = (position: Position, poolSize: number, terms: EvictionTerms) => Found;

const checks: readonly Check[] = [evictionsAreOff, hasOnePod, wasRefused, wasInVain, hasFailingPod];

export function hindranceTo(
  position: Position,
  poolSize: number,
  terms: EvictionTerms,
): Hindrance | undefined {
  for (const check of checks) {
    const hindrance = check(position, poolSize, terms);
    if (hindrance) return hindrance;
  }
  return undefined;
}

/** Its pods that do not end, largest first. */
export function liveOf({ workload: { pods } }: Position): readonly PodFacts[] {
  return pods
    .filter((pod) => !pod.terminating && isOwn(pod))
    .sort((a, b) => b.own.poolSize - a.own.poolSize || (a.name < b.name ? -1 : 1));
}

function evictionsAreOff(_: Position, __: number, { isEvictionOff }: EvictionTerms): Found {
  const message = "evictions are off: to repair it now, delete its pods one at a time";
  return isEvictionOff === true && { message: `${message}; each new pod gets the new size` };
}

/** Nobody takes over while it is replaced. A PodDisruptionBudget would say so, if there is one. */
function hasOnePod({ workload: { replicas } }: Position): Found {
  const message = "it has one pod, and evicting it would interrupt its service: delete it yourself";
  return (
    replicas < 2 && { message: `${message} when that is fine; its next pod gets the new size` }
  );
}

function wasRefused(
  { workload: { refusedEviction } }: Position,
  _: number,
  { nowMs }: EvictionTerms,
): Found {
  if (!refusedEviction || refusedEviction.untilMs <= nowMs) return undefined;
  const { untilMs, message } = refusedEviction;
  return { message: `evicting one of its pods was refused: ${message}`, untilMs };
}

/** A pod came in its place, and got a larger size than the one that it was evicted for. */
export function vainPodOf({ lastEviction, pods }: WorkloadFacts): PodFacts | undefined {
  if (!lastEviction) return undefined;
  return pods.find(({ isSinceEviction, terminating, own }) => {
    return isSinceEviction === true && !terminating && own.poolSize > lastEviction.poolSize;
  });
}

function wasInVain({ workload }: Position, _: number, { nowMs }: EvictionTerms): Found {
  const { lastEviction } = workload;
  const pod = vainPodOf(workload);
  if (!lastEviction || !pod) return undefined;
  const untilMs = lastEviction.atMs + vainRetryMs(lastEviction.timesInVain);
  if (nowMs >= untilMs) return undefined;
  const message = `pod ${pod.name} came after an eviction and has ${pod.own.poolSize} all the same`;
  return { message: `${message}: we try again, after twice the time each time`, untilMs };
}

/** To end a pod that works while another one does not would leave fewer still. */
function hasFailingPod(position: Position, _: number, { nowMs }: EvictionTerms): Found {
  const failing = liveOf(position).find(
    ({ unready, createdAtMs }) => unready === true && nowMs >= createdAtMs + startingMs,
  );
  return failing && { message: `one pod at a time once ${failing.name} is ready` };
}
