// The status of a policy as it is to be written: the plan's words, plus the grants with their
// environment entries. It is written only if it differs from the stored one.

import { poolNameIn } from "../../api/keys.ts";
import type { Grant, PoolPolicyStatus, WorkloadEntry } from "../../api/poolpolicy.ts";
import { withoutUsual } from "../../api/row-entry.ts";
import { entriesFor } from "../../api/sizing.ts";
import type { PolicyFacts } from "../../domain/facts/facts.ts";
import { type GrantDecision, isGranted } from "../../domain/decide/grants.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import { ownPools } from "../../domain/decide/pool-plan.ts";
import type { Position } from "../../domain/demand/position.ts";
import { wantsGate } from "../../domain/demand/start-gate.ts";
import { isoTime, timeMs } from "../../domain/words/iso-time.ts";
import { statusOf } from "../../domain/explain/status.ts";
import { canStartWith, grantNamed } from "../observe/hand-over.ts";
import { fitOrKeep } from "./overfull-status.ts";

export interface WrittenStatus {
  readonly resourceVersion: string;
  readonly status: PoolPolicyStatus;
}

/** The whole status, keys without a value left out. */
export function buildStatus(plan: Plan, policy: PolicyFacts): PoolPolicyStatus {
  const grants = grantsOf(plan, policy);
  const { workloads = [], ...rest } = statusOf(plan, policy);
  const status = {
    ...rest,
    workloads: workloads.map(withoutUsual),
    ...(grants ? { grants } : {}),
  };
  return fitOrKeep(status, { policy, nowMs: plan.nowMs });
}

type Grants = Record<string, Grant>;

function grantsOf(plan: Plan, policy: PolicyFacts): Grants | undefined {
  const before = policy.status?.grants;
  if (policy.failure || plan.budgetSlots === undefined) return before;
  if (policy.spec.mode !== "Enforce" || policy.delivery !== "Admission") return undefined;
  const grants: Grants = {};
  const present = ownPools(plan.pools, policy.key).filter(({ position }) => {
    const { exists, isReleased, isCounted } = position.pool;
    return exists && isReleased !== true && isCounted !== true;
  });
  for (const { position, grant: decision } of present) {
    const name = poolNameIn(position.pool.poolKey);
    const known = grantNamed(before ?? {}, name);
    const grant =
      decidedGrant(position, decision, { ...plan, known }) ?? keptGrant(known, position);
    if (canStart(position, grant)) grants[name] = grant;
  }
  return { ...keptGrants(policy, plan.nowMs), ...grants };
}

/**
 * A workload that may not be managed for now keeps its last size, and its gate only as long as its
 * new pods can be released with their slots.
 */
function keptGrant(known: Grant | undefined, { pool }: Position): Grant | undefined {
  if (!known) return undefined;
  const { gatedFrom, ...kept } = known;
  return gatedFrom === undefined || wantsGate(pool) ? known : kept;
}

function canStart({ pool }: Position, grant: Grant | undefined): grant is Grant {
  return grant !== undefined && canStartWith(grant, pool);
}

function decidedGrant(
  position: Position,
  decision: GrantDecision,
  scene: GrantScene,
): Grant | undefined {
  const { policy, pool } = position;
  const entry = policy.spec.workloads[pool.entry];
  const { container } = pool;
  if (!isGranted(position) || !entry || container === undefined) return undefined;
  const grant = grantOf(decision, { policy, entry, container });
  if (!position.resizablePods) return grant;
  const live = { ...grant, liveVariable: position.sizing.maxSizeName };
  return { ...live, ...gateOf(pool, { ...scene, known: ofSameVariable(scene.known, live) }) };
}

/** API servers have yet to hear of a gate beside another variable or container. */
function ofSameVariable(known: Grant | undefined, live: Grant): Grant | undefined {
  const isSame = known?.container === live.container && known.liveVariable === live.liveVariable;
  return isSame ? known : undefined;
}

interface GrantScene extends Pick<Plan, "nowMs" | "snapshot"> {
  /** As it is published. */
  readonly known: Grant | undefined;
}

/**
 * From when on every API server has heard of it: of the first time that it was published. Who
 * released pods before that said nothing of the mark may have left them without it.
 */
function gateOf(
  pool: Position["pool"],
  { nowMs, snapshot: { settleTimeMs }, known }: GrantScene,
): Pick<Grant, "gatedFrom" | "markedFrom"> {
  if (!wantsGate(pool)) return {};
  const soonMs = nowMs + settleTimeMs;
  const since = (text: string | undefined): string =>
    isoTime(Math.min(timeMs(text) ?? soonMs, soonMs));
  return { gatedFrom: since(known?.gatedFrom), markedFrom: since(known?.markedFrom) };
}

/** Those of workloads that the policy has no more, while their pods could start with more. */
function keptGrants(policy: PolicyFacts, nowMs: number): Grants {
  const before = policy.status?.grants ?? {};
  const kept = (policy.keptGrants ?? []).flatMap(({ workload, untilMs }) => {
    const grant = before[workload];
    if (!grant || untilMs <= nowMs) return [];
    return [[workload, { ...grant, keptSince: grant.keptSince ?? isoTime(nowMs) }] as const];
  });
  return Object.fromEntries(kept);
}

function grantOf(
  { poolSize, settlingPoolSize, settledAtMs }: GrantDecision,
  {
    policy,
    entry,
    container,
  }: { readonly policy: PolicyFacts; readonly entry: WorkloadEntry; readonly container: string },
): Grant {
  const entries = entriesFor(policy.spec, entry, poolSize, policy.idleTimeoutSeconds);
  const env = entries.map(({ name, value }) => ({ name, value }));
  return {
    container,
    poolSize,
    env,
    ...(settlingPoolSize > poolSize ? { settlingPoolSize } : {}),
    ...(settledAtMs > 0 ? { settledAt: new Date(settledAtMs).toISOString() } : {}),
  };
}
