// Whether the pods of a workload can be replaced one at a time, by evicting each: what keeps us
// from it for longer than a moment. Whether it fits just now, and whose turn it is, is for
// evictions.ts.

import { helmUpgrade } from "../../api/helm-upgrade.ts";
import { awaitedUntilMs, livePodsOf, missingPodsOf, missingUntilMs, startingMs } from "./away.ts";
import type { PodFacts, WorkloadFacts } from "../facts/facts.ts";
import type { Position } from "../demand/position.ts";
import { sayCount } from "../words/say-count.ts";
import { isFollowing } from "../demand/live-pods.ts";
import { noEffectRetryMs } from "./rolls-without-effect.ts";

export interface EvictionTerms {
  readonly nowMs: number;
  readonly isEvictionOff?: boolean | undefined;
}

export interface Hindrance {
  /** What is in the way, and the way out. */
  readonly message: string;
  /** When to look again, if time alone removes it. */
  readonly untilMs?: number;
  /** It may be over soon: a rollout does not take the place of evictions. */
  readonly isPassing?: boolean;
}

/** For so long a rollout does not take the place of an eviction that is refused. */
const refusedForMs = 300_000;

type Found = Hindrance | false | undefined;
type Check = (position: Position, poolSize: number, terms: EvictionTerms) => Found;

const checks: readonly Check[] = [
  evictionsAreOff,
  hasOnePod,
  wasRefused,
  lastEvictionWasInVain,
  hasFailingPod,
  hasMissingPod,
];

/** Why none of its pods may be evicted now. */
export function hindranceTo(
  position: Position,
  poolSize: number,
  terms: EvictionTerms,
): Hindrance | undefined {
  return hindrancesTo(position, poolSize, terms)[0];
}

/** Whether its pods can be replaced one at a time, now or as soon as what is in the way is over. */
export function isPossible(position: Position, poolSize: number, terms: EvictionTerms): boolean {
  return hindrancesTo(position, poolSize, terms).every(({ isPassing }) => isPassing === true);
}

/** Why its pods are not evicted before somebody changes the operator, or the number of its pods. */
export function sayNeverEvicted(
  { workload }: Position,
  { isEvictionOff }: Pick<EvictionTerms, "isEvictionOff">,
): string | undefined {
  if (isEvictionOff === true) return evictionsOff;
  return workload.replicas < 2 ? onePod : undefined;
}

function hindrancesTo(position: Position, poolSize: number, terms: EvictionTerms): Hindrance[] {
  return checks.flatMap((check) => check(position, poolSize, terms) || []);
}

/** Most of its pods have been replaced one at a time: a rollout would restart those again. */
export function isBegun({ workload }: Position, poolSize: number): boolean {
  const live = livePodsOf(workload);
  const left = largerPodsOf(workload, poolSize).length;
  return workload.lastEviction?.poolSize === poolSize && left * 2 <= live.length;
}

/** Those that are left to be replaced, largest first. */
export function largerPodsOf(workload: WorkloadFacts, poolSize: number): readonly PodFacts[] {
  return livePodsOf(workload)
    .filter((pod) => isLarger(pod, poolSize))
    .sort((a, b) => mostOf(b) - mostOf(a) || (a.name < b.name ? -1 : 1));
}

/** One that is resized while it runs needs no eviction to be smaller. */
function isLarger(pod: PodFacts, poolSize: number): boolean {
  if (isFollowing(pod) && pod.own.unlimited !== true) return false;
  return mostOf(pod) > poolSize;
}

/** What a pool without a limit counts as may be less than a grant. It may open any number. */
function mostOf({ own }: PodFacts): number {
  return own.unlimited === true ? Number.MAX_VALUE : own.poolSize;
}

/** One that serves nobody goes first: nobody misses it. */
export function podToEvict(
  { workload }: Position,
  poolSize: number,
  nowMs: number,
): PodFacts | undefined {
  const larger = largerPodsOf(workload, poolSize);
  return larger.find((pod) => isFailing(pod, nowMs)) ?? larger[0];
}

function isFailing({ unready, createdAtMs }: PodFacts, nowMs: number): boolean {
  return unready === true && nowMs >= createdAtMs + startingMs;
}

/** Turns evictions on and gives the right, for the release and namespace of the README. */
export const evictionsCommand = helmUpgrade("evictions.enabled=true");

const evictionsOff =
  `evictions are off. To fix: ${evictionsCommand} (without Helm: --evictions=true, and the right to create ` +
  "pods/eviction), or delete its pods one at a time; each new pod gets the new size";

function evictionsAreOff(_: Position, __: number, { isEvictionOff }: EvictionTerms): Found {
  return isEvictionOff === true && { message: evictionsOff };
}

const onePod =
  "it has one pod, and evicting it would interrupt its service: delete it yourself when that is " +
  "fine; its next pod gets the new size";

/** Nobody takes over while it is replaced. A PodDisruptionBudget would say so, if there is one. */
function hasOnePod({ workload: { replicas } }: Position): Found {
  return replicas < 2 && { message: onePod };
}

function wasRefused(
  { workload: { refusedEviction } }: Position,
  _: number,
  { nowMs }: EvictionTerms,
): Found {
  if (!refusedEviction || refusedEviction.untilMs <= nowMs) return undefined;
  const { untilMs, message, sinceMs = nowMs } = refusedEviction;
  const isPassing = nowMs < sinceMs + refusedForMs;
  return { message: `evicting one of its pods was refused: ${message}`, untilMs, isPassing };
}

/** A pod came in its place, and got a larger size than the one that it was evicted for. */
export function vainPodOf({ lastEviction, pods }: WorkloadFacts): PodFacts | undefined {
  if (!lastEviction) return undefined;
  return pods.find((pod) => {
    const isNew = pod.isSinceEviction === true && !pod.terminating;
    return isNew && isLarger(pod, lastEviction.poolSize);
  });
}

function lastEvictionWasInVain({ workload }: Position, _: number, { nowMs }: EvictionTerms): Found {
  const { lastEviction } = workload;
  const pod = vainPodOf(workload);
  if (!lastEviction || !pod) return undefined;
  const untilMs = lastEviction.atMs + noEffectRetryMs(lastEviction.timesInVain);
  if (nowMs >= untilMs) return undefined;
  const message = `pod ${pod.name} replaced an evicted pod and still has pool size ${pod.own.poolSize}`;
  return {
    message: `${message}: the next try comes after a delay that doubles each time`,
    untilMs,
  };
}

/** To end a pod that works while another one does not would leave fewer still. */
function hasFailingPod(position: Position, poolSize: number, { nowMs }: EvictionTerms): Found {
  const next = podToEvict(position, poolSize, nowMs);
  if (next && isFailing(next, nowMs)) return undefined;
  const failing = livePodsOf(position.workload).find((pod) => isFailing(pod, nowMs));
  if (!failing) return undefined;
  const message = `one pod at a time once ${failing.name} is ready`;
  const untilMs = awaitedUntilMs(failing);
  return nowMs < untilMs ? { message, untilMs, isPassing: true } : { message };
}

/** For long: for a moment, others wait for it too. */
function hasMissingPod(position: Position, poolSize: number, { nowMs }: EvictionTerms): Found {
  const missing = missingPodsOf(position.workload);
  const next = podToEvict(position, poolSize, nowMs);
  const untilMs = missingUntilMs(position.workload) ?? Infinity;
  if (missing === 0 || nowMs < untilMs || (next && isFailing(next, nowMs))) return undefined;
  return { message: `one pod at a time once ${sayCount(missing, "missing pod")} is there` };
}
