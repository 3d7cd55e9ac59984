// The name of this process in the Lease, and what an earlier process of the same pod was called.
//
// A container that is started anew keeps its pod, and the kubelet starts it only when the one
// before has ended, so its name in the Lease is that of a dead process. This rests on the pod's
// uid, because a StatefulSet, or a pod made anew, has the name of another pod that may still run on
// a node that is cut off; and on this process being the first one of its container, because
// `kubectl exec` starts others beside it, with the same environment. Who is neither waits.

export interface ProcessInPod {
  /** Name of the pod, or of the machine. */
  readonly instance: string;
  /** Undefined outside of a pod, and where the manifest does not pass it. */
  readonly podUid: string | undefined;
  readonly processId: number;
  /** Of this process alone. */
  readonly term: string;
}

export interface Holder {
  readonly identity: string;
  readonly ownPod: string | undefined;
}

/** Process id of what a container runs; everything else in it dies with it. */
const firstProcessId = 1;

export function holderOf({ instance, podUid, processId, term }: ProcessInPod): Holder {
  if (podUid === undefined) return { identity: `${instance}_${term}`, ownPod: undefined };
  const ownPod = `${instance}_${podUid}_`;
  return { identity: ownPod + term, ownPod: processId === firstProcessId ? ownPod : undefined };
}
