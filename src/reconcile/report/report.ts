// report: what happened becomes events and counts, and each policy's alert rules are kept current.
// A failure to report never undoes a decision; what should be known of it is noted for the next
// status.

import { type Announcement, announcementsOf } from "../../domain/explain/announcements.ts";
import type { Reason } from "../../api/conditions.ts";
import type { PolicyFacts } from "../../domain/facts/facts.ts";
import { reverted } from "../../domain/explain/findings.ts";
import { countingHere } from "../../domain/demand/standing.ts";
import { ownWorkloads } from "../../domain/demand/own-positions.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import { resizeKinds } from "../../domain/decide/resizes.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { Wish } from "../../domain/decide/wishes.ts";
import type { Clock, Failure, KubernetesEvent, Log, Metrics } from "../../ports.ts";
import type { Applied } from "../apply/apply.ts";
import type { WriteFailure } from "../apply/attempts.ts";
import type { AlertRules } from "./alert-rules.ts";
import type { EventLine } from "./event-line.ts";
import type { CarriedFindings } from "../memory/carried-findings.ts";
import { isObject, policyReference, workloadReference } from "./regarding.ts";
import { observeWaits, type PodChange, podsReleased, podsResized } from "./pod-changes.ts";
import { unfinishedRetryMs } from "../apply/status-writes.ts";
import { writeInTurns } from "../apply/write-in-turns.ts";

export interface Reporter {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly events: EventLine;
  readonly notes: CarriedFindings;
  readonly rules: AlertRules;
}

/** For how long rules are begun to be written, and for how long the first of each namespace. */
const rulesMs = 1_000;
const firstRulesMs = 6_000;

/** Resolves with when to look again, in milliseconds; undefined: when something changes. */
export async function report(
  reporter: Reporter,
  plan: Plan,
  applied: Applied,
): Promise<number | undefined> {
  countDecisions(reporter, plan, applied);
  for (const failure of applied.failures) noteFailure(reporter, failure);
  for (const policy of countingHere(plan.snapshot)) forgetActs(reporter, policy, { plan, applied });
  for (const { policy } of applied.statuses) reporter.notes.set(policy.key, "status", undefined);
  const told = announcements(plan, applied);
  for (const announcement of told) logAnnouncement(reporter, announcement);
  await reporter.events.tell(told.flatMap(eventsOf));
  return await keepRules(reporter, plan);
}

interface RuledServer extends Pick<Plan, "server"> {
  readonly snapshot: Pick<Plan["snapshot"], "policies">;
}

/**
 * Also where nothing was decided: a rule may have been deleted meanwhile, or could not be written.
 * Resolves with when to look again, in milliseconds.
 */
export async function keepRules(
  { rules, clock }: Pick<Reporter, "rules" | "clock">,
  { snapshot, server }: RuledServer,
): Promise<number | undefined> {
  let againAfterMs = Infinity;
  const lookAgain = (afterMs: number): void => {
    againAfterMs = Math.min(afterMs, againAfterMs);
  };
  const nowMs = clock.monotonicMs();
  await writeInTurns(rules.longestAgoFirst(countingHere(snapshot)), {
    ...{ clock, endMs: nowMs + rulesMs, lastMs: nowMs + firstRulesMs },
    namespaceOf: ({ namespace }) => namespace,
    mustWait: (policy) => {
      const dueInMs = rules.dueInMs(policy, server);
      lookAgain(dueInMs > 0 ? dueInMs : Infinity);
      return dueInMs > 0;
    },
    write: async (policy) => {
      lookAgain(await rules.write(policy, server));
    },
    leave: () => {
      lookAgain(unfinishedRetryMs);
    },
  });
  return Number.isFinite(againAfterMs) ? againAfterMs : undefined;
}

function announcements(plan: Plan, applied: Applied): Announcement[] {
  const { statuses, roll, eviction } = applied;
  const told = statuses.flatMap(({ policy, status }) => announcementsOf(plan, policy, status));
  told.push(...podsReleased(applied, plan.nowMs), ...podsResized(applied));
  if (eviction) told.push(podEvicted(eviction));
  return roll ? [...told, ...putBack(roll), rollStarted(roll)] : told;
}

/** The roll puts it right, and no status will speak of it any more. */
function putBack({ position }: NonNullable<Applied["roll"]>): Announcement[] {
  const { workload, policy } = position;
  const finding = reverted(position);
  if (!finding) return [];
  const message = `${workload.kind}/${workload.name}: ${finding.message}`;
  return [{ policy, workload, type: "Warning", reason: finding.reason, message }];
}

function rollStarted({
  position,
  poolSize,
  slots,
  toShrink,
}: NonNullable<Applied["roll"]>): Announcement {
  const { workload, policy } = position;
  const gain = `${toShrink ? "frees" : "adds"} ${sayCount(slots, "slot")}`;
  const message = `${workload.kind}/${workload.name}: rollout to pool size ${poolSize} started, ${gain}`;
  return { policy, workload, type: "Normal", reason: "RollStarted", message };
}

function podEvicted({ wish, pod, slots }: NonNullable<Applied["eviction"]>): Announcement {
  const { workload, policy } = wish.position;
  const sizes = `pool size ${pod.own.poolSize}; its replacement gets ${wish.poolSize}`;
  const message = `${workload.kind}/${workload.name}: evicted pod ${pod.name} with ${sizes}, which frees ${sayCount(slots, "slot")}`;
  return { policy, workload, type: "Normal", reason: "PodEvicted", message };
}

/** About the policy, and about the workload too if it names one. */
function eventsOf({ policy, workload, type, reason, message }: Announcement): KubernetesEvent[] {
  const common = { type, reason, action: "Decide", message };
  const onPolicy = { regarding: policyReference(policy), ...common };
  if (!workload || !isObject(workload)) return [onPolicy];
  return [onPolicy, { regarding: workloadReference(workload), ...common }];
}

function logAnnouncement({ log }: Reporter, announcement: Announcement): void {
  const { policy, workload, type, reason, message } = announcement;
  const fields = { policy: policy.key, workload: workload?.key, reason, detail: message };
  if (type === "Warning") log.warn(fields, "condition changed");
  else log.info(fields, "decision carried out");
}

/** Writes themselves are counted where they are made, by the cluster adapter. */
function countDecisions({ metrics }: Reporter, plan: Plan, applied: Applied): void {
  const { server } = plan;
  const { statuses, resizes, roll, eviction } = applied;
  const written = new Set(statuses.map(({ policy }) => policy.key));
  const changed = plan.pools.filter(({ position, grant: { decision } }) => {
    return written.has(position.policy.key) && (decision === "Shrink" || decision === "Grow");
  });
  // By 0 as well: Prometheus sees no increase in a series that begins at 1.
  metrics.count("poolwarden_grants_total", { server }, changed.length);
  metrics.count("poolwarden_rolls_total", { server }, roll ? 1 : 0);
  metrics.count("poolwarden_evictions_total", { server }, eviction ? 1 : 0);
  for (const change of resizeKinds) {
    const count = resizes.filter(({ why }) => why === change).length;
    metrics.count("poolwarden_resizes_total", { server, change }, count);
  }
  observeWaits(metrics, plan, applied);
}

/**
 * That an act was not written is over once one of the policy was, or is not wanted any more: the
 * write may have landed although its answer was lost. While a refused one waits for its next try
 * it goes on.
 */
function forgetActs(
  { notes }: Reporter,
  { key }: PolicyFacts,
  { plan, applied }: { readonly plan: Plan; readonly applied: Applied },
): void {
  const own = ownWorkloads(plan.snapshot.workloads, key);
  const isOver = (wanted: Wish | undefined, isDone: boolean, isRefused: boolean): boolean =>
    wanted?.position.policy.key === key ? isDone : !isRefused;
  const isRollRefused = own.some(({ refusedRoll }) => refusedRoll !== undefined);
  const isEvictionRefused = own.some(({ refusedEviction }) => refusedEviction !== undefined);
  const { roll, eviction } = plan.rolls;
  if (isOver(roll, applied.roll !== undefined, isRollRefused)) notes.set(key, "roll", undefined);
  const isEvicted = applied.eviction !== undefined;
  if (isOver(eviction?.wish, isEvicted, isEvictionRefused)) notes.set(key, "eviction", undefined);
  const isOwn = ({ position }: PodChange): boolean => position.policy.key === key;
  const { releases } = plan.live;
  if (!releases.some(isOwn) || applied.releases.some(isOwn)) notes.set(key, "release", undefined);
}

/** A conflict is the ordinary course of things; what needs a person is noted. */
function noteFailure({ notes }: Reporter, { what, policy, failure }: WriteFailure): void {
  if (failure.kind === "conflict" && failure.managers.length === 0) return;
  // The next decision is told, and says so with the pod.
  if (what === "resize") return;
  const message = `writing the ${what}: ${failure.message}`;
  notes.set(policy.key, what, { reason: reasonOf(failure), severity: "degraded", message });
}

function reasonOf({ kind: failure }: Failure): Reason {
  if (failure === "guarded") return "EvictionRefused";
  return failure === "forbidden" ? "Forbidden" : "WriteFailed";
}
