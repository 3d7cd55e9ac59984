// The status of a policy, built once from the plan, and equal to the stored one when nothing
// changed, so that it need not be written. lastTransitionTime moves only when a condition's status
// does.

import { usualEngine } from "../../api/engines.ts";
import type { Condition, PoolPolicyStatus, WorkloadRow } from "../../api/poolpolicy.ts";
import type { PolicyFacts } from "../facts/facts.ts";
import { findingsOf } from "./findings.ts";
import { isoTime } from "../words/iso-time.ts";
import { ledgerFor } from "./ledger.ts";
import { tableOf } from "./ledger-table.ts";
import type { Plan } from "../decide/plan.ts";
import { ownPools } from "../decide/pool-plan.ts";
import { firstPools } from "../demand/own-positions.ts";
import type { Position } from "../demand/position.ts";
import { hasLoginWorked } from "../supply/readers.ts";
import { replicaRows } from "./replica-rows.ts";
import { behindRows } from "./tier-rows.ts";
import { engineOf } from "../supply/server-engine.ts";
import { rowOf } from "./rows.ts";
import { hasPlace } from "../demand/standing.ts";
import { atWorkOn } from "./use-findings.ts";
import { type Verdict, verdictsOf } from "./verdict.ts";

const findingsMax = 100;

/**
 * Everything but `grants`, whose environment entries are not arithmetic. Texts are as long as they
 * are: who writes the status makes it fit.
 */
export function statusOf(plan: Plan, policy: PolicyFacts): Omit<PoolPolicyStatus, "grants"> {
  const pools = ownPools(plan.pools, policy.key);
  const positions = pools.map(({ position }) => position);
  const rows = pools.map((pool) => rowOf(plan, pool));
  const findings = findingsOf(plan, policy, positions);
  const verdicts = verdictsOf(plan, policy, { positions, findings });
  const { name: engine } = engineOf(plan.snapshot);
  return {
    observedGeneration: policy.generation,
    conditions: conditionsOf(policy, verdicts, plan.nowMs),
    server: plan.server,
    ...(engine === usualEngine ? {} : { engine }),
    ...(hasPlace(policy) ? {} : { counted: "AsHeld" as const }),
    loginWorked: hasLoginWorked(policy, plan.snapshot.database),
    delivery: policy.delivery,
    deliveryMessage: policy.deliveryMessage,
    workloadCount: firstPools(positions).filter(({ workload }) => workload.exists).length,
    idleFloor: idleFloorOf(positions, rows),
    workloads: rows,
    findings: findings.slice(0, findingsMax).map(({ reason, message }) => ({ reason, message })),
    ...workOf(plan, policy),
    ...accountOf(plan, policy),
    ...replicaRows(plan, policy),
    ...behindRows(policy, plan.snapshot),
  };
}

function workOf(plan: Plan, policy: PolicyFacts): Pick<PoolPolicyStatus, "atWork"> {
  const atWork = atWorkOn(plan, policy);
  return atWork ? { atWork } : {};
}

function accountOf(plan: Plan, policy: PolicyFacts): Partial<PoolPolicyStatus> {
  const { capacity, budgetSlots, exposure, foreign } = plan;
  const used = exposure.slots;
  if (!capacity || budgetSlots === undefined) return { used };
  return {
    used,
    budget: budgetSlots,
    maxConnections: capacity.maxConnections,
    foreign: foreign.slots,
    ledger: tableOf(ledgerFor(policy.key, { ...plan, capacity }), capacity),
  };
}

/** Slots that idle pools keep open: planned pods x the minimum of each pool. */
function idleFloorOf(positions: readonly Position[], rows: readonly WorkloadRow[]): number {
  return positions.reduce((sum, { sizing, plannedPods }, index) => {
    return sum + plannedPods * (rows[index]?.minSize ?? 0) * sizing.processesPerPod;
  }, 0);
}

function conditionsOf(
  policy: PolicyFacts,
  verdicts: readonly Verdict[],
  nowMs: number,
): Condition[] {
  const before = new Map(policy.status?.conditions?.map((c) => [c.type, c]));
  return verdicts.map(({ type, status, reason, message }) => {
    const old = before.get(type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : isoTime(nowMs);
    return {
      type,
      status,
      reason,
      message,
      observedGeneration: policy.generation,
      lastTransitionTime,
    };
  });
}
