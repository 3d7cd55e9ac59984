// The condition Applied: whether every pod has its size, and what it waits for where it has not.

import type { Reason } from "../api/conditions.ts";
import type { Finding, PolicyFacts } from "./facts.ts";
import { isoTime } from "./iso-time.ts";
import { sayUnknownLogins } from "./login-members.ts";
import { ownAmong } from "./own-positions.ts";
import type { Plan } from "./plan.ts";
import type { Position } from "./position.ts";
import { waitingOf, type WaitingRoll } from "./rolls.ts";
import { sayCount } from "./say-count.ts";
import { sayHolders } from "./say-owner.ts";
import { withMissingWorkloads } from "./unused-entries.ts";

/** What a condition says, whichever it is. */
export interface Answer {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: Reason;
  readonly message: string;
}

/** `positions` and `findings` are those of the policy. */
export function applied(
  plan: Plan,
  { spec, key }: PolicyFacts,
  {
    positions,
    findings,
  }: { readonly positions: readonly Position[]; readonly findings: readonly Finding[] },
): Answer {
  const blocking = findings.find(({ severity }) => severity === "blocking");
  if (blocking) return { status: "False", reason: blocking.reason, message: blocking.message };
  if (positions.length === 0) {
    const message =
      "no entry of spec.workloads matches a Deployment or StatefulSet of the namespace";
    return { status: "False", reason: "NoWorkloads", message };
  }
  if (spec.mode === "Observe") {
    const message = withMissingWorkloads("mode is Observe: no pod is changed", findings);
    return { status: "Unknown", reason: "Observing", message };
  }
  return rollingOrWaiting(plan, key) ?? done(plan, key, findings);
}

function rollingOrWaiting(plan: Plan, policy: string): Answer | undefined {
  const { rolls, positions, grants } = plan;
  if (rolls.roll?.position.policy.key === policy) {
    const message = `${rolls.roll.position.workload.name} is rolled to ${rolls.roll.poolSize}`;
    return { status: "False", reason: "Rolling", message };
  }
  const unfinished = ownAmong(positions, policy).find(({ position, index }) =>
    isBringingToSize(position, grants[index]?.poolSize),
  )?.position;
  if (unfinished?.workload.stuck !== undefined) {
    const message = `${unfinished.workload.name} makes no progress: ${unfinished.workload.stuck}`;
    return { status: "False", reason: "RolloutStuck", message };
  }
  if (unfinished) {
    const { name, updatedReplicas, replicas } = unfinished.workload;
    const progress = `${updatedReplicas} of ${sayCount(replicas, "pod")} replaced`;
    const message = `${name} is being rolled to its size: ${progress}`;
    return { status: "False", reason: "Rolling", message };
  }
  const waiting = waitingOf(rolls, policy).find(({ wish }) => wish.toShrink);
  if (waiting) {
    return {
      status: "False",
      reason: waiting.obstacle.reason,
      message: sayWaiting(waiting, grants),
    };
  }
  return growthWaiting(plan, policy);
}

function growthWaiting(plan: Plan, policy: string): Answer | undefined {
  const short = ownAmong(plan.positions, policy).find(
    ({ index }) => plan.grants[index]?.decision === "Wait",
  )?.position;
  if (!short) return undefined;
  const growth = `to grow beyond ${short.published}`;
  const unknown = sayUnknownLogins(plan.snapshot, short.workload.namespace);
  const message =
    unknown === ""
      ? `${short.workload.name} waits for free slots ${growth}${sayHolders(plan.holders, policy)}`
      : `${short.workload.name} waits ${growth} ${unknown}`;
  return { status: "False", reason: "GrowthWaiting", message };
}

/**
 * A rollout is under way and pods are not of the size that new ones get: a plain deploy is none of
 * our business.
 */
function isBringingToSize({ rolling, managed, workload }: Position, poolSize?: number): boolean {
  return rolling && managed && workload.pods.some(({ own }) => own.poolSize !== poolSize);
}

/** Workloads that are named as waiting; each has a row that says so as well. */
const waitingMax = 5;

/** What a roll waits for, and until when where time alone decides it. */
function sayWaiting({ wish, obstacle }: WaitingRoll, grants: Plan["grants"]): string {
  const { message, untilMs } = obstacle;
  const latestMs = Math.max(untilMs ?? 0, grants[wish.index]?.settledAtMs ?? 0);
  const isDated = untilMs !== undefined && latestMs > 0 && Number.isFinite(latestMs);
  const until = isDated ? ` (until ${isoTime(latestMs)})` : "";
  return `${wish.position.workload.name} ${message}${until}`;
}

function done({ rolls }: Plan, policy: string, findings: readonly Finding[]): Answer {
  const later = waitingOf(rolls, policy);
  const named = later
    .slice(0, waitingMax)
    .map(({ wish, obstacle }) => `${wish.position.workload.name} ${obstacle.message}`);
  const more = later.length > waitingMax ? [`${later.length - waitingMax} more wait`] : [];
  const told = ["every new pod gets its share", ...named, ...more];
  const message = withMissingWorkloads(told.join("; "), findings);
  return { status: "True", reason: "Applied", message };
}
