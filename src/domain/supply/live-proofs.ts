// When a reading proves that a pod has left the sizes that it had before. That it shows few
// sessions is not enough, for a pod may have few of them for a while and still be of its former
// size: it is not ready, because its container is being restarted or cannot reach the server; it
// ends; or the server keeps everybody from having more (proving-rounds.ts). None of these proves
// anything, nor does a reading of the minute after. A pod that shows no session of its pool has
// perhaps just lost them: it has to show none for a minute. One that is within its size only if its
// extra connections are open, which nobody can tell, has to be so for a minute as well. What was
// proven stays so, whatever becomes of the pod, until a reading shows more than the size.

import type { PodFacts } from "../facts/facts.ts";
import { reopenedWithinMs } from "./proving-rounds.ts";

/** A round of readings, and what it shows of one pod. */
export interface ShownRound {
  /** By the monotonic clock. */
  readonly askedAtMs: number;
  /** It shows of every session where it comes from, at a time when pools had what they want. */
  readonly isWhole: boolean;
  /** What the sessions at the pod's address come to, if its extra connections are open. */
  readonly poolSize: number;
  /** The same if none of them is. */
  readonly mostPoolSize: number;
}

/** The round that proved that a pod has left its earlier sizes. */
export interface LiveProof {
  /** By the monotonic clock. */
  readonly askedAtMs: number;
  /** The same moment among the cluster's times. */
  readonly atMs: number;
}

export interface ProofTerms {
  readonly size: number;
  /** No round that was asked for before proves anything. */
  readonly dueMs: number;
  /** When the round was asked for that has proven it; undefined: none has. */
  readonly before: number | undefined;
}

/** Of the latest round, or of the one before that proved it, as long as nothing speaks against. */
export function provenAtMs(
  shown: readonly ShownRound[],
  pod: PodFacts,
  terms: ProofTerms,
): number | undefined {
  const latest = shown.at(-1);
  const isWellBefore = terms.before !== undefined && mostAfter(shown, terms.before) <= terms.size;
  if (isWellBefore || !latest) return terms.before;
  const isProof = canProve(pod) && isWithin(latest, terms) && !isPassing(shown, terms);
  return isProof ? latest.askedAtMs : terms.before;
}

/** The largest size that a round shows of those that were asked for later. */
export function mostAfter(shown: readonly ShownRound[], askedAtMs: number): number {
  return shown.reduce(
    (most, one) => (one.askedAtMs > askedAtMs ? Math.max(most, one.poolSize) : most),
    0,
  );
}

/** Its sessions can be told, and it has those that it wants. */
function canProve({ addresses, isOnHostNetwork, terminating, unready }: PodFacts): boolean {
  const isTold = addresses.length > 0 && isOnHostNetwork !== true;
  return isTold && !terminating && unready !== true;
}

function isWithin({ isWhole, askedAtMs, poolSize }: ShownRound, terms: ProofTerms): boolean {
  return isWhole && askedAtMs >= terms.dueMs && poolSize <= terms.size;
}

/** What the latest round shows may be over in a moment, unless a minute of rounds shows it. */
function isPassing(shown: readonly ShownRound[], terms: ProofTerms): boolean {
  const latest = shown.at(-1);
  if (!latest) return true;
  const isEmpty = ({ poolSize, isWhole }: ShownRound): boolean => isWhole && poolSize === 0;
  if (isEmpty(latest)) return !hasLasted(shown, isEmpty);
  if (latest.mostPoolSize <= terms.size) return false;
  return !hasLasted(shown, (one) => isWithin(one, terms));
}

/** Of what was before the first round nobody knows: an operator may have just started. */
function hasLasted(shown: readonly ShownRound[], isSo: (one: ShownRound) => boolean): boolean {
  const latestMs = shown.at(-1)?.askedAtMs ?? 0;
  const lastOther = shown.findLastIndex((one) => !isSo(one));
  const first = shown[lastOther + 1];
  return first !== undefined && first.askedAtMs <= latestMs - reopenedWithinMs;
}
