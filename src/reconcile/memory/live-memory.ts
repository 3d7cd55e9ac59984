// What this process knows of live pods beyond their annotations. Of a resize that it has sent and
// that the watch has not shown yet: the pod counts with the larger of both sizes, and is given no
// other one. Of the time of a resize: when it was first seen, by a clock that never jumps, because
// the pod's own word was written by somebody's wall clock. An old one is believed, so that a new
// leader need not wait once more.

import type { LivePodFacts, PodFacts, PoolFacts, ServerKey } from "../../domain/facts/facts.ts";
import type { LiveClock } from "../../domain/supply/live-sizes.ts";
import type { Now } from "./fleet-addresses.ts";

/** A request that nobody answered has been heard by then, or never will be. */
const doubtMs = 60_000;
/** No clock of a cluster is as wrong: what is older by its own word is old. */
const doubtfulForMs = 60_000;

interface Sent {
  readonly poolSize: number;
  /** As the pod's annotation says it. */
  readonly resizedAtMs: number;
  readonly touches: number;
  readonly sentAtMs: number;
}

interface Sight {
  /** As the pod's annotation says it. */
  readonly resizedAtMs: number;
  /** By the monotonic clock. */
  readonly sinceMs: number;
}

export class LiveMemory {
  readonly #sent = new Map<string, Sent>();
  #sights = new Map<ServerKey, ReadonlyMap<string, Sight>>();

  /** `uid`: of the pod. */
  noteSent(uid: string, sent: Sent): void {
    this.#sent.set(uid, sent);
  }

  /** Pools with what was sent to their pods and is not seen yet; the same where nothing was. */
  withSent(pools: readonly PoolFacts[], { monotonicMs }: Now): readonly PoolFacts[] {
    if (this.#sent.size === 0) return pools;
    for (const [uid, { sentAtMs }] of this.#sent) {
      if (monotonicMs >= sentAtMs + doubtMs) this.#sent.delete(uid);
    }
    return pools.map((pool) => {
      if (!pool.pods.some(({ uid }) => this.#sent.has(uid))) return pool;
      return { ...pool, pods: pool.pods.map((pod) => this.#withSent(pod)) };
    });
  }

  /** Of the pods of one server: those of before that are gone are forgotten. */
  clockFor(server: ServerKey, pools: readonly PoolFacts[], now: Now): LiveClock {
    const before = this.#sights.get(server);
    const sights = new Map<string, Sight>();
    for (const { pods } of pools) {
      for (const { uid, live } of pods) {
        if (live?.resizedAtMs === undefined) continue;
        sights.set(uid, sightOf(live.resizedAtMs, before?.get(uid), now));
      }
    }
    if (sights.size > 0) this.#sights.set(server, sights);
    else this.#sights.delete(server);
    const resizedAtMs = ({ uid }: PodFacts): number => sights.get(uid)?.sinceMs ?? now.monotonicMs;
    return { ...now, resizedAtMs };
  }

  #withSent(pod: PodFacts): PodFacts {
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
  resizedAtMs: number,
  before: Sight | undefined,
  { nowMs, monotonicMs }: Now,
): Sight {
  if (before?.resizedAtMs === resizedAtMs) return before;
  const ageMs = nowMs - resizedAtMs;
  const isOld = ageMs >= doubtfulForMs && before === undefined;
  return { resizedAtMs, sinceMs: isOld ? monotonicMs - ageMs : monotonicMs };
}
