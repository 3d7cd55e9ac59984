// Which container of a workload holds the pool: the one that the policy names, else the default
// container, else the only one. Anything else is a finding, because a guess would size the wrong
// process.

import type { WorkloadEntry } from "../api/poolpolicy.ts";
import type { Finding } from "../domain/facts.ts";
import type { ObservedContainer, ObservedWorkload } from "../observed.ts";

export type ContainerChoice =
  | { readonly container: ObservedContainer; readonly finding?: undefined }
  | { readonly container?: undefined; readonly finding: Finding };

export function chooseContainer(entry: WorkloadEntry, workload: ObservedWorkload): ContainerChoice {
  const wanted = entry.container ?? workload.defaultContainer;
  const names = workload.containers.map(({ name }) => name).join(", ");
  if (wanted !== undefined) {
    const container = workload.containers.find(({ name }) => name === wanted);
    if (container) return { container };
    const message = `has no container ${wanted} (it has: ${names}): correct spec.workloads[].container`;
    return { finding: { reason: "ContainerNotFound", severity: "blocking", message } };
  }
  const [only, ...others] = workload.containers;
  if (only && others.length === 0) return { container: only };
  const message = `has the containers ${names}: name one in spec.workloads[].container`;
  return { finding: { reason: "ContainerAmbiguous", severity: "blocking", message } };
}
