// Which container holds the pool of what an entry picks. Pods of a template are all alike. Pods
// that are picked by labels may have been made from many templates, or none of them is there yet:
// unless the entry names the container, it is told from each pod by itself, by the API server when
// it sizes the pod and here when its size is read.

import { podsKind } from "../../api/keys.ts";
import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { ObservedContainer, PickedWorkload } from "../../observed.ts";
import { chooseContainer } from "./container.ts";

/** What a grant says where each pod tells it by itself. */
export const ofEachPod = "";

interface PickedContainer {
  /** As the template has it, or the pod that stands for all. */
  readonly container: ObservedContainer | undefined;
  /** As a grant names it; undefined: nobody knows, and `findings` says why. */
  readonly sizedContainer: string | undefined;
  readonly findings: readonly Finding[];
}

export function pickContainer(
  entry: WorkloadEntry,
  workload: PickedWorkload,
  sizing: Sizing,
): PickedContainer {
  const { container, finding } = chooseContainer(entry, workload, sizing);
  const found = finding ? [finding] : [];
  if (workload.kind !== podsKind)
    return { container, sizedContainer: container?.name, findings: found };
  const isAnyThere = workload.containers.length > 0;
  return {
    container,
    sizedContainer: entry.container ?? ofEachPod,
    // Others of these pods may have another shape.
    findings: isAnyThere ? found.map((one) => ({ ...one, severity: "degraded" as const })) : [],
  };
}

type Containers = readonly ObservedContainer[];

/** Those of a pod that hold the pool: one, or all of them where nobody knows which. */
export function holdersIn(
  containers: Containers,
  entry: WorkloadEntry,
  sizing: Sizing,
): Containers {
  return holders(sizing)(entry)(containers);
}

/** Once for all pods that share their containers. */
const holders = oncePer((sizing: Sizing) =>
  oncePer((entry: WorkloadEntry) =>
    oncePer((containers: Containers): Containers => {
      const of = { containers, defaultContainer: undefined };
      const { container } = chooseContainer(entry, of, sizing);
      return container ? [container] : containers;
    }),
  ),
);
