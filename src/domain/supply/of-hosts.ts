// A pod on the network of its node has the node's address, at which the server also shows what is
// translated there. What such a pod can hold is its own before anything is matched by login: else
// sessions of its policy would be held against what pods of another policy can hold.

import type { PoolFacts, SessionGroup } from "../facts/facts.ts";
import { slotsPerPod } from "../demand/slots.ts";
import { oncePer } from "../once-per.ts";
import { add } from "./held-by.ts";

interface Parts {
  readonly own: readonly SessionGroup[];
  readonly rest: readonly SessionGroup[];
}

export class OfHosts {
  readonly #left: Map<string, number>;

  constructor(pools: readonly PoolFacts[]) {
    this.#left = new Map(heldOnHosts(pools));
  }

  /** What pods on the network of their node can hold of it, and the rest. */
  divide(group: SessionGroup): Parts {
    const { address = "", count } = group;
    const left = this.#left.get(address) ?? 0;
    const own = Math.min(count, left);
    this.#left.set(address, left - own);
    const some = (part: number): SessionGroup[] => (part > 0 ? [{ ...group, count: part }] : []);
    return { own: some(own), rest: some(count - own) };
  }
}

const heldOnHosts = oncePer((pools: readonly PoolFacts[]): ReadonlyMap<string, number> => {
  const held = new Map<string, number>();
  for (const { pods, sizing } of pools) {
    for (const { addresses, own, isOnHostNetwork } of pods) {
      if (isOnHostNetwork !== true) continue;
      for (const address of addresses) add(held, address, slotsPerPod(sizing, own.poolSize));
    }
  }
  return held;
});
