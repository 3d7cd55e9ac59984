// An entry without a kind means a Deployment, and its name may be that of a StatefulSet: then the
// way out is to set the kind, not to correct the name.

import { workloadKeyOf } from "../../api/keys.ts";
import { usualKind, type WorkloadKind, workloadKindNames } from "../../api/workload-kinds.ts";
import type { PolicyFacts } from "../../domain/facts/facts.ts";
import { type Caches, workloadNamed } from "../caches.ts";

/** Of the entries of one policy whose workload does not exist. */
export function namesakesOf(
  caches: Caches,
  namespace: string,
  { workloads }: PolicyFacts["spec"],
): Pick<PolicyFacts, "namesakes"> {
  const isThere = (kind: WorkloadKind, name: string): boolean =>
    workloadNamed(caches, workloadKeyOf({ namespace, kind, name })) !== undefined;
  const namesakes = workloads.flatMap(({ name, kind = usualKind }, index) => {
    if (name === undefined || isThere(kind, name)) return [];
    const other = workloadKindNames.find((one) => isThere(one, name));
    return other === undefined ? [] : [{ index, kind: other }];
  });
  return namesakes.length === 0 ? {} : { namesakes };
}
