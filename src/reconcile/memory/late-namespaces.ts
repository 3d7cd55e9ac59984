// Namespaces of which a large object is still to be read 5 s after it has changed. Others wait for
// one of them for a bounded time (bounded-holds.ts); after that only the namespace itself waits.

import type { LateNamespace } from "../../domain/facts/facts.ts";
import { BoundedHolds, type HoldScene } from "./bounded-holds.ts";

/** By namespace: since when one has an object that is to be read, by the monotonic clock. */
export type UnreadSince = () => ReadonlyMap<string, number>;

/** An object is read within a second where nothing stands in the way. */
const lateMs = 5_000;

export class LateNamespaces {
  readonly #unreadSince: UnreadSince;
  readonly #holds = new BoundedHolds();

  constructor(unreadSince: UnreadSince) {
    this.#unreadSince = unreadSince;
  }

  /** By name; only those asked for, which are those of one server. */
  among(namespaces: ReadonlySet<string>, scene: HoldScene): readonly LateNamespace[] {
    const { monotonicMs } = scene;
    return [...this.#unreadSince()]
      .filter(([name, sinceMs]) => namespaces.has(name) && monotonicMs - sinceMs > lateMs)
      .map(([namespace]) => ({ namespace, isHold: this.#holds.isHold(namespace, scene) }))
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }
}
