// The part of the admission policy for pools that are resized while their pods run: a file that
// follows the pod's annotation, where the container has nothing else mounted at its path, below it
// or above it: a volume above it may be read-only, and the pod would not start. Such a pod, one
// whose pool is in a sidecar, and further pools get their sizes at their start alone.
// Where the grant says so, such a pod waits behind a scheduling gate until its slots are there.

import {
  liveAnnotation,
  liveFileName,
  liveMountPath,
  liveVolumeName,
  mountInTheWayForm,
  poolSizeFieldPath,
  slotsGate,
} from "../api/group.ts";

/** CEL: the key of the main pool where it is live. `grant` is the CEL of the grant of key k. */
export function livePools(grant: string): string {
  const mounts = `${containerOf(grant)}.volumeMounts`;
  const isTaken = `m.name != '${liveVolumeName}' && m.mountPath.matches('${mountInTheWayForm}')`;
  return (
    `variables.written.filter(k, k == variables.workload && has(${grant}.liveVariable) && ` +
    `${grant}.container in variables.containers && ` +
    `!(has(${mounts}) && ${mounts}.exists(m, ${isTaken})))`
  );
}

function containerOf(grant: string): string {
  return `object.spec.containers[variables.containers.indexOf(${grant}.container)]`;
}

/** The file with the size, where the pool is resized while it runs; the mark that it is there. */
export function livePatches(grant: string): string {
  const index = `string(variables.containers.indexOf(${grant}.container))`;
  const mounts = keptAndOurs(`${containerOf(grant)}.volumeMounts`, "m", {
    ...{ name: liveVolumeName, mountPath: liveMountPath, readOnly: true },
  });
  const volumes = keptAndOurs("object.spec.volumes", "v", {
    name: liveVolumeName,
    downwardAPI: {
      items: [{ path: liveFileName, fieldRef: { apiVersion: "v1", fieldPath: poolSizeFieldPath } }],
    },
  });
  const all = [
    ["'/metadata/annotations/' + jsonpatch.escapeKey('" + liveAnnotation + "')", "'true'"],
    [`'/spec/containers/' + ${index} + '/volumeMounts'`, mounts],
    ["'/spec/volumes'", volumes],
  ];
  const added = all.map(([path = "", value = ""]) => {
    return `variables.live.map(k, JSONPatch{op: "add", path: ${path}, value: ${value}})`;
  });
  return [...added, gatePatches(grant)].join(" + ");
}

/** A pod with a gate that has a node is refused. */
function gatePatches(grant: string): string {
  const isBound = "has(object.spec.nodeName) && object.spec.nodeName != ''";
  const gates = keptAndOurs("object.spec.schedulingGates", "g", { name: slotsGate });
  return (
    `variables.live.filter(k, has(${grant}.gatedFrom) && !(${isBound}))` +
    `.map(k, JSONPatch{op: "add", path: "/spec/schedulingGates", value: ${gates}})`
  );
}

interface PodPart {
  readonly name: string;
  readonly [more: string]: unknown;
}

/** Once more after other mutations it changes nothing. */
function keptAndOurs(list: string, each: string, ours: PodPart): string {
  const kept = `(has(${list}) ? dyn(${list}.filter(${each}, ${each}.name != '${ours.name}')) : dyn([]))`;
  return `${kept} + dyn([${celValue(ours)}])`;
}

/** Of mixed types: each value is wrapped, or its map does not compile. */
export function celValue(value: unknown): string {
  if (typeof value === "string") return `dyn("${value}")`;
  if (Array.isArray(value)) return `dyn([${value.map(celValue).join(", ")}])`;
  if (typeof value !== "object" || value === null) return `dyn(${String(value)})`;
  const entries = Object.entries(value).map(([name, one]) => `'${name}': ${celValue(one)}`);
  return `dyn({${entries.join(", ")}})`;
}
