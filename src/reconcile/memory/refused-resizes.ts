// Resizes that did not go through: a webhook refuses updates of pods, a right is missing, or each
// try finds another pod than was decided on. A decision is told of them, so that nobody waits for
// what does not come: neither rolls, nor others for the slots. Conflicts count as well, because a
// webhook that answers 422 looks like one; an ordinary one is over with the next decision. Each pod
// is tried again ever more rarely, whatever becomes of the others of its pool.

import type { PodFacts, PoolFacts } from "../../domain/facts/facts.ts";
import type { Failure } from "../../ports.ts";
import type { Now } from "./fleet-addresses.ts";
import { Refusals, resizeOf } from "./refusals.ts";

export class RefusedResizes {
  readonly #refusals = new Refusals();

  /** Returns the delay until its next try, in milliseconds. */
  note({ uid, live }: PodFacts, failure: Failure, nowMs: number): number {
    return live ? this.#refusals.note(resizeOf(uid, live), failure, nowMs) : 0;
  }

  /** One of `pods` went through: where it was refused before, the others may as well. */
  forget({ uid, live }: PodFacts, pods: readonly PodFacts[]): void {
    const through = live?.refused ? pods : [{ uid, live }];
    for (const pod of through) {
      if (pod.live) this.#refusals.forget(resizeOf(pod.uid, pod.live));
    }
  }

  /** Pools with what was refused of their pods; the same where nothing was. */
  within(pools: readonly PoolFacts[], { nowMs }: Now): readonly PoolFacts[] {
    this.#refusals.forgetOld(nowMs);
    const uids = new Set(this.#refusals.writes().map(({ key }) => key));
    if (uids.size === 0) return pools;
    return pools.map((pool) => {
      if (!pool.pods.some(({ uid }) => uids.has(uid))) return pool;
      return { ...pool, pods: pool.pods.map((pod) => this.#withRefused(pod, nowMs)) };
    });
  }

  #withRefused(pod: PodFacts, nowMs: number): PodFacts {
    const refused = pod.live && this.#refusals.last(resizeOf(pod.uid, pod.live), nowMs);
    return pod.live && refused ? { ...pod, live: { ...pod.live, refused } } : pod;
  }
}
