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
  return wantsGate(pool) && isOwn && isDue && !isBypassed(pool, gatedFromMs);
}

/** The clocks of API servers may be ahead of ours. */
const clockSkewMaxMs = 60_000;

/**
 * The admission policy has sized a pod and given it no gate: its pool is in a sidecar, something is
 * mounted where the file would be, it had a node at once, or the policy is of a former release. It
 * may do the same with others. Whoever releases a pod writes when its size was given, which is seen
 * a moment later.
 */
function isBypassed({ pods }: Pick<PoolFacts, "pods">, gatedFromMs: number): boolean {
  return pods.some(({ createdAtMs, own, live }) => {
    const isLate = createdAtMs > gatedFromMs + clockSkewMaxMs;
    const isReleased = live?.resizedAtMs !== undefined || live?.isPending === true;
    return isLate && own.source === "annotation" && !isReleased;
  });
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
