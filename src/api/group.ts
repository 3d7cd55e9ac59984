// The names under which the cluster knows us. Each is public API: changing one is a migration.

export const group = "poolwarden.dev";
export const version = "v1alpha1";
export const apiVersion = `${group}/${version}`;
export const kind = "PoolPolicy";
export const plural = "poolpolicies";

/**
 * Field manager of every server-side apply of ours, events' reporter, beginning of our database
 * session's application_name.
 */
export const fieldManager = "poolwarden";

/** On a pod: the pool size that it was given. Written at admission, or through the template. */
export const poolSizeAnnotation = `${group}/pool-size`;

/** The same of a further pool: `pool-size.replica`. Undefined: the main one. */
export function poolSizeAnnotationOf(pool: string | undefined): string {
  return pool === undefined ? poolSizeAnnotation : `${poolSizeAnnotation}.${pool}`;
}

/**
 * Pools that a policy may name for a workload beside the main one, and that are read of a pod: more
 * of them count by their variables alone.
 */
export const furtherPoolsMax = 20;

/**
 * On a pod whose pool is resized while it runs: its size stands in a file that follows
 * `pool-size`. Written at admission.
 */
export const liveAnnotation = `${group}/live`;

/** On such a pod: the size that it had before, since when it has its present one. */
export const resizedAnnotation = `${group}/resized`;

/**
 * The scheduling gate of pods that start when their slots are there. Added at admission, removed
 * together with the size.
 */
export const slotsGate = `${group}/slots`;

/**
 * On a pod that was released from that gate: its own uid, which no template can say. Written
 * together with removing the gate, and never again.
 */
export const releasedAnnotation = `${group}/released`;

/** Where such a pod finds its size while it runs: a file of the name `pool-size`. */
export const liveMountPath = "/etc/poolwarden";
/**
 * Paths of mounts that keep ours away: at it or below it, and above it, where the folder for ours
 * could not be made if the volume is read-only. A path need not be in its shortest form.
 */
export const mountInTheWayForm = "^[./]*(etc([./]*|/[./]*poolwarden(/.*)?))?$";
export const liveFileName = "pool-size";
/** A volume of this name in a template would be replaced. */
export const liveVolumeName = "poolwarden-dev-pool-size";

/** How a variable, and the file, are filled from the annotation. */
export const poolSizeFieldPath = `metadata.annotations['${poolSizeAnnotation}']`;

/** On a pod template: when we last rolled the workload (RFC 3339). A new value starts a rollout. */
export const rolledAtAnnotation = `${group}/rolled-at`;
/**
 * On a workload: how often another writer has put our template entries back (template delivery).
 */
export const revertsAnnotation = `${group}/reverts`;
/**
 * On a workload: the pool size that its template had before the template delivery wrote its own,
 * where that is the ceiling; 0 where it is not any more. It outlives the policy, whose status has
 * it too.
 */
export const foundPoolSizeAnnotation = `${group}/found-pool-size`;

/** On a policy's PrometheusRule: the uid of the policy. What is watched is picked by it. */
export const ruleLabel = `${group}/policy`;

/** Name of the MutatingAdmissionPolicy and of its binding. */
export const admissionPolicyName = "poolwarden";
