// Gates that another admission takes away again: for a while, pods of a workload come without the
// gate that their grant asks for. Nobody can know of it before the first such pod. From then on, as
// long as one of them is there, more of them may come.

import type { Pod } from "./pod.ts";

/** Pods that came sooner after their gate was published are no sign: clocks differ. */
const surelyLateMs = 80_000;

export class TakenGates {
  readonly #taken = new Set<string>();
  readonly #passedBy = new Set<Pod>();

  /** From pods of this workload, until it is given back. */
  take(workload: string): void {
    this.#taken.add(workload);
  }

  giveBack(workload: string): void {
    this.#taken.delete(workload);
  }

  isTaken(workload: string): boolean {
    return this.#taken.has(workload);
  }

  note(pod: Pod): void {
    this.#passedBy.add(pod);
  }

  /** Pods of it are there that came so. */
  hasPassedBy(workload: string): boolean {
    return this.#podsOf(workload).length > 0;
  }

  /** And surely later than their gate, which was published for then. */
  isKnowable(workload: string, gatedFromMs: number): boolean {
    return this.#podsOf(workload).some(({ createdAtMs }) => {
      return createdAtMs > gatedFromMs + surelyLateMs;
    });
  }

  #podsOf(workload: string): readonly Pod[] {
    for (const pod of this.#passedBy) if (pod.isGone) this.#passedBy.delete(pod);
    return [...this.#passedBy].filter((pod) => pod.workload === workload);
  }
}
