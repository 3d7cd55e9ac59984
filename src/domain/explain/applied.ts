// The condition Applied: whether every pod has its size, and what it waits for where it has not.

import { bareNameIn } from "../../api/keys.ts";
import { kindsInWords, usualKind } from "../../api/workload-kinds.ts";
import type { Reason } from "../../api/conditions.ts";
import type { Finding, PodFacts, PolicyFacts } from "../facts/facts.ts";
import { isoTime } from "../words/iso-time.ts";
import { sayUnknownLogins } from "../supply/login-members.ts";
import type { Plan } from "../decide/plan.ts";
import { ownPools, type PoolPlan } from "../decide/pool-plan.ts";
import { isFollowing } from "../demand/live-pods.ts";
import type { Position } from "../demand/position.ts";
import { waitingOf, type WaitingRoll } from "../decide/rolls.ts";
import { sayCount } from "../words/say-count.ts";
import { sayHolders } from "../words/say-owner.ts";
import { sayBlocked, sayProgress } from "../words/say-rollout.ts";
import { isAssigned } from "./unassigned.ts";
import { withMissingWorkloads, wrongKind } from "./unused-entries.ts";

type Entry = PolicyFacts["spec"]["workloads"][number];

/** What a condition says, whichever it is. */
export interface Answer {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: Reason;
  readonly message: string;
}

/** `positions` and `findings` are those of the policy. */
export function applied(
  plan: Plan,
  policy: PolicyFacts,
  {
    positions,
    findings,
  }: { readonly positions: readonly Position[]; readonly findings: readonly Finding[] },
): Answer {
  const { spec, key } = policy;
  const blocking = findings.find(({ severity }) => severity === "blocking");
  if (blocking) return { status: "False", reason: blocking.reason, message: blocking.message };
  if (positions.length === 0) {
    return { status: "False", reason: "NoWorkloads", message: noWorkloads(policy) };
  }
  if (spec.mode === "Observe") {
    const message = withMissingWorkloads("mode is Observe: no pod is changed", findings);
    return { status: "Unknown", reason: "Observing", message };
  }
  return (
    unassigned(plan, policy, positions) ??
    rollingOrWaiting(plan, key) ??
    undecided(plan, policy) ??
    done(plan, key, findings)
  );
}

const entriesTold = 3;

function sayEntry({ name, kind = usualKind, selector }: Entry): string {
  if (name !== undefined) return `${kind} ${name}`;
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const all = [...labels, ...matchExpressions.map(({ key }) => `${key} …`)];
  return all.length === 0 ? "any labels" : `labels ${all.slice(0, entriesTold).join(",")}`;
}

/** The kind that an entry should have is worth more than the general advice. */
function noWorkloads(policy: PolicyFacts): string {
  const { workloads } = policy.spec;
  const more = workloads.length - entriesTold;
  const asked = workloads.slice(0, entriesTold).map(sayEntry).join(", ");
  const message =
    `no entry of spec.workloads matches a ${kindsInWords} of the namespace ` +
    `(asked for: ${asked}${more > 0 ? ` and ${more} more` : ""})`;
  const [namesake] = policy.namesakes ?? [];
  return namesake ? `${message}. ${wrongKind(policy, namesake.index) ?? ""}` : message;
}

/** Nothing was ever given, and nothing is until this is mended. */
function unassigned(
  plan: Plan,
  policy: PolicyFacts,
  positions: readonly Position[],
): Answer | undefined {
  const until = undecidedUntil(plan, policy);
  if (until === "" || positions.some(({ pool }) => isAssigned(pool))) return undefined;
  const message = `no sizes are assigned ${until}; new pods use the value in their own template`;
  return { status: "Unknown", reason: "BudgetUnknown", message };
}

/** New pods get what was given last. */
function undecided(plan: Plan, policy: PolicyFacts): Answer | undefined {
  const until = undecidedUntil(plan, policy);
  if (until === "") return undefined;
  const message = `new pods get the pool size that was assigned last; no size changes ${until}`;
  return { status: "True", reason: "Applied", message };
}

/** Until when nothing is decided for the policy; empty where something is. */
function undecidedUntil({ budgetSlots }: Plan, { failure }: PolicyFacts): string {
  if (budgetSlots === undefined) return "until the limit of the server is known";
  return failure ? "until the policy's connection to the database works" : "";
}

function rollingOrWaiting(plan: Plan, policy: string): Answer | undefined {
  const { rolls, pools } = plan;
  if (rolls.roll?.position.policy.key === policy) {
    const { position, poolSize } = rolls.roll;
    const message = `${position.workload.name}: rollout to pool size ${poolSize} starts`;
    return { status: "False", reason: "Rolling", message };
  }
  const unfinished = ownPools(pools, policy).find(isBringingToSize)?.position;
  if (unfinished?.workload.stuck !== undefined) {
    const { name, stuck } = unfinished.workload;
    const message = `${name}: ${sayBlocked(unfinished, stuck)}`;
    return { status: "False", reason: "RolloutStuck", message };
  }
  if (unfinished) {
    const message = `${unfinished.workload.name}: ${sayProgress(unfinished)}`;
    return { status: "False", reason: "Rolling", message };
  }
  const waiting = waitingOf(rolls, policy).find(({ wish }) => wish.toShrink);
  if (waiting) {
    return {
      status: "False",
      reason: waiting.obstacle.reason,
      message: sayWaiting(waiting, pools),
    };
  }
  return growthWaiting(plan, policy);
}

function growthWaiting(plan: Plan, policy: string): Answer | undefined {
  const short = ownPools(plan.pools, policy).find(
    ({ grant }) => grant.decision === "Wait",
  )?.position;
  if (!short) return undefined;
  const growth = `to grow beyond ${short.published}`;
  const unknown = sayUnknownLogins(plan.snapshot, short.workload.namespace);
  const name = bareNameIn(short.pool.poolKey);
  const message =
    unknown === ""
      ? `${name}: waits for free slots ${growth}${sayHolders(plan.holders, policy)}`
      : `${name}: waits ${growth} ${unknown}`;
  return { status: "False", reason: "GrowthWaiting", message };
}

/**
 * A rollout is under way and pods are not of the size that new ones get: a plain deploy is none of
 * our business.
 */
function isBringingToSize({ position, grant }: PoolPlan): boolean {
  const { rolling, managed, workload } = position;
  return (
    rolling &&
    managed &&
    workload.pods.some((pod) => !isFollowing(pod) && !isOf(pod, grant.poolSize))
  );
}

function isOf({ own }: PodFacts, poolSize: number): boolean {
  return own.poolSize === poolSize;
}

/** Workloads that are named as waiting; each has a row that says so as well. */
const waitingMax = 5;

/** What a roll waits for, and until when where time alone decides it. */
function sayWaiting({ wish, obstacle }: WaitingRoll, pools: readonly PoolPlan[]): string {
  const { message, untilMs } = obstacle;
  const latestMs = Math.max(untilMs ?? 0, pools[wish.index]?.grant.settledAtMs ?? 0);
  const isDated = untilMs !== undefined && latestMs > 0 && Number.isFinite(latestMs);
  const until = isDated ? ` (until ${isoTime(latestMs)})` : "";
  return `${wish.position.workload.name}: ${message}${until}`;
}

function done(plan: Plan, policy: string, findings: readonly Finding[]): Answer {
  const later = waitingOf(plan.rolls, policy);
  const named = later
    .slice(0, waitingMax)
    .map(({ wish, obstacle }) => `${wish.position.workload.name}: ${obstacle.message}`);
  const more = later.length > waitingMax ? [`${later.length - waitingMax} more wait`] : [];
  const told = [sayAssigned(plan, policy), ...named, ...more];
  const message = withMissingWorkloads(told.join("; "), findings);
  return { status: "True", reason: "Applied", message };
}

/** Within the tolerance, or until a rollout, pods keep what they were started with. */
function sayAssigned({ pools }: Plan, policy: string): string {
  const own = ownPools(pools, policy).filter(({ position }) => position.managed);
  const byWorkload = [...Map.groupBy(own, ({ position }) => position.workload.key).values()];
  const pods = byWorkload.flatMap((some) => areAsAssigned(some));
  const others = pods.filter((isAsAssigned) => !isAsAssigned).length;
  if (others === 0) return "every pod has the assigned pool size, and new pods get it";
  const keep = others === 1 ? "keeps" : "keep";
  return `new pods get the assigned pool size; ${others} of ${sayCount(pods.length, "pod")} ${keep} another size`;
}

/** Of each pod of one workload that does not end: whether all of its pools are. */
function areAsAssigned(pools: readonly PoolPlan[]): readonly boolean[] {
  const [first, ...others] = pools.map(({ position, grant }) =>
    position.workload.pods
      .filter(({ terminating }) => !terminating)
      .map((pod) => isFollowing(pod) || isOf(pod, grant.poolSize)),
  );
  return (first ?? []).map((isFirst, at) => isFirst && others.every((one) => one[at] !== false));
}
