// One pod of a workload as facts: what it may hold, and who gave it its size.

import { poolSizeIn } from "../sizes/said-size.ts";
import { furtherPool, podsKind } from "../../api/keys.ts";
import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer, oncePerName } from "../../domain/once-per.ts";
import type { PodFacts } from "../../domain/facts/facts.ts";
import type {
  ObservedContainer,
  ObservedPod,
  ObservedReplicaSet,
  PickedWorkload,
} from "../../observed.ts";
import { ordinalOf } from "./ordinals.ts";
import { holdersIn } from "../sizes/picked-container.ts";
import { largestOwnSize } from "../sizes/own-size.ts";
import { isOfPredecessor } from "./predecessors.ts";
import type { Lookups } from "../references/references.ts";

interface PodSources {
  readonly entry: WorkloadEntry;
  readonly workload: PickedWorkload;
  readonly replicaSets: readonly ObservedReplicaSet[];
  readonly lookups: Lookups;
  readonly container: ObservedContainer | undefined;
}

/** Pods of a template share its containers. Without one to size, any of them may hold the pool. */
const namedIn = oncePer((containers: readonly ObservedContainer[]) =>
  oncePerName((wanted) => containers.filter(({ name }) => name === wanted)),
);

function holdersOf(
  { containers }: ObservedPod,
  { entry, workload, container }: Pick<PodSources, "entry" | "workload" | "container">,
  sizing: Sizing,
): readonly ObservedContainer[] {
  if (workload.kind === podsKind) return holdersIn(containers, entry, sizing);
  return container ? namedIn(containers)(container.name) : containers;
}

/** What the annotation of the pool says; undefined where the pod has none. */
function annotatedSize(
  { poolSizeAnnotation, furtherPoolSizes = {} }: ObservedPod,
  pool: string | undefined,
): string | undefined {
  if (pool === undefined) return poolSizeAnnotation;
  return Object.hasOwn(furtherPoolSizes, pool) ? furtherPoolSizes[pool] : undefined;
}

/** Whether it has the annotation of another pool. */
function sizedBeside(
  { poolSizeAnnotation, furtherPoolSizes = {} }: ObservedPod,
  pool: string | undefined,
): Pick<PodFacts, "sizedBeside"> {
  const isOfMain = pool !== undefined && poolSizeAnnotation !== undefined;
  const isBeside = isOfMain || Object.keys(furtherPoolSizes).some((name) => name !== pool);
  return isBeside ? { sizedBeside: true } : {};
}

/** None of one whose containers have ended. */
export function podFacts(
  pod: ObservedPod,
  { entry, workload, replicaSets, container, lookups }: PodSources,
  sizing: Sizing,
): PodFacts[] {
  if (pod.finished) return [];
  const holders = holdersOf(pod, { entry, workload, container }, sizing);
  const annotation = annotatedSize(pod, furtherPool(entry.pool));
  const resolve = lookups.inPod(workload.namespace, pod);
  const own = largestOwnSize(holders, sizing, { annotation, resolve });
  const isOurs = own.poolSize === poolSizeIn(annotation ?? "");
  const ordinal = ordinalOf(pod, workload);
  return [
    {
      name: pod.key,
      uid: pod.uid,
      addresses: pod.addresses,
      ...(pod.nodeAddresses ? { nodeAddresses: pod.nodeAddresses } : {}),
      ...(pod.hostNetwork ? { isOnHostNetwork: true } : {}),
      // Of pods that are picked by labels none is older than its template: there is none.
      revision: workload.kind === podsKind ? "" : pod.revision,
      createdAtMs: pod.createdAtMs,
      terminating: pod.terminating,
      ...(pod.unready ? { unready: true } : {}),
      ...(ordinal === undefined ? {} : { ordinal }),
      own,
      sized: annotation !== undefined,
      ...sizedBeside(pod, furtherPool(entry.pool)),
      ...(isOurs ? {} : { sizedByOthers: true }),
      ...(isOfPredecessor(pod, workload, replicaSets) ? { isOfPredecessor: true } : {}),
    },
  ];
}
