// A pod, reduced to whom it belongs to, what it may hold, and whether it still holds it.

import { poolSizeAnnotation } from "../../api/group.ts";
import type { ObservedPod } from "../../observed.ts";
import { identify } from "./identity.ts";
import type { Interner } from "./intern.ts";
import { projectContainers } from "./project-containers.ts";
import { at, list, text, timeMs } from "./raw-values.ts";

const deploymentHash = "pod-template-hash";
const argoHash = "rollouts-pod-template-hash";
const revisionLabels = [deploymentHash, "controller-revision-hash", argoHash];

/** Undefined for something without a name. */
export function projectPod(raw: unknown, intern: Interner): ObservedPod | undefined {
  const identity = identify(raw);
  if (identity === undefined) return undefined;
  const metadata = at(raw, "metadata");
  const owner = list(at(metadata, "ownerReferences")).find((o) => at(o, "controller") === true);
  const workload = workloadOf(metadata, owner);
  const ownerUid = text(at(owner, "uid"));
  const size = text(at(metadata, "annotations", poolSizeAnnotation));
  return {
    ...identity,
    workload: workload === undefined ? undefined : intern.text(workload),
    ...(ownerUid === undefined ? {} : { ownerUid: intern.text(ownerUid) }),
    addresses: addressesOf(at(raw, "status")),
    ...(at(raw, "spec", "hostNetwork") === true ? { hostNetwork: true as const } : {}),
    revision: intern.text(revisionOf(at(metadata, "labels"))),
    createdAtMs: timeMs(at(metadata, "creationTimestamp")),
    terminating: text(at(metadata, "deletionTimestamp")) !== undefined,
    ...(isReady(at(raw, "status")) ? {} : { unready: true as const }),
    finished: ["Succeeded", "Failed"].includes(text(at(raw, "status", "phase")) ?? ""),
    containers: intern.value(projectContainers(at(raw, "spec"))),
    poolSizeAnnotation: size === undefined ? undefined : intern.text(shortOf(size)),
  };
}

/** Nothing longer is a number; an annotation may hold a quarter of a mebibyte. */
function shortOf(size: string): string {
  return size.length > 20 ? "" : size;
}

function isReady(status: unknown): boolean {
  const ready = list(at(status, "conditions")).find((one) => at(one, "type") === "Ready");
  return at(ready, "status") === "True";
}

const noAddress: readonly string[] = Object.freeze([]);

/** podIPs holds podIP as well, except where an old kubelet knows only that. */
function addressesOf(status: unknown): readonly string[] {
  const found = list(at(status, "podIPs")).flatMap((one) => text(at(one, "ip")) || []);
  if (found.length > 0) return found;
  const only = text(at(status, "podIP"));
  return only ? [only] : noAddress;
}

function revisionOf(labels: unknown): string {
  for (const label of revisionLabels) {
    const value = text(at(labels, label));
    if (value !== undefined) return value;
  }
  return "";
}

/**
 * `namespace/Kind/name` of what replaces the pod when it is gone. The API server names the
 * ReplicaSet as a pod's controller; what made that one is told by its name, which ends in the hash
 * of the template.
 */
function workloadOf(metadata: unknown, owner: unknown): string | undefined {
  const kind = text(at(owner, "kind"));
  const name = text(at(owner, "name"));
  if (kind === undefined || name === undefined) return undefined;
  const namespace = text(at(metadata, "namespace")) ?? "";
  const group = groupOf(at(owner, "apiVersion"));
  if (kind === "ReplicaSet" && group === "apps") {
    return `${namespace}/${behindReplicaSet(name, at(metadata, "labels"))}`;
  }
  return `${namespace}/${qualifiedKind(kind, group)}/${name}`;
}

function behindReplicaSet(name: string, labels: unknown): string {
  for (const [label, kind] of [
    [deploymentHash, "Deployment"],
    [argoHash, "Rollout"],
  ] as const) {
    const suffix = `-${text(at(labels, label)) ?? ""}`;
    const base = name.slice(0, -suffix.length);
    if (suffix !== "-" && name.endsWith(suffix) && base !== "") return `${kind}/${base}`;
  }
  return `ReplicaSet/${name}`;
}

// Other groups have a StatefulSet too (OpenKruise): it must not be taken for the one of apps.
function qualifiedKind(kind: string, group: string): string {
  const isForeign = ["Deployment", "StatefulSet", "ReplicaSet"].includes(kind) && group !== "apps";
  return isForeign ? `${kind}.${group}` : kind;
}

function groupOf(apiVersion: unknown): string {
  const [group, version] = (text(apiVersion) ?? "").split("/");
  return version === undefined ? "" : (group ?? "");
}
