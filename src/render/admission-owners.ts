// The CEL of the admission policy that says which workload a pod is of, by what its owner is
// called: the API server sees nothing but the pod.

/** What a label adds to the names of a workload's ReplicaSets; empty where the pod has none. */
export function hashSuffix(label: string): string {
  const labelled = `has(object.metadata.labels) && '${label}' in object.metadata.labels`;
  return `(${labelled} ? '-' + object.metadata.labels['${label}'] : '')`;
}

/**
 * A pod names its ReplicaSet; what is left of that name without the hash is the Deployment's, or
 * the Argo Rollout's. A kind of the same name from another API group is another workload.
 */
export function workloadOf(owner: string, hash: string, rolloutHash: string): string {
  const appsKinds = "['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']";
  return (
    `${owner}.kind in ${appsKinds} && !${owner}.apiVersion.startsWith('apps/') ? '' : ` +
    `${owner}.kind != 'ReplicaSet' ? ${owner}.kind + '/' + ${owner}.name : ` +
    stemUnder("Rollout", `${owner}.name`, rolloutHash) +
    stemUnder("Deployment", `${owner}.name`, hash) +
    `'ReplicaSet/' + ${owner}.name`
  );
}

function stemUnder(workloadKind: string, name: string, suffix: string): string {
  return (
    `${suffix} != '' && ${name}.endsWith(${suffix}) ? ` +
    `'${workloadKind}/' + ${name}.substring(0, ${name}.size() - ${suffix}.size()) : `
  );
}
