// Pools whose new pods wait behind a scheduling gate until their slots are there. Nothing is kept
// free for pods that may come, nor for a rollout: what comes holds nothing before it is released.
// So such a pool counts with what its pods hold, those that end included, and nothing beside. That
// is so only once every API server adds the gate; until then what may come counts as in any other
// pool. Pods that wait are released all the same.

import type { PodFacts, PolicyFacts, PoolFacts } from "../facts/facts.ts";

/** A pod that waits for so long is worth a finding. */
export const longWaitMs = 60_000;

/** What tells whether the gate of a pool is in force. */
type Gating = Pick<
  PoolFacts,
  "start" | "live" | "grant" | "otherGrantPoolSize" | "exists" | "isReleased" | "pods"
>;

/** Its entry asks for the gate, and its pods can be resized while they run. */
export function wantsGate({ start, live, exists, isReleased }: Gating): boolean {
  return start === "WhenSlotsAreFree" && live === true && exists && isReleased !== true;
}

/** Every API server holds its new pods. */
export function isGateInForce(
  pool: Gating,
  { admissionReadyAtMs = 0 }: Pick<PolicyFacts, "admissionReadyAtMs">,
  nowMs: number,
): boolean {
  const { gatedFromMs = Infinity, isInherited } = pool.grant ?? {};
  const isOwn = isInherited !== true && pool.otherGrantPoolSize === undefined;
  const isDue = nowMs >= Math.max(gatedFromMs, admissionReadyAtMs);
  return wantsGate(pool) && isOwn && isDue && !isPassedBy(pool);
}

/** The clocks of API servers may be ahead of ours. */
const clockSkewMaxMs = 60_000;

/**
 * The admission policy has sized a pod, and it came without the gate: its pool is in a sidecar,
 * something is mounted where the file would be, it had a node at once, the policy is of a former
 * release, or somebody takes the gate away. The same may happen to others. That counts as long as
 * the pod is there: what it is told later says nothing of how it came.
 */
function isPassedBy({ pods, grant }: Pick<PoolFacts, "pods" | "grant">): boolean {
  const { gatedFromMs = Infinity, markedFromMs = Infinity } = grant ?? {};
  return pods.some((pod) => {
    const isLate = isLaterThan(gatedFromMs, pod);
    const wasReleased =
      pod.cameThroughGate === true || (!isLaterThan(markedFromMs, pod) && isResizedOnce(pod));
    return isLate && pod.own.source === "annotation" && !wasReleased;
  });
}

function isLaterThan(timeMs: number, { createdAtMs }: PodFacts): boolean {
  return createdAtMs > timeMs + clockSkewMaxMs;
}

/** Who released it may have been of a former release, which wrote this and no mark. */
function isResizedOnce({ live }: PodFacts): boolean {
  return live?.resizedAtMs !== undefined;
}

/** From when on it is in force, where it is published; 0: it is, or is not wanted. */
export function gateSettlesAtMs(pool: Gating): number {
  const { gatedFromMs = 0 } = pool.grant ?? {};
  return wantsGate(pool) && Number.isFinite(gatedFromMs) ? gatedFromMs : 0;
}

/** Those behind the gate, the oldest first. */
export function waitingPodsOf({ waitingPods = [] }: Pick<PoolFacts, "waitingPods">): PodFacts[] {
  return waitingPods.toSorted(
    (a, b) => a.createdAtMs - b.createdAtMs || (a.name < b.name ? -1 : 1),
  );
}

/**
 * Of those: how many are missing of what is asked for. The others are the new pods of a rollout,
 * which are there in place of old ones soon.
 */
export function missingPodsOf({
  waitingPods = [],
  pods,
  replicas,
}: Pick<PoolFacts, "waitingPods" | "pods" | "replicas">): number {
  const running = pods.filter(({ terminating }) => !terminating).length;
  return Math.min(waitingPods.length, Math.max(0, replicas - running));
}
