// A pod, reduced to whom it belongs to, what it may hold, and whether it still holds it.

import { workloadKindNames } from "../../api/workload-kinds.ts";
import {
  furtherPoolsMax,
  liveAnnotation,
  poolSizeAnnotation,
  poolSizeAnnotationOf,
  releasedAnnotation,
  resizedAnnotation,
  slotsGate,
} from "../../api/group.ts";
import type { ObservedPod } from "../../observed.ts";
import { identify, namespaceAndName } from "./identity.ts";
import type { Interner } from "./intern.ts";
import { controllerOf, type Owner } from "./owner.ts";
import { projectContainers } from "./project-containers.ts";
import {
  annotationsUnder,
  at,
  labelMap,
  list,
  longest,
  text,
  textOfAnyLength,
  timeMs,
} from "./raw-values.ts";

const deploymentHash = "pod-template-hash";
const argoHash = "rollouts-pod-template-hash";
const revisionLabels = [deploymentHash, "controller-revision-hash", argoHash];
/** A pod has one of each family. */
const addressesKept = 10;
/** Nothing longer is a number; an annotation may hold a quarter of a mebibyte. */
const sizeLimitCharacters = 20;
const resizedLimitCharacters = 100;

/** Undefined for something without a name. */
export function projectPod(raw: unknown, intern: Interner): ObservedPod | undefined {
  const identity = identify(raw);
  if (identity === undefined) return undefined;
  const metadata = at(raw, "metadata");
  const size = textOfAnyLength(at(metadata, "annotations", poolSizeAnnotation));
  return {
    ...identity,
    ...ownership(raw, intern),
    addresses: addressesOf(at(raw, "status")),
    ...nodeAddressesOf(at(raw, "status"), intern),
    ...(at(raw, "spec", "hostNetwork") === true ? { hostNetwork: true as const } : {}),
    revision: intern.text(revisionOf(at(metadata, "labels"))),
    ...labelsOf(at(metadata, "labels"), intern),
    createdAtMs: timeMs(at(metadata, "creationTimestamp")),
    terminating: textOfAnyLength(at(metadata, "deletionTimestamp")) !== undefined,
    ...(isReady(at(raw, "status")) ? {} : { unready: true as const }),
    finished: ["Succeeded", "Failed"].includes(textOfAnyLength(at(raw, "status", "phase")) ?? ""),
    containers: intern.value(projectContainers(at(raw, "spec"))),
    poolSizeAnnotation: size === undefined ? undefined : (text(size, sizeLimitCharacters) ?? ""),
    ...furtherPoolSizes(at(metadata, "annotations")),
    ...liveOf(at(metadata, "annotations")),
    ...gateOf(raw),
    ...releasedOf(metadata),
  };
}

/** One that is bound runs, whatever gates it may show. */
function gateOf(raw: unknown): Pick<ObservedPod, "gate"> {
  const gates = list(at(raw, "spec", "schedulingGates"));
  const place = gates.findIndex((gate) => at(gate, "name") === slotsGate);
  if (place < 0 || at(raw, "spec", "nodeName")) return {};
  const isBare = at(raw, "metadata", "annotations") === undefined;
  return { gate: { place, ...(isBare && { isBare }) } };
}

/** A template that says so of its pods cannot know their uids. */
function releasedOf(metadata: unknown): Pick<ObservedPod, "released"> {
  const released = text(at(metadata, "annotations", releasedAnnotation), longest.uid);
  return released !== undefined && released === at(metadata, "uid") ? { released: true } : {};
}

function furtherPoolSizes(annotations: unknown): Pick<ObservedPod, "furtherPoolSizes"> {
  const found = annotationsUnder(annotations, poolSizeAnnotationOf(""), furtherPoolsMax);
  return Object.keys(found).length === 0 ? {} : { furtherPoolSizes: found };
}

function labelsOf(labels: unknown, intern: Interner): Pick<ObservedPod, "labels"> {
  const found = labelMap(labels);
  return Object.keys(found).length === 0 ? {} : { labels: intern.value(found) };
}

/** The text of a resize is of ours and short, or nobody's. */
function liveOf(annotations: unknown): Pick<ObservedPod, "live" | "resized"> {
  if (textOfAnyLength(at(annotations, liveAnnotation)) !== "true") return {};
  const resized = text(at(annotations, resizedAnnotation), resizedLimitCharacters);
  return { live: true, ...(resized === undefined ? {} : { resized }) };
}

function ownership(raw: unknown, intern: Interner): Pick<ObservedPod, "workload" | "ownerUid"> {
  const metadata = at(raw, "metadata");
  const owner = controllerOf(metadata);
  if (owner === undefined) return { workload: undefined };
  const { namespace } = namespaceAndName(raw);
  const workload = intern.text(`${namespace}/${replacerOf(metadata, owner)}`);
  return { workload, ...(owner.uid === "" ? {} : { ownerUid: intern.text(owner.uid) }) };
}

function isReady(status: unknown): boolean {
  const ready = list(at(status, "conditions")).find((one) => at(one, "type") === "Ready");
  return at(ready, "status") === "True";
}

const noAddress: readonly string[] = Object.freeze([]);

function addressesOf(status: unknown): readonly string[] {
  return addressesIn(status, "podIP");
}

/** Pods of a node share the list. */
function nodeAddressesOf(status: unknown, intern: Interner): Pick<ObservedPod, "nodeAddresses"> {
  const found = addressesIn(status, "hostIP");
  return found.length > 0 ? { nodeAddresses: intern.value(found) } : {};
}

/** podIPs holds podIP as well, except where an old kubelet knows only that. So does hostIPs. */
function addressesIn(status: unknown, field: "podIP" | "hostIP"): readonly string[] {
  const found = list(at(status, `${field}s`)).flatMap((one) => {
    return text(at(one, "ip"), longest.address) || [];
  });
  if (found.length > 0) return found.slice(0, addressesKept);
  const only = text(at(status, field), longest.address);
  return only ? [only] : noAddress;
}

function revisionOf(labels: unknown): string {
  for (const label of revisionLabels) {
    const value = text(at(labels, label), longest.label);
    if (value !== undefined) return value;
  }
  return "";
}

/**
 * `Kind/name` of what replaces the pod when it is gone. The API server names the ReplicaSet as a
 * pod's controller; what made that one is told by its name, which ends in the hash of the template.
 */
function replacerOf(metadata: unknown, { kind, group, name }: Owner): string {
  if (kind === "ReplicaSet" && group === "apps") {
    return behindReplicaSet(name, at(metadata, "labels"));
  }
  return `${qualifiedKind(kind, group)}/${name}`;
}

function behindReplicaSet(name: string, labels: unknown): string {
  for (const [label, kind] of [
    [deploymentHash, "Deployment"],
    [argoHash, "Rollout"],
  ] as const) {
    const suffix = `-${text(at(labels, label), longest.label) ?? ""}`;
    const base = name.slice(0, -suffix.length);
    if (suffix !== "-" && name.endsWith(suffix) && base !== "") return `${kind}/${base}`;
  }
  return `ReplicaSet/${name}`;
}

// Other groups have a StatefulSet too (OpenKruise): it must not be taken for the one of apps.
function qualifiedKind(kind: string, group: string): string {
  const isForeign = [...workloadKindNames, "ReplicaSet"].includes(kind) && group !== "apps";
  return isForeign ? `${kind}.${group}` : kind;
}
