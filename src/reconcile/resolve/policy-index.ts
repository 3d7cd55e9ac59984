// Policies by one of their names: of a server, of a namespace. Somebody may make tens of thousands
// of each, so no question walks through all of them.

import type { PolicyKey } from "../../domain/facts/facts.ts";

export class PolicyIndex {
  readonly #keys = new Map<string, Set<PolicyKey>>();

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  names(): Iterable<string> {
    return this.#keys.keys();
  }

  of(name: string): Iterable<PolicyKey> {
    return this.#keys.get(name) ?? [];
  }

  add(name: string | undefined, key: PolicyKey): void {
    if (name === undefined) return;
    const keys = this.#keys.get(name) ?? new Set();
    this.#keys.set(name, keys.add(key));
  }

  delete(name: string | undefined, key: PolicyKey): void {
    if (name === undefined) return;
    const keys = this.#keys.get(name);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(name);
  }
}
