// Where each kind of object comes from: list and watch on the API server, projected on arrival.

import type { Clock, Random, Sources } from "../../ports.ts";
import type { ObservedObject } from "../../observed.ts";
import { kind as policyKind, ruleLabel } from "../../api/group.ts";
import { byKind } from "../../api/workload-kinds.ts";
import type { Client } from "./client.ts";
import { createListWatch, type ListWatchOptions } from "./list-watch.ts";
import type { Projection, Projections } from "./project.ts";

export interface SourceParts {
  readonly client: Client;
  readonly projections: Projections;
  readonly random: Random;
  readonly clock: Pick<Clock, "monotonicMs">;
}

export function createSources({ projections, ...parts }: SourceParts): Sources {
  const source =
    <T extends ObservedObject>(
      kind: string,
      project: Projection<T>,
      selection: Pick<ListWatchOptions<T>, "metadataOnly" | "label"> = {},
    ) =>
    (namespace: string | undefined) =>
      createListWatch({ ...parts, kind, namespace, project, ...selection });
  return {
    policies: source(policyKind, projections.policy),
    ...byKind((kind) => source(kind, projections[kind])),
    pods: source("Pod", projections.pod),
    replicaSets: source("ReplicaSet", projections.replicaSet, { metadataOnly: true }),
    autoscalers: source("HorizontalPodAutoscaler", projections.autoscaler),
    admissionPolicies: source("MutatingAdmissionPolicy", projections.presence),
    admissionBindings: source("MutatingAdmissionPolicyBinding", projections.presence),
    alertRules: source("PrometheusRule", projections.alertRule, {
      metadataOnly: true,
      label: ruleLabel,
    }),
  };
}
