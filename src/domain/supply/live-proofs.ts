// When a reading proves that a pod has left the sizes that it had before. That it shows few
// sessions is not enough, for a pod may have few of them for a while and still be of its former
// size: it is not ready, because its container is being restarted or cannot reach the server; it
// ends; or the server keeps everybody from having more (proving-rounds.ts). None of these proves
// anything. Nor does the first reading that shows none at all: who has just lost every session is
// about to open them again. What was proven stays so, whatever becomes of the pod, until a reading
// shows more than the size.

import type { PodFacts } from "../facts/facts.ts";
import { reopenedWithinMs } from "./proving-rounds.ts";

/** A round of readings, and what it shows of one pod. */
export interface ShownRound {
  /** By the monotonic clock. */
  readonly askedAtMs: number;
  /** It shows of every session where it comes from, at a time when pools had what they want. */
  readonly isWhole: boolean;
  /** Sessions at the pod's address. */
  readonly sessions: number;
  /** The pool size that they come to. */
  readonly poolSize: number;
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
  const isProof = canProve(pod) && isWithin(latest, terms) && !isJustEmptied(shown);
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

/** It shows no session now, and did show some within the last minute. */
function isJustEmptied(shown: readonly ShownRound[]): boolean {
  const latestMs = shown.at(-1)?.askedAtMs ?? 0;
  const lastWithAny = shown.findLastIndex(({ sessions, isWhole }) => sessions > 0 || !isWhole);
  const firstWithout = shown[lastWithAny + 1];
  if (lastWithAny < 0 || !firstWithout) return false;
  return firstWithout.askedAtMs > latestMs - reopenedWithinMs;
}
