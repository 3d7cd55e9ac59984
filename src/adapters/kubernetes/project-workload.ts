// A workload of any kind, reduced to what decides how many pods it may have at once, what its
// next pod says, and who else writes its environment.

import {
  fieldManager,
  foundPoolSizeAnnotation,
  furtherPoolsMax,
  poolSizeAnnotation,
  poolSizeAnnotationOf,
  revertsAnnotation,
  rolledAtAnnotation,
} from "../../api/group.ts";
import type { WorkloadKind } from "../../api/workload-kinds.ts";
import type { ObservedWorkload } from "../../observed.ts";
import { identify, namespaceAndName } from "./identity.ts";
import type { Interner } from "./intern.ts";
import { controllerOf } from "./owner.ts";
import { projectContainers } from "./project-containers.ts";
import { isScaledBy, projectEnvManagers, projectTemplateManagers } from "./project-managers.ts";
import {
  annotationsNamed,
  annotationsUnder,
  at,
  count,
  fields,
  labelMap,
  list,
  podCount,
} from "./raw-values.ts";
import { longest, revisionNumberOf, shortened, text, textOfAnyLength } from "./raw-values.ts";

const ourAnnotations = [
  ...[poolSizeAnnotation, rolledAtAnnotation],
  ...[revertsAnnotation, foundPoolSizeAnnotation],
];
/** What a controller says of a rollout is for people to read. */
const messageLimitCharacters = 1_000;
const defaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

/** Of further pools. */
function sizesOfPools(annotations: unknown): Record<string, string> {
  const sizes = annotationsUnder(annotations, poolSizeAnnotationOf(""), furtherPoolsMax);
  const named = Object.entries(sizes).map(([pool, size]) => [poolSizeAnnotationOf(pool), size]);
  return Object.fromEntries(named) as Record<string, string>;
}

type Rollout = Pick<
  ObservedWorkload,
  | "strategy"
  | "maxSurge"
  | "waitsForTermination"
  | "updateRevision"
  | "revisionNumber"
  | "firstOrdinal"
>;

/** How each kind says what a rollout of it does. */
const rolloutOf: Readonly<Record<WorkloadKind, (raw: unknown) => Rollout>> = {
  Deployment: deploymentRollout,
  StatefulSet: statefulSetRollout,
};

/** It has no surge, and the pod of an ordinal is always gone before the next one of it starts. */
function statefulSetRollout(raw: unknown): Rollout {
  const strategy = at(raw, "spec", "updateStrategy", "type");
  const firstOrdinal = count(at(raw, "spec", "ordinals", "start"), 0);
  return {
    ...(firstOrdinal > 0 && { firstOrdinal }),
    strategy: strategy === "OnDelete" ? "OnDelete" : "RollingUpdate",
    maxSurge: 0,
    waitsForTermination: true,
    updateRevision: text(at(raw, "status", "updateRevision"), longest.name),
  };
}

function deploymentRollout(raw: unknown): Rollout {
  const spec = at(raw, "spec");
  const recreates = at(spec, "strategy", "type") === "Recreate";
  return {
    strategy: recreates ? "Recreate" : "RollingUpdate",
    maxSurge: recreates ? 0 : surgeOf(at(spec, "strategy", "rollingUpdate", "maxSurge")),
    waitsForTermination: at(spec, "podReplacementPolicy") === "TerminationComplete",
    updateRevision: undefined,
    revisionNumber: revisionNumberOf(at(raw, "metadata")),
  };
}

/** Of the pods that are wanted; the API server takes any number of digits. */
function surgeOf(value: unknown): number | string {
  if (typeof value !== "string") return count(value, -1) < 0 ? surgeDefault : podCount(value, 0);
  const short = text(value, surgeLimitCharacters);
  if (short === undefined) return surgeMost;
  if (!/^[0-9]+%$/.test(short)) return surgeDefault;
  const percent = Number.parseInt(short, 10);
  return percent <= Number.parseInt(surgeMost, 10) ? `${percent}%` : surgeMost;
}

const surgeDefault = "25%";
/** All pods at once, as from 100% on. */
const surgeMost = "1000%";
const surgeLimitCharacters = 20;

/** Undefined for something without a name. */
export function projectWorkload(
  raw: unknown,
  kind: WorkloadKind,
  intern: Interner,
): ObservedWorkload | undefined {
  const identity = identify(raw);
  if (identity === undefined) return undefined;
  const [metadata, spec, status] = [at(raw, "metadata"), at(raw, "spec"), at(raw, "status")];
  const managedFields = at(metadata, "managedFields");
  const template = projectTemplate(at(spec, "template"), { managedFields, intern });
  const { namespace, name } = namespaceAndName(raw);
  return {
    ...identity,
    kind,
    namespace: intern.text(namespace),
    name,
    generation: count(at(metadata, "generation"), 0),
    observedGeneration: count(at(status, "observedGeneration"), 0),
    labels: intern.value(labelMap(at(metadata, "labels"))),
    annotations: annotationsNamed(at(metadata, "annotations"), ourAnnotations),
    replicas: podCount(at(spec, "replicas"), 1),
    updatedReplicas: podCount(at(status, "updatedReplicas"), 0),
    statusReplicas: podCount(at(status, "replicas"), 0),
    readyReplicas: podCount(at(status, "readyReplicas"), 0),
    ...rolloutOf[kind](raw),
    paused: at(spec, "paused") === true,
    stuck: stuckMessage(list(at(status, "conditions"))),
    envManagers: projectEnvManagers(managedFields, template.containers),
    ...writers(managedFields, intern),
    ...ownerOf(metadata, intern),
    ...ownership(list(managedFields)),
    ...(kind === "Deployment" && count(at(spec, "replicas"), 1) === 0 && atZero(raw, intern)),
    ...template,
  };
}

function writers(
  managedFields: unknown,
  intern: Interner,
): Pick<ObservedWorkload, "templateManagers"> {
  const managers = projectTemplateManagers(managedFields);
  return managers.length === 0 ? {} : { templateManagers: intern.value(managers) };
}

function ownerOf(metadata: unknown, intern: Interner): Pick<ObservedWorkload, "owner"> {
  const owner = controllerOf(metadata);
  if (owner === undefined) return {};
  const { group, kind, name } = owner;
  return { owner: { group: intern.text(group), kind: intern.text(kind), name } };
}

function ownership(managedFields: readonly unknown[]): Pick<ObservedWorkload, "ownedByUs"> {
  return managedFields.some((entry) => at(entry, "manager") === fieldManager)
    ? { ownedByUs: true }
    : {};
}

/** Another owner may run its pods: an Argo Rollout by workloadRef. */
function atZero(
  raw: unknown,
  intern: Interner,
): Pick<ObservedWorkload, "podLabels" | "isScaledByRollouts"> {
  const labels = at(raw, "spec", "template", "metadata", "labels");
  return {
    podLabels: intern.value(labelMap(labels)),
    ...(isScaledBy(at(raw, "metadata", "managedFields"), argoRollouts) && {
      isScaledByRollouts: true,
    }),
  };
}

/** As its program is called, under which name it writes. */
const argoRollouts = "rollouts-controller";

function projectTemplate(
  template: unknown,
  { managedFields, intern }: { readonly managedFields: unknown; readonly intern: Interner },
): Pick<ObservedWorkload, "containers" | "defaultContainer" | "templateAnnotations"> {
  const annotations = at(template, "metadata", "annotations");
  const chosen = textOfAnyLength(at(annotations, defaultContainerAnnotation));
  return {
    containers: intern.value(projectContainers(at(template, "spec"), managedFields)),
    defaultContainer: chosen && shortened(chosen, longest.label),
    templateAnnotations: {
      ...annotationsNamed(annotations, ourAnnotations),
      ...sizesOfPools(annotations),
    },
  };
}

function stuckMessage(conditions: readonly unknown[]): string | undefined {
  const stuck = conditions.map(fields).find(isStuck);
  const [message, reason] = [at(stuck, "message"), at(stuck, "reason")].map(textOfAnyLength);
  return stuck && shortened(message ?? reason ?? "", messageLimitCharacters);
}

function isStuck(condition: Readonly<Record<string, unknown>>): boolean {
  const [type, status] = [at(condition, "type"), at(condition, "status")];
  return (
    (type === "Progressing" && status === "False") ||
    (type === "ReplicaFailure" && status === "True")
  );
}
