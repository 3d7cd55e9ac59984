// Workloads that leave their policy, by other labels or because an entry is gone. Nothing sizes
// their pods any more, and their sessions count as foreign ones: a plan knows no sessions, so it
// has to be said.

import { workloadKeyOf } from "../api/keys.ts";
import { parseSpec, type PoolPolicySpec } from "../api/poolpolicy.ts";
import type { PolicyKey, WorkloadKey } from "../domain/facts/facts.ts";
import { sayCount } from "../domain/words/say-count.ts";
import { claimsOn } from "../reconcile/observe/claims.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import { workloadsIn } from "./started-pods.ts";

/** By workload: the policies whose entries name it. */
export type Claimed = ReadonlyMap<WorkloadKey, ReadonlySet<PolicyKey>>;

export function claimedIn(stores: ManifestStores): Claimed {
  const policies = Map.groupBy(policiesIn(stores), ({ namespace }) => namespace);
  const workloads = Map.groupBy(workloadsIn(stores), ({ namespace }) => namespace);
  const claims = [...workloads].flatMap(([namespace, own]) => [
    ...claimsOn(own, policies.get(namespace) ?? []),
  ]);
  return new Map(
    claims.map(([workload, all]) => [
      workloadKeyOf(workload),
      new Set(all.map(({ policy }) => policy)),
    ]),
  );
}

interface Known {
  readonly key: PolicyKey;
  readonly namespace: string;
  readonly spec: PoolPolicySpec;
}

function policiesIn({ policies }: ManifestStores): Known[] {
  return [...policies.values()].flatMap(({ key, namespace, spec: raw }) => {
    const parsed = parseSpec(raw);
    return "spec" in parsed ? [{ key, namespace, spec: parsed.spec }] : [];
  });
}

export interface Leaving {
  readonly object: string;
  readonly message: string;
}

/** Those that are still there, and that a policy named before and names no more. */
export function leavingOf(stores: ManifestStores, before: Claimed, after: Claimed): Leaving[] {
  return workloadsIn(stores).flatMap(({ kind, key: name, ...workload }) => {
    const key = workloadKeyOf({ kind, ...workload });
    const left = [...(before.get(key) ?? [])].filter(
      (policy) => after.get(key)?.has(policy) !== true,
    );
    const pods = sayCount(workload.replicas, "pod");
    return left.map((policy) => ({
      object: `${kind} ${name}`,
      message:
        `leaves PoolPolicy ${policy}: its ${pods} are sized no more, and their sessions count as ` +
        "foreign ones, which this plan does not know. An entry with manage: Count keeps them counted",
    }));
  });
}
