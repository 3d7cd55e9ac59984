// Namespaces of which a large object is still to be read 5 s after it has changed, and for how long
// others wait for one of them: 30 s at most in any 10 min, whatever its tenant does. After that
// only the namespace itself waits.

import type { LateNamespace } from "../../domain/facts/facts.ts";

/** By namespace: since when one has an object that is to be read, by the monotonic clock. */
export type UnreadSince = () => ReadonlyMap<string, number>;

/** An object is read within a second where nothing stands in the way. */
const lateMs = 5_000;
const holdMs = 30_000;
const holdAgainMs = 10 * 60_000;

export class LateNamespaces {
  readonly #unreadSince: UnreadSince;
  readonly #heldSince = new Map<string, number>();

  constructor(unreadSince: UnreadSince) {
    this.#unreadSince = unreadSince;
  }

  /** By name; only those asked for, which are those of one server. */
  among(namespaces: ReadonlySet<string>, monotonicMs: number): readonly LateNamespace[] {
    this.#forget(monotonicMs);
    return [...this.#unreadSince()]
      .filter(([name, sinceMs]) => namespaces.has(name) && monotonicMs - sinceMs > lateMs)
      .map(([namespace]) => ({ namespace, isHold: this.#isHold(namespace, monotonicMs) }))
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }

  #isHold(namespace: string, monotonicMs: number): boolean {
    const heldSinceMs = this.#heldSince.get(namespace) ?? monotonicMs;
    this.#heldSince.set(namespace, heldSinceMs);
    return monotonicMs - heldSinceMs < holdMs;
  }

  #forget(monotonicMs: number): void {
    for (const [namespace, sinceMs] of this.#heldSince) {
      if (monotonicMs - sinceMs >= holdAgainMs) this.#heldSince.delete(namespace);
    }
  }
}
