// What this process knows of live pods beyond their annotations. Of a resize that it has sent and
// that the watch has not shown yet, answered or not: the pod counts with the larger of both sizes,
// and is given no other one. Of the time of a resize: when it was first seen, by a clock that never
// jumps, because the pod's own word was written by somebody's wall clock. An old one is believed,
// so that a new leader need not wait once more. And what readings have proven of each pod.

import type {
  LivePodFacts,
  PodFacts,
  PoolFacts,
  ServerKey,
  Snapshot,
} from "../../domain/facts/facts.ts";
import type { LiveClock } from "../../domain/supply/live-sizes.ts";
import type { Now } from "./fleet-addresses.ts";
import { RefusedResizes } from "./refused-resizes.ts";

/** Where nothing grows on older caches, the watch has shown by then what became of a request. */
const doubtMs = 200_000;
/** No clock of a cluster is as wrong: what is older by its own word is old. */
const doubtfulForMs = 60_000;

interface Sent {
  readonly poolSize: number;
  /** As the pod's annotation says it. */
  readonly resizedAtMs: number;
  readonly touches: number;
  readonly sentAtMs: number;
}

/** Of a pod of one size. */
interface Sight {
  /** As the pod's annotation says it; undefined: it was never resized. */
  readonly resizedAtMs: number | undefined;
  /** By the monotonic clock. */
  readonly sinceMs: number;
  /** When the round was asked for that proved that it has left its earlier sizes. */
  readonly provenAtMs?: number;
}

interface ServerSight {
  readonly pods: ReadonlyMap<string, Sight>;
  readonly startedAt: number | undefined;
  /** By the monotonic clock; undefined: it has been the same since it was seen first. */
  readonly restartSeenAtMs: number | undefined;
}

export class LiveMemory {
  readonly refused = new RefusedResizes();
  readonly #sent = new Map<string, Sent>();
  readonly #sights = new Map<ServerKey, ServerSight>();

  /** `uid`: of the pod. */
  noteSent(uid: string, sent: Sent): void {
    this.#sent.set(uid, sent);
  }

  /** The answer said that nothing was done. */
  forgetSent(uid: string): void {
    this.#sent.delete(uid);
  }

  /** Pools with what was written to their pods: what is not seen yet, and what was refused. */
  withWritten(pools: readonly PoolFacts[], now: Now): readonly PoolFacts[] {
    return this.#withSent(this.refused.within(pools, now), now);
  }

  #withSent(pools: readonly PoolFacts[], { monotonicMs }: Now): readonly PoolFacts[] {
    if (this.#sent.size === 0) return pools;
    for (const [uid, { sentAtMs }] of this.#sent) {
      if (monotonicMs >= sentAtMs + doubtMs) this.#sent.delete(uid);
    }
    return pools.map((pool) => {
      if (!pool.pods.some(({ uid }) => this.#sent.has(uid))) return pool;
      return { ...pool, pods: pool.pods.map((pod) => this.#asSent(pod)) };
    });
  }

  /** Of one server and its pods: those of before that are gone are forgotten. */
  clockFor({ server, workloads, database }: Snapshot, now: Now): LiveClock {
    const before = this.#sights.get(server);
    const pods = new Map<string, Sight>();
    for (const { uid, live } of workloads.flatMap((pool) => pool.pods)) {
      if (live) pods.set(uid, sightOf(live.resizedAtMs, before?.pods.get(uid), now));
    }
    const start = startOf(database.reading?.startedAtMicroseconds, before, now);
    if (pods.size > 0) this.#sights.set(server, { pods, ...start });
    else this.#sights.delete(server);
    return {
      ...now,
      restartSeenAtMs: start.restartSeenAtMs,
      resizedAtMs: ({ uid }) => pods.get(uid)?.sinceMs ?? now.monotonicMs,
      provenAtMs: ({ uid }) => pods.get(uid)?.provenAtMs,
    };
  }

  /** `proofs`: by pod, its uid, what its clock tells from now on. */
  noteProofs(server: ServerKey, proofs: ReadonlyMap<string, number>): void {
    const sight = this.#sights.get(server);
    if (!sight || proofs.size === 0) return;
    const pods = new Map(sight.pods);
    for (const [uid, provenAtMs] of proofs) {
      const pod = pods.get(uid);
      if (pod) pods.set(uid, { ...pod, provenAtMs });
    }
    this.#sights.set(server, { ...sight, pods });
  }

  #asSent(pod: PodFacts): PodFacts {
    const sent = this.#sent.get(pod.uid);
    if (!sent || !pod.live) return pod;
    if (isSeen(pod.live, sent)) {
      this.#sent.delete(pod.uid);
      return pod;
    }
    const poolSize = Math.max(pod.own.poolSize, sent.poolSize);
    const size = Math.max(pod.live.size, sent.poolSize);
    return { ...pod, own: { ...pod.own, poolSize }, live: { ...pod.live, size, isPending: true } };
  }
}

/** The watch has shown it, or what came after it. */
function isSeen({ resizedAtMs = 0, touches }: LivePodFacts, sent: Sent): boolean {
  if (resizedAtMs !== sent.resizedAtMs) return resizedAtMs > sent.resizedAtMs;
  return touches >= sent.touches;
}

function sightOf(
  resizedAtMs: number | undefined,
  before: Sight | undefined,
  { nowMs, monotonicMs }: Now,
): Sight {
  if (before && before.resizedAtMs === resizedAtMs) return before;
  const ageMs = nowMs - (resizedAtMs ?? nowMs);
  const isOld = ageMs >= doubtfulForMs && before === undefined;
  return { resizedAtMs, sinceMs: isOld ? monotonicMs - ageMs : monotonicMs };
}

function startOf(
  said: number | undefined,
  before: ServerSight | undefined,
  { monotonicMs }: Now,
): Omit<ServerSight, "pods"> {
  const startedAt = said ?? before?.startedAt;
  const isSame = before?.startedAt === undefined || startedAt === before.startedAt;
  return { startedAt, restartSeenAtMs: isSame ? before?.restartSeenAtMs : monotonicMs };
}
