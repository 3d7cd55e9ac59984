// What a plan answers, whatever form it is printed in: each server with its account and pools, each
// policy with the status that the operator would publish, and whether everything fits.

import { sayPlace } from "../adapters/manifests/documents.ts";
import type { Condition, PoolPolicyStatus, WorkloadRow } from "../api/poolpolicy.ts";
import { poolNameIn } from "../api/keys.ts";
import type { Plan } from "../domain/decide/plan.ts";
import { type PoolPlan, poolsHere } from "../domain/decide/pool-plan.ts";
import { boundBy } from "../domain/explain/bound-by.ts";
import { workloadNotFound } from "../domain/explain/unused-entries.ts";
import { ledgerFor } from "../domain/explain/ledger.ts";
import { tableOf } from "../domain/explain/ledger-table.ts";
import { rowOf } from "../domain/explain/rows.ts";
import type { PolicyKey, ServerKey } from "../domain/facts/facts.ts";
import { engineOf } from "../domain/supply/server-engine.ts";
import type { Decided } from "./decide.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { ManifestObject, Objects } from "./objects.ts";
import type { Peak, Step } from "./steps.ts";

export interface PoolAnswer {
  readonly policy: PolicyKey;
  /** Kind/name, and the name of the pool where a workload has several. */
  readonly pool: string;
  /** Pool size of the next pod. */
  readonly poolSize: number;
  /** Sizes of running pods, where they follow theirs without a restart. */
  readonly live?: { readonly least: number; readonly most: number };
  /** The same without the what-ifs, where that is another one. */
  readonly poolSizeBefore?: number;
  readonly minSize: number;
  /** What it should have, or would have if it were managed. */
  readonly share: number;
  /** What its manifest says, or is taken to say. */
  readonly templatePoolSize: number;
  /** The library takes what the manifest says for no limit. */
  readonly isUnlimited?: true;
  readonly replicas: number;
  readonly plannedPods: number;
  /** What its pods hold or may still take. */
  readonly slots: number;
  readonly boundBy: string;
  readonly decision: string;
  readonly reason: string;
  readonly message: string;
}

export interface ServerAnswer {
  readonly server: ServerKey;
  /** Undefined while its limit is not known, as the rest of its account. */
  readonly maxConnections: number | undefined;
  /** What its engine calls the setting with the limit. */
  readonly connectionsSetting: string;
  /** Where the limit comes from, for people. */
  readonly limitFrom: string;
  readonly budget: number | undefined;
  readonly used: number;
  readonly ledger: readonly string[];
  readonly pools: readonly PoolAnswer[];
}

export interface PolicyProblem {
  readonly reason: string;
  readonly message: string;
}

export interface PolicyAnswer {
  readonly policy: PolicyKey;
  readonly place: string;
  readonly fits: boolean;
  /** False: its limits are not known, or cannot be read. */
  readonly isAnswered: boolean;
  /** None where it fits; else what keeps it from Ready, with the way out where there is one. */
  readonly problems: readonly PolicyProblem[];
  /** As the operator would publish it. */
  readonly status: PoolPolicyStatus;
}

export interface Answer {
  readonly fits: boolean;
  /** 0 fits, 1 does not fit, 2 could not be answered. */
  readonly exitStatus: 0 | 1 | 2;
  readonly servers: readonly ServerAnswer[];
  readonly policies: readonly PolicyAnswer[];
  /** Against a cluster: what applying the manifests does, in order. */
  readonly steps?: readonly Step[];
  /** Against a cluster: servers with more slots promised than there are, on the way. */
  readonly peaks?: readonly Peak[];
  /** What a reader should know of the answer itself. */
  readonly notes: readonly string[];
  /** How many objects of each kind were read. */
  readonly read: Readonly<Record<string, number>>;
  /** How many of each kind were left out. */
  readonly ignored: Readonly<Record<string, number>>;
}

export interface Answered {
  readonly objects: Objects;
  /** Whether it is among the manifests, and does not only run. */
  readonly isGiven: (object: ManifestObject) => boolean;
  readonly stores: ManifestStores;
  readonly decided: Decided;
  readonly limitFrom: (server: ServerKey) => string;
  readonly notes: readonly string[];
}

export function answerOf(answered: Answered): Answer {
  const { objects, decided, notes } = answered;
  const policies = objects.objects
    .filter(({ kind }) => kind === "PoolPolicy")
    .map((object) => policyAnswer(object, answered));
  const plans = [...decided.plans.values()].toSorted((a, b) => (a.server < b.server ? -1 : 1));
  const exitStatus = exitStatusOf(policies);
  return {
    ...{ fits: exitStatus === 0, exitStatus },
    servers: plans.map((plan) => serverAnswer(plan, answered)),
    ...{ policies, notes },
    read: countsOf([...objects.objects, ...objects.templates]),
    ignored: Object.fromEntries(objects.ignored),
  };
}

function policyAnswer(
  object: ManifestObject,
  { stores: { policies }, isGiven }: Answered,
): PolicyAnswer {
  const policy = `${object.namespace}/${object.name}`;
  const status: PoolPolicyStatus = policies.get(policy)?.status ?? {};
  const ready = conditionOf(status, "Ready");
  const missing = isGiven(object) ? missingIn(status) : [];
  const fits = ready?.status === "True" && missing.length === 0;
  const isAnswered = conditionOf(status, "DatabaseReachable")?.status === "True";
  const place = sayPlace(object.place);
  const problems = [...(ready?.status === "True" ? [] : problemsOf(status)), ...missing];
  return { policy, place, fits, isAnswered, problems, status };
}

/**
 * A name that no workload has is most often a typing error. The operator stays Ready, because the
 * workload may come a minute later; a gate that passes has let the error through.
 */
function missingIn({ findings = [] }: PoolPolicyStatus): readonly PolicyProblem[] {
  return findings.filter(({ reason }) => reason === workloadNotFound);
}

const unready: PolicyProblem = { reason: "NotDecided", message: "nothing was decided" };

/** Ready says the first of them; what cannot be known for it says nothing more. */
function problemsOf({ conditions = [] }: PoolPolicyStatus): readonly PolicyProblem[] {
  const failed = conditions.filter(({ type, status }) => type !== "Ready" && status === "False");
  const ready = conditions.find(({ type }) => type === "Ready") ?? unready;
  const told = failed.length > 0 ? failed : [ready];
  return told.map(({ reason, message }) => ({ reason, message }));
}

function conditionOf({ conditions }: PoolPolicyStatus, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** A server whose limit nobody says is no answer. */
export function exitStatusOf(policies: readonly PolicyAnswer[]): Answer["exitStatus"] {
  if (!policies.every(({ isAnswered }) => isAnswered)) return 2;
  return policies.every(({ fits }) => fits) ? 0 : 1;
}

function serverAnswer(plan: Plan, { stores, decided, limitFrom }: Answered): ServerAnswer {
  return {
    server: plan.server,
    maxConnections: plan.capacity?.maxConnections,
    connectionsSetting: engineOf(plan.snapshot).connectionsSetting,
    limitFrom: plan.capacity ? limitFrom(plan.server) : "not known",
    budget: plan.budgetSlots,
    used: plan.exposure.slots,
    ledger: ledgerOf(plan, stores),
    pools: poolsHere(plan).map((pool) => poolAnswer(plan, pool, decided)),
  };
}

/** As the policy is told it that has most pools: of others' workloads it hears no names. */
function ledgerOf(plan: Plan, { policies }: ManifestStores): readonly string[] {
  const { snapshot, pools, capacity } = plan;
  const counts = Map.groupBy(pools, ({ position }) => position.policy.key);
  const poolsOf = (key: PolicyKey): number => counts.get(key)?.length ?? 0;
  const [first] = snapshot.policies.toSorted((a, b) => poolsOf(b.key) - poolsOf(a.key));
  if (first?.isReplica === true) {
    return capacity ? tableOf(ledgerFor(first.key, { ...plan, capacity }), capacity) : [];
  }
  const status: PoolPolicyStatus = policies.get(first?.key ?? "")?.status ?? {};
  return status.ledger ?? [];
}

function poolAnswer(plan: Plan, pool: PoolPlan, { templates }: Decided): PoolAnswer {
  const row = rowOf(plan, pool);
  const { poolKey, template } = pool.position.pool;
  const { poolSize, minSize, replicas, plannedPods, slots, decision, reason, message } = row;
  return {
    policy: pool.position.policy.key,
    pool: poolNameIn(poolKey),
    ...{ poolSize, minSize, replicas, plannedPods, slots },
    share: row.wantedPoolSize,
    templatePoolSize: (templates.get(poolKey) ?? template).poolSize,
    ...liveSizesIn(row),
    ...(template.unlimited && { isUnlimited: template.unlimited }),
    boundBy: boundBy(plan, pool),
    ...{ decision, reason, message },
  };
}

function liveSizesIn({ live }: WorkloadRow): Pick<PoolAnswer, "live"> {
  const { least, most } = live ?? {};
  return least === undefined || most === undefined ? {} : { live: { least, most } };
}

function countsOf(objects: readonly Pick<ManifestObject, "kind">[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of objects) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

export type SizedPool = Pick<PoolAnswer, "policy" | "pool" | "poolSize">;

/** `answer` with the sizes of `before` where they were others. */
export function withSizesBefore(answer: Answer, before: readonly SizedPool[]): Answer {
  const idOf = ({ policy, pool }: SizedPool): string => `${policy} ${pool}`;
  const sizes = new Map(before.map((pool) => [idOf(pool), pool.poolSize]));
  const compared = (pool: PoolAnswer): PoolAnswer => {
    const poolSizeBefore = sizes.get(idOf(pool)) ?? pool.poolSize;
    return poolSizeBefore === pool.poolSize ? pool : { ...pool, poolSizeBefore };
  };
  const servers = answer.servers.map((one) => ({ ...one, pools: one.pools.map(compared) }));
  return { ...answer, servers };
}
