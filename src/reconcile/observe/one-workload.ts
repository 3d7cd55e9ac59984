// Pods that no template of ours to see has made, as if one workload had: what is the same for all
// of them is told from one of the pods. Best from one that nobody has sized, since its variables
// are those of its owner's template; the newest of these, since it is the template of now.

import type { podsKind } from "../../api/keys.ts";
import { poolSizeAnnotationOf } from "../../api/group.ts";
import type { ObservedPod, PickedWorkload } from "../../observed.ts";

interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly kind: typeof podsKind;
}

/** As many are asked for as there are: nobody else says how many there are to be. */
export function asOneWorkload(identity: Identity, pods: readonly ObservedPod[]): PickedWorkload {
  const { namespace, name } = identity;
  const live = pods.filter(({ finished, terminating }) => !finished && !terminating).length;
  const like = exampleOf(pods);
  return {
    ...unsaid,
    ...identity,
    key: `${namespace}/${name}`,
    replicas: live,
    updatedReplicas: live,
    statusReplicas: live,
    containers: like?.containers ?? [],
    templateAnnotations: like ? sizesOf(like) : {},
  };
}

function exampleOf(pods: readonly ObservedPod[]): ObservedPod | undefined {
  const [first, ...others] = pods;
  return first && others.reduce((best, pod) => (isBetter(pod, best) ? pod : best), first);
}

function isBetter(pod: ObservedPod, than: ObservedPod): boolean {
  const [isSized, wasSized] = [pod, than].map((one) => Object.keys(sizesOf(one)).length > 0);
  return isSized === wasSized ? pod.createdAtMs > than.createdAtMs : wasSized === true;
}

/** A size of ours is no size that somebody else has given it. */
function sizesOf({
  poolSizeAnnotation,
  furtherPoolSizes = {},
}: ObservedPod): Record<string, string> {
  const further = Object.entries(furtherPoolSizes).map(([pool, size]) => {
    return [poolSizeAnnotationOf(pool), size];
  });
  const main = poolSizeAnnotation === undefined ? [] : [["", poolSizeAnnotation]];
  const named = main.map(([, size = ""]) => [poolSizeAnnotationOf(undefined), size]);
  return Object.fromEntries([...named, ...further]) as Record<string, string>;
}

const unsaid = {
  uid: "",
  resourceVersion: "",
  generation: 0,
  observedGeneration: 0,
  labels: {},
  updateRevision: undefined,
  // Whatever made them may replace all of them at once.
  strategy: "RollingUpdate",
  maxSurge: "100%",
  waitsForTermination: false,
  paused: false,
  stuck: undefined,
  defaultContainer: undefined,
  annotations: {},
  envManagers: {},
} as const;
