// Who is away on a server: pods that end, are missing, or are not ready yet. Of a server never two
// are away because of us, so the next pod is evicted when nobody is. What does not come back holds
// the others up for a while only: a node that is lost, a quota that is used up, or an image that
// cannot be pulled would be in the way for ever. What came in place of a pod that we evicted is
// waited for longer: if it does not start, the next ones may not either. Whether its policy can be
// used at this moment, or still asks for anything, brings no pod back: what follows an eviction of
// ours is waited for whatever has become of the policy.

import type { PodFacts, WorkloadFacts } from "../facts/facts.ts";
import { isGranted } from "./grants.ts";
import { type IsBounded, isGuest } from "./namespace-turns.ts";
import type { Position } from "../demand/position.ts";
import { isOwn, podsWithin } from "../demand/revisions.ts";
import { sayCount } from "../words/say-count.ts";
import { sayName, sayOwner } from "../words/say-owner.ts";
import type { ServedFacts } from "../facts/served-facts.ts";

/** A pod may take so long to end, to come, or to become ready. */
export const startingMs = 300_000;
/** One that comes in place of a pod that we evicted. */
const replacementMs = 3_600_000;

/** Somebody is away, in words for the readers of one policy. */
export interface Away {
  readonly say: (reader: string) => string;
  /** Until when others wait for it. */
  readonly untilMs: number | undefined;
}

type Check = (position: Position, nowMs: number) => Away | undefined;

const checks: readonly Check[] = [podEnds, podMayEnd, podIsMissing, podIsStarting];

export interface AwayScene {
  readonly positions: readonly Position[];
  readonly nowMs: number;
  readonly isBounded?: IsBounded;
  readonly served?: Readonly<Record<string, ServedFacts>> | undefined;
}

/**
 * Of any workload that may be evicted from, for whom a namespace waits. A bounded namespace decides
 * by itself how many pods it is short of, and so does whoever is not given a size by us: others
 * wait for what follows an eviction of ours.
 */
export function whoIsAway(scene: AwayScene, namespace: string): Away | undefined {
  const { positions, nowMs, isBounded } = scene;
  for (const position of positions) {
    const isOthers = isGuest(position.workload, namespace, isBounded) || !isSizedByUs(position);
    const away = isOthers ? evictedIn(position, nowMs) : firstAway(position, nowMs);
    if (away) return away;
  }
  return evictedOfNobody(scene);
}

/** Its grant gives its pods their size, although its policy may not be usable just now. */
function isSizedByUs(position: Position): boolean {
  const { policy, pool, heldOnly } = position;
  if (isGranted(position)) return true;
  const isInForce = policy.spec.mode === "Enforce" && policy.delivery === "Admission";
  return isInForce && !heldOnly && pool.exists && pool.grant !== undefined;
}

/** Of a workload that no policy of the server selects any more: nobody sees what replaces it. */
function evictedOfNobody({ positions, nowMs, served = {} }: AwayScene): Away | undefined {
  const seen = new Set(positions.map(({ workload }) => workload.key));
  const times = Object.values(served).flatMap(({ evictedAtMs = -Infinity, evictedOf }) =>
    evictedOf === undefined || seen.has(evictedOf) ? [] : [evictedAtMs + startingMs],
  );
  const untilMs = Math.max(...times);
  if (nowMs >= untilMs) return undefined;
  return {
    say: () => ", once the pod that was evicted last has had 5 min to be replaced",
    untilMs,
  };
}

function firstAway(position: Position, nowMs: number): Away | undefined {
  for (const check of checks) {
    const away = check(position, nowMs);
    if (away) return away;
  }
  return undefined;
}

/** Whatever its owner does: no longer than a pod may take to come. */
function evictedIn(position: Position, nowMs: number): Away | undefined {
  const doubted = podMayEnd(position, nowMs);
  if (doubted) return doubted;
  const { lastEviction } = position.workload;
  const untilMs = (lastEviction?.atMs ?? -Infinity) + startingMs;
  const away = nowMs < untilMs ? firstAway(position, nowMs) : undefined;
  return away && { ...away, untilMs: Math.min(away.untilMs ?? untilMs, untilMs) };
}

/** Its pods that do not end. */
export function livePodsOf({ pods }: WorkloadFacts): readonly PodFacts[] {
  return pods.filter((pod) => !pod.terminating && isOwn(pod));
}

export function missingPodsOf(workload: WorkloadFacts): number {
  const { replicas } = workload;
  return Math.max(0, replicas - podsWithin(livePodsOf(workload), replicas));
}

/** Until when others wait for a pod that is not ready. */
export function awaitedUntilMs({ createdAtMs, isSinceEviction }: PodFacts): number {
  return createdAtMs + (isSinceEviction === true ? replacementMs : startingMs);
}

/** The same of pods that are missing; undefined: nobody has looked since when they are. */
export function missingUntilMs(workload: WorkloadFacts): number | undefined {
  const { missingSinceMs, lastEviction } = workload;
  if (missingSinceMs === undefined) return undefined;
  const isSinceEviction = lastEviction !== undefined && lastEviction.atMs <= missingSinceMs;
  return missingSinceMs + (isSinceEviction ? replacementMs : startingMs);
}

/** When nobody waits any more for a pod of it that ends, is missing or is not ready. */
export function stalledAtMs(workload: WorkloadFacts): number | undefined {
  const ofPods = workload.pods.map((pod) => {
    if (pod.terminating) return endedUntilMs(pod);
    return pod.unready === true ? awaitedUntilMs(pod) : undefined;
  });
  const ofMissing = missingPodsOf(workload) > 0 ? missingUntilMs(workload) : undefined;
  const times = [...ofPods, ofMissing].filter((timeMs) => timeMs !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

function endedUntilMs({ endingSinceMs }: PodFacts): number | undefined {
  return endingSinceMs === undefined ? undefined : endingSinceMs + startingMs;
}

function podEnds(position: Position, nowMs: number): Away | undefined {
  const ending = position.workload.pods.find((pod) => {
    return pod.terminating && nowMs < (endedUntilMs(pod) ?? Infinity);
  });
  if (!ending) return undefined;
  const say = (reader: string): string => `, once ${sayPod(ending, position, reader)} is gone`;
  return { say, untilMs: endedUntilMs(ending) };
}

function podMayEnd(position: Position, nowMs: number): Away | undefined {
  const doubtful = position.workload.pods.find(
    ({ evictionDoubtedUntilMs = 0 }) => nowMs < evictionDoubtedUntilMs,
  );
  if (!doubtful) return undefined;
  const say = (reader: string): string =>
    `, once it is known whether ${sayPod(doubtful, position, reader)} was evicted`;
  return { say, untilMs: doubtful.evictionDoubtedUntilMs };
}

function podIsMissing(position: Position, nowMs: number): Away | undefined {
  const { workload } = position;
  const missing = missingPodsOf(workload);
  const untilMs = missingUntilMs(workload);
  if (missing === 0 || nowMs >= (untilMs ?? Infinity)) return undefined;
  const say = (reader: string): string =>
    `, once ${sayCount(missing, "missing pod")} of ${sayName(position, reader)} is there`;
  return { say, untilMs };
}

function podIsStarting(position: Position, nowMs: number): Away | undefined {
  const starting = livePodsOf(position.workload).find(
    (pod) => pod.unready === true && nowMs < awaitedUntilMs(pod),
  );
  if (!starting) return undefined;
  const say = (reader: string): string => `, once ${sayPod(starting, position, reader)} is ready`;
  return { say, untilMs: awaitedUntilMs(starting) };
}

function sayPod({ name }: PodFacts, position: Position, reader: string): string {
  return position.policy.key === reader ? name : `a pod of ${sayOwner(position, reader)}`;
}
