// apply: the plan's writes, in order. First the statuses, whose grants shrink at once and grow only
// within the line as it is; then, if all of them went through, at most one roll, validated against
// the workload as it is now. What did not go through is decided anew from what the cluster says
// then.

import type { PolicyFacts, PolicyKey, WorkloadFacts } from "../domain/facts.ts";
import { cooldownEndMs, wasReverted } from "../domain/cooldown.ts";
import type { Plan } from "../domain/plan.ts";
import { isoTime } from "../domain/iso-time.ts";
import type { Position } from "../domain/position.ts";
import { forbidsTemplate, type Wish } from "../domain/wishes.ts";
import type { ObservedWorkload } from "../observed.ts";
import type { Cluster, Failure, Manifest } from "../ports.ts";
import { entriesFor } from "../api/sizing.ts";
import { buildRoll, buildTemplateApply } from "../render/template-apply.ts";
import type { PoolPolicyStatus } from "../api/poolpolicy.ts";
import type { Expectations } from "./expectations.ts";
import type { PastRolls } from "./past-rolls.ts";
import { isSameStatus } from "./same-status.ts";
import { buildStatus, type WrittenStatus } from "./write-status.ts";

/** What we last wrote into each policy, and what version that made it. */
export type WrittenStatuses = Map<PolicyKey, WrittenStatus>;

export interface Applier {
  readonly cluster: Cluster;
  readonly statuses: Expectations<WrittenStatus>;
  readonly templates: Expectations<true>;
  readonly pastRolls: PastRolls;
  readonly written: WrittenStatuses;
}

/** What was written, and what was not and why. */
export interface Applied {
  readonly statuses: readonly { readonly policy: PolicyFacts; readonly status: PoolPolicyStatus }[];
  readonly roll: Wish | undefined;
  readonly failures: readonly WriteFailure[];
}

export interface WriteFailure {
  readonly what: string;
  readonly policy: PolicyFacts;
  readonly failure: Failure;
}

/**
 * With `signal` aborted no further write is begun: the one in hand is finished, the rest decided
 * anew by who comes next.
 */
export async function apply(applier: Applier, plan: Plan, signal: AbortSignal): Promise<Applied> {
  const statuses: Applied["statuses"][number][] = [];
  const failures: WriteFailure[] = [];
  for (const policy of plan.snapshot.policies) {
    const status = buildStatus(plan, policy);
    if (signal.aborted || isWritten(applier.written, policy, status)) continue;
    const failure = await writeStatus(applier, policy, status);
    if (failure) failures.push({ what: "status", policy, failure });
    else statuses.push({ policy, status });
  }
  const { roll } = plan.rolls;
  if (!roll || signal.aborted || failures.length > 0)
    return { statuses, roll: undefined, failures };
  const failure = await startRoll(applier, roll, plan.nowMs);
  if (!failure) return { statuses, roll, failures };
  const { policy } = roll.position;
  return { statuses, roll: undefined, failures: [{ what: "roll", policy, failure }] };
}

/**
 * An API server with an older CRD leaves out what it does not know: what it stored will never be
 * what we wrote, and to write it again would bring the same, and wake us, for ever.
 */
function isWritten(
  written: WrittenStatuses,
  policy: PolicyFacts,
  status: PoolPolicyStatus,
): boolean {
  if (isSameStatus(policy.status, status)) return true;
  const last = written.get(policy.key);
  return last?.resourceVersion === policy.resourceVersion && isSameStatus(last.status, status);
}

async function writeStatus(
  { cluster, statuses, written }: Applier,
  policy: PolicyFacts,
  status: PoolPolicyStatus,
): Promise<Failure | undefined> {
  const outcome = await cluster.writeStatus(policy.key, policy.resourceVersion, status);
  if (outcome.kind !== "ok") return outcome;
  const { resourceVersion } = outcome.value;
  statuses.expect(policy.key, resourceVersion, { resourceVersion, status });
  written.set(policy.key, { resourceVersion, status });
  return undefined;
}

async function startRoll(
  applier: Applier,
  roll: Wish,
  nowMs: number,
): Promise<Failure | undefined> {
  const { workload, policy } = roll.position;
  const fresh = await applier.cluster.readWorkload(workload.key);
  if (fresh.kind !== "ok") return fresh;
  const changed = changeSince(workload, fresh.value);
  if (changed) return changed;
  const reverts = revertsAfter(roll.position, nowMs);
  const manifest = manifestOf(roll, fresh.value, { rolledAt: isoTime(nowMs), reverts });
  const force = !writesTemplate(roll.position) || policy.spec.ownership === "Take";
  const outcome = await applier.cluster.apply(manifest, { force });
  if (outcome.kind !== "ok") return outcome;
  applier.templates.expect(workload.key, outcome.value.resourceVersion, true);
  const poolSize = writesTemplate(roll.position) ? roll.poolSize : undefined;
  applier.pastRolls.note(workload.key, { atMs: nowMs, poolSize, reverts });
  return undefined;
}

/**
 * How often the entries were put back, once this roll is written. It begins anew when what we wrote
 * has stood for longer than the back-off that it had led to.
 */
function revertsAfter(position: Position, nowMs: number): number {
  const { workload } = position;
  if (wasReverted(workload)) return workload.reverts + 1;
  return nowMs < cooldownEndMs(position) ? workload.reverts : 0;
}

/** A roll that was decided on something else than what is there now is dropped and decided anew. */
function changeSince(before: WorkloadFacts, fresh: ObservedWorkload): Failure | undefined {
  const isSame =
    fresh.uid === before.uid &&
    fresh.generation === before.generation &&
    fresh.replicas === before.replicas;
  if (isSame) return undefined;
  return { kind: "conflict", message: `${before.key} has changed meanwhile`, managers: [] };
}

/** A roll of ours writes the entries, not only the time of the roll. */
function writesTemplate({ workload, policy }: Position): boolean {
  if (policy.delivery === "Template") return true;
  return policy.movesToTemplate === true && !workload.findings.some(forbidsTemplate);
}

function manifestOf(
  { position, poolSize }: Wish,
  live: ObservedWorkload,
  { rolledAt, reverts }: { readonly rolledAt: string; readonly reverts: number },
): Manifest {
  const { workload, policy } = position;
  const entry = policy.spec.workloads[workload.entry];
  if (!writesTemplate(position) || !entry || workload.container === undefined) {
    return buildRoll(live, rolledAt);
  }
  const entries = entriesFor(policy.spec, entry, poolSize);
  return buildTemplateApply(live, {
    container: workload.container,
    entries,
    poolSize,
    rolledAt,
    reverts: reverts === workload.reverts ? undefined : reverts,
  });
}
