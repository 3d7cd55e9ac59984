// How long new pods wait at the start gate, from their creation to their release. A pod that was
// deleted while it waited, and one that still waits at the end, have waited until then: whoever
// lets them wait for ever must not look fast.

import type { WorldPod } from "../simulation/world/pod.ts";
import type { Scene } from "./scene.ts";

export class GateWaits {
  readonly #scene: Scene;
  /** By key: when each of those that wait was created. */
  readonly #waiting = new Map<string, number>();
  #ended: number[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
    scene.watchWrites(({ verb, key, atMs }) => {
      if (verb !== "release") return;
      this.#end(scene.world.pod(key)?.createdAtMs ?? atMs, atMs);
      this.#waiting.delete(key);
    });
  }

  /** From here on it counts. */
  begin(): void {
    this.#ended = [];
  }

  /** Of each pod that waited, those that wait now included. */
  get waitsMs(): readonly number[] {
    const nowMs = this.#scene.time.nowMs();
    return [...this.#ended, ...[...this.#waiting.values()].map((sinceMs) => nowMs - sinceMs)];
  }

  /** Now and then: whoever is gone without a release has waited until now. */
  look(pods: Iterable<WorldPod>): void {
    const there = new Map<string, number>();
    for (const { key, isGated, createdAtMs } of pods) if (isGated) there.set(key, createdAtMs);
    for (const [key, sinceMs] of this.#waiting) {
      if (there.has(key)) continue;
      this.#end(sinceMs, this.#scene.time.nowMs());
      this.#waiting.delete(key);
    }
    for (const [key, sinceMs] of there) this.#waiting.set(key, sinceMs);
  }

  #end(sinceMs: number, endedMs: number): void {
    this.#ended.push(endedMs - sinceMs);
  }
}

/** The smallest of them that so much of all is not above; none: no pod waited. */
export function percentileOf(waitsMs: readonly number[], part: number): number | undefined {
  const sorted = waitsMs.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}
