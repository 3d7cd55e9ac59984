// What an event is about, as the Events API names it.

import { apiVersion, kind } from "../../api/group.ts";
import { podsKind } from "../../api/keys.ts";
import type { PolicyFacts, WorkloadFacts } from "../../domain/facts/facts.ts";
import type { KubernetesEvent } from "../../ports.ts";

type Regarding = KubernetesEvent["regarding"];

export function policyReference({
  namespace,
  name,
  uid,
}: Pick<PolicyFacts, "namespace" | "name" | "uid">): Regarding {
  return { apiVersion, kind, namespace, name, uid };
}

export function workloadReference(
  workload: Pick<WorkloadFacts, "kind" | "namespace" | "name" | "uid">,
): Regarding {
  const { namespace, name, uid } = workload;
  return { apiVersion: "apps/v1", kind: workload.kind, namespace, name, uid };
}

/** Pods that an entry picks by labels are no object of the API. */
export function isObject({ kind: picked }: Pick<WorkloadFacts, "kind">): boolean {
  return picked !== podsKind;
}
