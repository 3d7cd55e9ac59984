// Which workload it is, at which version, and who else writes it.

import { kindAndName, workloadKeyOf } from "../../api/keys.ts";
import type { WorkloadFacts } from "../../domain/facts/facts.ts";
import type { PickedWorkload } from "../../observed.ts";

type Identity = Pick<
  WorkloadFacts,
  | "key"
  | "kind"
  | "namespace"
  | "name"
  | "uid"
  | "resourceVersion"
  | "generation"
  | "templateManagers"
  | "owner"
>;

export function identityOf(workload: PickedWorkload): Identity {
  const { kind, namespace, name, uid, resourceVersion, generation } = workload;
  const { templateManagers, owner } = workload;
  return {
    ...{ key: workloadKeyOf(workload), kind, namespace, name, uid, resourceVersion, generation },
    ...(templateManagers && { templateManagers }),
    ...(owner && { owner: kindAndName(owner) }),
  };
}
