// Which pods were replaced because of a way, and which because a user deployed. Every template that
// a workload has had is noted with who wrote it; a pod that ends while a newer template is in force
// was replaced by what came after its own. If a user's deploy is among that, it is the user's.

import type { Scene } from "./scene.ts";
import type { Way } from "./ways.ts";

interface Revision {
  readonly hash: string;
  readonly isOfWay: boolean;
}

export class Restarts {
  readonly #revisions = new Map<string, Revision[]>();
  readonly #scene: Scene;
  #count = 0;
  /** When the way last wrote anything that restarts pods. */
  lastRollMs = -Infinity;

  constructor(scene: Scene, { managers }: Pick<Way, "managers">) {
    this.#scene = scene;
    scene.watchWrites(({ client, manager, verb, kind, key, atMs }) => {
      if (verb === "evict") this.#noteEviction(atMs);
      if (kind !== "Deployment" || !scene.world.workloads.get(key)) return;
      const isOfWay = client !== undefined || managers.includes(manager);
      if (this.#note(key, isOfWay) && isOfWay) this.lastRollMs = atMs;
    });
  }

  /** Pods that rollouts of the way have replaced, and those that it has evicted. */
  get count(): number {
    return this.#count;
  }

  /** A pod was told to end, or is gone without. */
  notePodEnd(workload: string, revision: string): void {
    const revisions = this.#revisions.get(workload) ?? [];
    const own = revisions.findLastIndex(({ hash }) => hash === revision);
    const later = revisions.slice(own + 1);
    if (later.length > 0 && later.every(({ isOfWay }) => isOfWay)) this.#count += 1;
  }

  forget(): void {
    this.#count = 0;
  }

  #noteEviction(atMs: number): void {
    this.#count += 1;
    this.lastRollMs = atMs;
  }

  #note(key: string, isOfWay: boolean): boolean {
    const { hash } = this.#scene.world.workloads.require(key).template;
    const revisions = this.#revisions.get(key) ?? [];
    this.#revisions.set(key, revisions);
    if (revisions.at(-1)?.hash === hash) return false;
    revisions.push({ hash, isOfWay });
    return true;
  }
}
