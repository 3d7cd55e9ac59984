// The arithmetic of a Deployment's rolling update, as kube-controller-manager does it
// (pkg/controller/deployment, functions of the same purpose): how many pods each ReplicaSet should
// have next. Only pods that do not terminate are counted; that is the rule's weakness, not ours.

/** A Deployment as its controller sees it. */
export interface Sized {
  readonly replicas: number;
  readonly strategy: "RollingUpdate" | "Recreate" | "OnDelete";
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
}

/** A ReplicaSet as the Deployment's controller sees it. */
export interface SetSize {
  /** What it should have. */
  readonly replicas: number;
  /** Pods that are ready and do not terminate. */
  readonly available: number;
  /** replicas + maxSurge of the Deployment when it was last scaled. */
  readonly maxReplicas: number;
}

interface Fenceposts {
  readonly surge: number;
  readonly unavailable: number;
}

/** maxSurge rounds up, maxUnavailable down; where both come to nothing, one may be unavailable. */
export function fenceposts({ replicas, strategy, maxSurge, maxUnavailable }: Sized): Fenceposts {
  if (strategy !== "RollingUpdate" || replicas === 0) return { surge: 0, unavailable: 0 };
  const surge = scaled(maxSurge, replicas, Math.ceil);
  const unavailable = Math.min(scaled(maxUnavailable, replicas, Math.floor), replicas);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

function scaled(value: number | string, of: number, round: (value: number) => number): number {
  if (typeof value === "number") return value;
  return round((Number.parseInt(value, 10) * of) / 100);
}

/** What the newest ReplicaSet should have next. `extra`: terminating pods, where they count. */
export function newSetReplicas(
  deployment: Sized,
  newest: Pick<SetSize, "replicas">,
  { total, extra }: { readonly total: number; readonly extra: number },
): number {
  const { replicas } = deployment;
  if (newest.replicas > replicas) return replicas;
  if (deployment.strategy !== "RollingUpdate") return replicas;
  const room = replicas + fenceposts(deployment).surge - total - extra;
  return newest.replicas + Math.max(0, Math.min(room, replicas - newest.replicas));
}

/**
 * What the older ReplicaSets (oldest first) should have next: first those pods go that are not
 * ready anyway, then as many ready ones as may be missing.
 */
export function oldSetReplicas(
  deployment: Sized,
  old: readonly SetSize[],
  newest: SetSize,
): number[] {
  const sizes = old.map(({ replicas }) => replicas);
  const oldPods = sum(sizes);
  const minAvailable = deployment.replicas - fenceposts(deployment).unavailable;
  const newUnavailable = newest.replicas - newest.available;
  let spare = oldPods + newest.replicas - minAvailable - newUnavailable;
  if (oldPods === 0 || spare <= 0) return sizes;
  old.forEach(({ available }, at) => {
    const size = sizes[at] ?? 0;
    const unhealthy = Math.min(spare, Math.max(0, size - available));
    sizes[at] = size - unhealthy;
    spare -= unhealthy;
  });
  let ready = sum(old.map(({ available }) => available)) + newest.available - minAvailable;
  old.forEach((_, at) => {
    const size = sizes[at] ?? 0;
    const ended = Math.max(0, Math.min(size, ready));
    sizes[at] = size - ended;
    ready -= ended;
  });
  return sizes;
}

/**
 * Scaling in the middle of a rollout: each ReplicaSet (newest first where pods are added, oldest
 * first where they go) gets its part by its size; what rounding leaves goes to the largest.
 */
export function proportionalReplicas(deployment: Sized, sets: readonly SetSize[]): number[] {
  const { replicas } = deployment;
  const allowed = replicas > 0 ? replicas + fenceposts(deployment).surge : 0;
  const toAdd = allowed - sum(sets.map((set) => set.replicas));
  let added = 0;
  const sizes = sets.map((set) => {
    const part = toAdd === added ? 0 : partOf(set, deployment, { toAdd, added, allowed });
    added += part;
    return set.replicas + part;
  });
  const [first] = sizes;
  if (first !== undefined && toAdd !== 0) sizes[0] = Math.max(0, first + toAdd - added);
  return sizes;
}

function partOf(
  set: SetSize,
  deployment: Sized,
  { toAdd, added, allowed }: { toAdd: number; added: number; allowed: number },
): number {
  if (set.replicas === 0 || toAdd === 0) return 0;
  const wanted =
    deployment.replicas === 0
      ? -set.replicas
      : Math.round((set.replicas * allowed) / Math.max(1, set.maxReplicas)) - set.replicas;
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(wanted, left) : Math.max(wanted, left);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
