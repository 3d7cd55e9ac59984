// From what the API server sends to what the caches hold, for every kind that is read. One set of
// projections shares one table of common strings, so make one per process.

import { createHash } from "node:crypto";
import { fieldManager } from "../../api/group.ts";
import { byKind, type WorkloadKind } from "../../api/workload-kinds.ts";
import type {
  ObservedAlertRule,
  ObservedAutoscaler,
  ObservedObject,
  ObservedPod,
  ObservedPolicy,
  ObservedPresence,
  ObservedReplicaSet,
  ObservedWorkload,
} from "../../observed.ts";
import { identify, namespaceAndName } from "./identity.ts";
import { createInterner } from "./intern.ts";
import type { Interner } from "./intern.ts";
import { controllerOf, groupOf } from "./owner.ts";
import { projectPod } from "./project-pod.ts";
import { projectPresence } from "./project-presence.ts";
import { projectWorkload } from "./project-workload.ts";
import { at, count, list, longest, podCount, revisionNumberOf } from "./raw-values.ts";
import { text, textOfAnyLength, timeMs } from "./raw-values.ts";

/** Never throws; undefined for something that cannot be told apart (no name). */
export type Projection<T extends ObservedObject> = (raw: unknown) => T | undefined;

type WorkloadProjections = Readonly<Record<WorkloadKind, Projection<ObservedWorkload>>>;

export interface Projections extends WorkloadProjections {
  readonly pod: Projection<ObservedPod>;
  readonly replicaSet: Projection<ObservedReplicaSet>;
  readonly autoscaler: Projection<ObservedAutoscaler>;
  readonly policy: Projection<ObservedPolicy>;
  readonly presence: Projection<ObservedPresence>;
  readonly alertRule: Projection<ObservedAlertRule>;
}

export function createProjections(intern: Interner = createInterner()): Projections {
  return {
    pod: (raw) => projectPod(raw, intern),
    ...byKind((kind) => (raw: unknown) => projectWorkload(raw, kind, intern)),
    replicaSet: (raw) => projectReplicaSet(raw, intern),
    autoscaler: (raw) => projectAutoscaler(raw, intern),
    policy: (raw) => projectPolicy(raw, intern),
    presence: projectPresence,
    alertRule: projectAlertRule,
  };
}

/** From metadata alone. An owner that cannot be told (owner.ts) is no Deployment. */
function projectReplicaSet(raw: unknown, intern: Interner): ObservedReplicaSet | undefined {
  const identity = identify(raw);
  const metadata = at(raw, "metadata");
  const owner = controllerOf(metadata);
  const deployment = owner?.kind === "Deployment" ? owner : undefined;
  return (
    identity && {
      ...identity,
      workload:
        deployment &&
        intern.text(`${namespaceAndName(raw).namespace}/Deployment/${deployment.name}`),
      ...(deployment && { workloadUid: intern.text(deployment.uid) }),
      revision: text(at(metadata, "labels", "pod-template-hash"), longest.label) ?? "",
      revisionNumber: revisionNumberOf(metadata),
    }
  );
}

/** From metadata alone. */
function projectAlertRule(raw: unknown): ObservedAlertRule | undefined {
  const identity = identify(raw);
  const managed = list(at(raw, "metadata", "managedFields"));
  const own = managed.filter((entry) => at(entry, "manager") === fieldManager);
  const owned = JSON.stringify(own.map((entry) => at(entry, "fieldsV1")));
  const ownFields = createHash("sha256").update(owned).digest("base64");
  return identity && { ...identity, ownFields };
}

/** Of autoscaling/v2. */
function projectAutoscaler(raw: unknown, intern: Interner): ObservedAutoscaler | undefined {
  const identity = identify(raw);
  const spec = at(raw, "spec");
  const target = at(spec, "scaleTargetRef");
  const apiVersion = at(target, "apiVersion");
  return (
    identity && {
      ...identity,
      namespace: intern.text(namespaceAndName(raw).namespace),
      targetKind: intern.text(text(at(target, "kind"), longest.label) ?? ""),
      ...(apiVersion !== undefined && { targetGroup: intern.text(groupOf(apiVersion)) }),
      targetName: text(at(target, "name"), longest.name) ?? "",
      maxReplicas: podCount(at(spec, "maxReplicas"), 0),
    }
  );
}

function projectPolicy(raw: unknown, intern: Interner): ObservedPolicy | undefined {
  const identity = identify(raw);
  const metadata = at(raw, "metadata");
  const { namespace, name } = namespaceAndName(raw);
  return (
    identity && {
      ...identity,
      namespace: intern.text(namespace),
      name,
      generation: count(at(metadata, "generation"), 0),
      createdAtMs: timeMs(at(metadata, "creationTimestamp")),
      spec: at(raw, "spec"),
      status: at(raw, "status"),
      deleting: textOfAnyLength(at(metadata, "deletionTimestamp")) !== undefined,
    }
  );
}
