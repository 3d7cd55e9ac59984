// apply: the plan's writes, in order. First running pods that shrink; then the statuses, whose
// grants shrink at once and grow only within the line as it is; then running pods that grow and new
// ones that start, if no other operator writes these statuses; then at most one roll or one
// eviction, if nothing that it counts on has failed and it is wanted still, validated against the
// workload as it is now. What did not go through is decided anew from what the cluster says then.

import type { Eviction } from "../../domain/decide/evictions.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import type { Release } from "../../domain/decide/releases.ts";
import type { Resize } from "../../domain/decide/resizes.ts";
import type { Wish } from "../../domain/decide/wishes.ts";
import type { Cluster } from "../../ports.ts";
import { type ActDecider, actsOfNow, type ActsWanted, noActs } from "./acts-of-now.ts";
import { WriteAttempts, type FailureMemories, type WriteFailure } from "./attempts.ts";
import { type Evictor, evictPod } from "./evict-pod.ts";
import { evictionFrom, rollOf } from "../memory/refusals.ts";
import { growPods, type PodGrower, toldGrowth } from "./grow-pods.ts";
import { PodTime } from "./pod-time.ts";
import { resizePods } from "./resize-pods.ts";
import { type RollStarter, startRoll } from "./start-roll.ts";
import {
  type StatusWrite,
  type StatusWriter,
  unfinishedRetryMs,
  writeStatuses,
} from "./status-writes.ts";

export interface Applier
  extends
    ActDecider,
    RollStarter,
    Evictor,
    StatusWriter,
    Omit<PodGrower, "written">,
    FailureMemories {
  readonly cluster: Cluster;
  /** By the monotonic clock; absent: just now. */
  readonly decidedAtMs?: number;
  /** Of all servers that are decided together; absent: this is the only one. */
  readonly podTime?: PodTime;
}

/** What was written, and what was not and why. */
export interface Applied {
  readonly statuses: readonly StatusWrite[];
  /** Running pods that were given another size. */
  readonly resizes: readonly Resize[];
  /** Pods that waited for their slots and start now. */
  readonly releases: readonly Release[];
  readonly roll: Wish | undefined;
  /** The pod that was evicted. */
  readonly eviction: Eviction | undefined;
  readonly failures: readonly WriteFailure[];
  /** When to try again what was not written; undefined: all was. */
  readonly retryAfterMs: number | undefined;
}

/**
 * With `signal` aborted no further write is begun: those in hand are finished, the rest decided
 * anew by who comes next.
 */
export async function apply(applier: Applier, plan: Plan, signal: AbortSignal): Promise<Applied> {
  const { decidedAtMs = applier.clock.monotonicMs() } = applier;
  const attempts = new WriteAttempts(applier, plan);
  const podTime = applier.podTime ?? new PodTime(applier.clock, 1);
  podTime.begin();
  const writing = { attempts, signal, decidedAtMs, podTime };
  const others = plan.live.resizes.filter(({ why }) => why !== "Grow");
  const resized = await resizePods(applier, others, writing);
  const statuses = await writeStatuses(applier, toldOf(applier, plan, resized), writing);
  const grown = await growPods(applier, plan, writing);
  const wanted = signal.aborted ? noActs : await actsOfNow(applier, plan.rolls, decidedAtMs);
  leaveDropped(plan.rolls, wanted, attempts);
  const acts = signal.aborted ? noActs : await act(applier, wanted, attempts);
  applier.passing.note(plan.server, attempts.passingIn);
  const { failures, retryAfterMs } = attempts;
  const { releases } = grown;
  const resizes = [...resized, ...grown.resizes];
  return { statuses, resizes, releases, ...acts, failures, retryAfterMs };
}

/** A status says what was done, and what is given next: others count on no more than it leaves. */
function toldOf({ growth }: Applier, plan: Plan, resized: readonly Resize[]): Plan {
  const { resizes, releases } = toldGrowth(growth, plan);
  return { ...plan, live: { ...plan.live, resizes: [...resized, ...resizes], releases } };
}

/** What was decided and is not wanted any more is decided anew soon. */
function leaveDropped(
  decided: ActsWanted,
  { roll, eviction }: ActsWanted,
  attempts: WriteAttempts,
): void {
  const wish = decided.roll ?? decided.eviction?.wish;
  if (wish && !roll && !eviction) attempts.leave(wish.position.policy, unfinishedRetryMs);
}

/** A roll or an eviction: never both are decided. */
async function act(
  applier: Applier,
  { roll, eviction }: ActsWanted,
  attempts: WriteAttempts,
): Promise<ActsWanted> {
  const isStarted = roll && (await rollOut(applier, roll, attempts));
  if (isStarted === true) return { roll, eviction: undefined };
  const isEvicted = eviction && (await evict(applier, eviction, attempts));
  return { roll: undefined, eviction: isEvicted === true ? eviction : undefined };
}

async function evict(
  applier: Applier,
  eviction: Eviction,
  attempts: WriteAttempts,
): Promise<boolean> {
  const { policy, workload } = eviction.wish.position;
  const attempt = { policy, write: evictionFrom(workload) };
  if (attempts.blocks(attempt)) return false;
  return attempts.try(attempt, () => evictPod(applier, eviction, attempts.nowMs));
}

async function rollOut(applier: Applier, roll: Wish, attempts: WriteAttempts): Promise<boolean> {
  const { policy, workload } = roll.position;
  const attempt = { policy, write: rollOf(workload) };
  if (attempts.blocks(attempt)) return false;
  return attempts.try(attempt, () => startRoll(applier, roll, attempts.nowMs));
}
