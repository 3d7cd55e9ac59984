// Workloads that are gone: their pods leave, and count until they are gone too. What was planned
// for them is not given to others at once, because they may come back under their name.

import { podsKind, type PoolKey, readWorkloadKey, workloadOfPool } from "../../api/keys.ts";
import { usualKind, workloadKindOf } from "../../api/workload-kinds.ts";
import type { WorkloadRow } from "../../api/poolpolicy.ts";
import { entryOfRow } from "../../api/row-entry.ts";
import type { PolicyFacts, PoolFacts } from "../../domain/facts/facts.ts";
import { recentPodsOf } from "../../domain/demand/planned-pods.ts";
import type { PickedWorkload } from "../../observed.ts";
import { byWorkload, type Caches } from "../caches.ts";
import type { ClaimsInNamespace } from "./namespace-claims.ts";
import { recentPlanOf, workloadFacts, type WorkloadSources } from "./observe-workload.ts";
import type { Lookups } from "../references/references.ts";
import { engineNameOf } from "../../domain/supply/server-engine.ts";

interface Departed {
  readonly member: PolicyFacts;
  readonly key: string;
  readonly row: WorkloadRow;
}

interface Known {
  readonly members: readonly PolicyFacts[];
  /** Pods that entries pick by labels are there as long as their entries are. */
  readonly named: ClaimsInNamespace["named"];
  readonly nowMs: number;
}

/** Workloads that the last status names and that are gone, as long as something of them counts. */
export function departedWorkloads(
  { caches, lookups }: { readonly caches: Caches; readonly lookups: Lookups },
  namespace: string,
  { members, named, nowMs }: Known,
): PoolFacts[] {
  const departed = members
    .filter((member) => member.namespace === namespace)
    .flatMap((member) =>
      (member.status?.workloads ?? []).map((row): Departed => {
        return { member, key: workloadOfPool(`${namespace}/${row.workload}` as PoolKey), row };
      }),
    )
    .filter(({ row }) => named(row.workload) === undefined);
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

/** Pods whose workload is gone: they leave, and count until they are gone too. */
function departedFacts(
  key: string,
  sources: Omit<WorkloadSources, "workload" | "isPending">,
): PoolFacts {
  const { namespace, kind, name } = readWorkloadKey(key);
  const workload: PickedWorkload = {
    ...departed,
    key: `${namespace}/${name}`,
    kind: kind === podsKind ? kind : (workloadKindOf(kind) ?? usualKind),
    namespace,
    name,
    containers: sources.pods[0]?.containers ?? [],
  };
  return {
    ...workloadFacts({ ...sources, workload, isPending: false }),
    exists: false,
    grant: undefined,
    findings: [],
  };
}

const departed = {
  uid: "",
  resourceVersion: "",
  generation: 0,
  observedGeneration: 0,
  labels: {},
  replicas: 0,
  updatedReplicas: 0,
  statusReplicas: 0,
  updateRevision: undefined,
  strategy: "RollingUpdate",
  maxSurge: 0,
  waitsForTermination: false,
  paused: false,
  stuck: undefined,
  defaultContainer: undefined,
  templateAnnotations: {},
  annotations: {},
  envManagers: {},
} as const;
