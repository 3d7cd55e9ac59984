// Workloads that are gone: their pods leave, and count until they are gone too. What was planned
// for them is not given to others at once, because they may come back under their name.

import { type PoolKey, workloadKeyOf, workloadOfPool } from "../../api/keys.ts";
import type { WorkloadRow } from "../../api/poolpolicy.ts";
import { entryOfRow } from "../../api/row-entry.ts";
import type { PolicyFacts, PoolFacts } from "../../domain/facts/facts.ts";
import { recentPodsOf } from "../../domain/demand/planned-pods.ts";
import { byWorkload, type Caches, workloadsIn } from "../caches.ts";
import { departedFacts, recentPlanOf } from "./observe-workload.ts";
import type { Lookups } from "../references/references.ts";
import { engineNameOf } from "../../domain/supply/server-engine.ts";

interface Departed {
  readonly member: PolicyFacts;
  readonly key: string;
  readonly row: WorkloadRow;
}

/** Workloads that the last status names and that are gone, as long as something of them counts. */
export function departedWorkloads(
  { caches, lookups }: { readonly caches: Caches; readonly lookups: Lookups },
  namespace: string,
  { members, nowMs }: { readonly members: readonly PolicyFacts[]; readonly nowMs: number },
): PoolFacts[] {
  const present = new Set(workloadsIn(caches, namespace).map(workloadKeyOf));
  const departed = members
    .filter((member) => member.namespace === namespace)
    .flatMap((member) =>
      (member.status?.workloads ?? []).map((row): Departed => {
        return { member, key: workloadOfPool(`${namespace}/${row.workload}` as PoolKey), row };
      }),
    )
    .filter(({ key }) => !present.has(key));
  return departed.flatMap((one) => {
    const pods = caches.pods.byIndex(byWorkload, one.key);
    const { pods: recently } = recentPodsOf(recentPlanOf(one.row), 0, { ...one.member, nowMs });
    if (pods.length === 0 && recently === 0) return [];
    return [factsOf(one, { pods, lookups })];
  });
}

function factsOf(
  { member, key, row }: Departed,
  found: Pick<Parameters<typeof departedFacts>[1], "pods" | "lookups">,
): PoolFacts {
  const entry = entryOfRow(row);
  return departedFacts(key, {
    ...found,
    spec: member.spec,
    ...{ entry, planning: entry },
    entryIndex: -1,
    policy: member.key,
    servers: [],
    engine: engineNameOf(member),
    delivery: member.delivery,
    claimedBy: [member.key],
    grants: { own: undefined, others: [] },
    replicaSets: [],
    lastRoll: undefined,
    row,
    autoscalerMaxReplicas: undefined,
  });
}
