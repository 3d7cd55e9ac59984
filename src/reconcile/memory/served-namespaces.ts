// When each namespace was last served on a server: a workload of it was to be rolled, or a pod of
// it evicted. That it was not done in the end, because it was dropped or met a change, was a turn
// all the same: else whoever takes his wish away each time, or changes his workloads, would always
// come first. Kept beside the memories of single workloads, which end with the workload: else
// whoever makes a new one each time would always be the one that has waited longest.

import type { ServerKey } from "../../domain/facts/facts.ts";
import type { ServedFacts } from "../../domain/facts/served-facts.ts";
import type { Applied } from "../apply/apply.ts";

type ByNamespace = Readonly<Record<string, ServedFacts>>;

export class ServedNamespaces {
  readonly #served = new Map<ServerKey, ByNamespace>();

  note(
    server: ServerKey,
    { roll, eviction }: Pick<Applied, "roll" | "eviction">,
    nowMs: number,
  ): void {
    if (roll) this.#set(server, roll.position.workload.namespace, { rolledAtMs: nowMs });
    if (!eviction) return;
    const { namespace, key } = eviction.wish.position.workload;
    this.#set(server, namespace, { evictedAtMs: nowMs, evictedOf: key });
  }

  on(server: ServerKey): ByNamespace | undefined {
    return this.#served.get(server);
  }

  forget(server: ServerKey): void {
    this.#served.delete(server);
  }

  #set(server: ServerKey, namespace: string, latest: ServedFacts): void {
    const before = this.#served.get(server) ?? {};
    this.#served.set(server, { ...before, [namespace]: { ...before[namespace], ...latest } });
  }
}
