// What we wrote and the caches have not shown yet. Planning on a cache that lags behind our own
// writes would do things twice, so a written object counts as its new self until the watch has
// shown that resourceVersion or a newer one.

import type { ObservedObject } from "../../observed.ts";
import { isOlder } from "../../runtime/resource-versions.ts";

export class Expectations<T> {
  readonly #written = new Map<string, { readonly resourceVersion: string; readonly value: T }>();

  /** Remembers what a write has made of the object. */
  expect(key: string, resourceVersion: string, value: T): void {
    this.#written.set(key, { resourceVersion, value });
  }

  /** What we wrote, while the cached object is older than that; undefined once it has been seen. */
  pending(key: string, cached: ObservedObject | undefined): T | undefined {
    const written = this.#written.get(key);
    if (!written) return undefined;
    if (cached && isOlder(cached.resourceVersion, written.resourceVersion)) return written.value;
    this.#written.delete(key);
    return undefined;
  }

  keys(): readonly string[] {
    return [...this.#written.keys()];
  }

  forget(key: string): void {
    this.#written.delete(key);
  }
}
