// One pod of a workload as facts: what it may hold, and who gave it its size.

import { poolSizeIn } from "../sizes/said-size.ts";
import { furtherPool, podsKind } from "../../api/keys.ts";
import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer, oncePerName } from "../../domain/once-per.ts";
import type { OwnSize, PodFacts } from "../../domain/facts/facts.ts";
import type {
  ObservedContainer,
  ObservedPod,
  ObservedReplicaSet,
  PickedWorkload,
} from "../../observed.ts";
import { ordinalOf } from "./ordinals.ts";
import { holdersIn } from "../sizes/picked-container.ts";
import { readResized } from "../../api/resized.ts";
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

function onNode({
  nodeAddresses,
  hostNetwork,
  unready,
}: ObservedPod): Pick<PodFacts, "nodeAddresses" | "isOnHostNetwork" | "unready"> {
  return {
    ...(nodeAddresses ? { nodeAddresses } : {}),
    ...(hostNetwork ? { isOnHostNetwork: true } : {}),
    ...(unready ? { unready: true } : {}),
  };
}

function atGate({ gate, released }: ObservedPod): Pick<PodFacts, "gate" | "cameThroughGate"> {
  return { ...(gate && { gate }), ...(released && { cameThroughGate: true }) };
}

/** What its annotation says of its last resize counts until somebody has shown that it is over. */
function ownAndLive(
  { live, resized }: ObservedPod,
  own: OwnSize,
  isOurs: boolean,
): Pick<PodFacts, "own" | "live"> {
  const isFollower = live === true && isOurs && own.setElsewhere === undefined && !own.unlimited;
  if (!isFollower) return { own };
  const { from = 0, atMs, touches = 0 } = readResized(resized) ?? {};
  const said = { size: own.poolSize, touches, ...(atMs !== undefined && { resizedAtMs: atMs }) };
  if (from <= own.poolSize) return { own, live: said };
  return { own: { ...own, poolSize: from }, live: { ...said, from, earlier: from } };
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
  // A resize asks for the text that is there: one that we do not write would be refused for ever.
  const isToldHere = isOurs && annotation === String(own.poolSize);
  const ordinal = ordinalOf(pod, workload);
  return [
    {
      name: pod.key,
      uid: pod.uid,
      addresses: pod.addresses,
      ...onNode(pod),
      // Of pods that are picked by labels none is older than its template: there is none.
      revision: workload.kind === podsKind ? "" : pod.revision,
      createdAtMs: pod.createdAtMs,
      terminating: pod.terminating,
      ...(ordinal === undefined ? {} : { ordinal }),
      ...atGate(pod),
      ...ownAndLive(pod, own, isToldHere && furtherPool(entry.pool) === undefined),
      sized: annotation !== undefined,
      ...sizedBeside(pod, furtherPool(entry.pool)),
      ...(isOurs ? {} : { sizedByOthers: true }),
      ...(isOfPredecessor(pod, workload, replicaSets) ? { isOfPredecessor: true } : {}),
    },
  ];
}
