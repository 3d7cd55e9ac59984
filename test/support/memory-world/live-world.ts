// Live pools in the memory world: pods that may be resized while they run, and a server that shows
// what each of them is told, but for those that a test says more of.

import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import type { ObservedPod } from "../../../src/observed.ts";
import { MemoryWorld } from "./world.ts";

/** Sessions of pods by their keys, where they are not as many as the pods are told. */
export type Held = Readonly<Record<string, number>>;

export class LiveWorld extends MemoryWorld {
  constructor() {
    super();
    this.bounds = { mayResize: true };
    this.restartOperator();
  }

  /** Of a Deployment; those that end are not among them. */
  podsOf(name: string): ObservedPod[] {
    return [...this.stores.pods.values()].filter(
      ({ workload, terminating }) => workload === `shop/Deployment/${name}` && !terminating,
    );
  }

  /** What those that run are told. */
  sizesOf(name: string): number[] {
    return this.podsOf(name).flatMap((pod) => (isRunning(pod) ? toldSize(pod) : []));
  }

  /** What all that run are told, those that end as well. */
  get toldSlots(): number {
    const running = [...this.stores.pods.values()].filter(isRunning);
    return running.reduce((sum, pod) => sum + toldSize(pod), 0);
  }

  /** Time passes, and the server is read every 5 s. `look`: after each of them. */
  async passReading(forMs: number, held: Held = {}, look?: () => void): Promise<void> {
    for (let passed = 0; passed < forMs; passed += 5_000) {
      this.#readHeld(held);
      await this.pass(5_000);
      look?.();
    }
  }

  #readHeld(held: Held): void {
    const running = [...this.stores.pods.values()].filter(isRunning);
    const sessions = running.map((pod): SessionGroup => {
      const [address] = pod.addresses;
      const count = held[pod.key] ?? toldSize(pod);
      return { user: "app", database: "orders", applicationName: "", address, count };
    });
    this.read({ sessions });
  }
}

function isRunning({ gate }: ObservedPod): boolean {
  return gate === undefined;
}

function toldSize({ poolSizeAnnotation }: ObservedPod): number {
  return Number(poolSizeAnnotation ?? 0);
}
