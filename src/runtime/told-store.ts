// The objects of one informer: what a list or a watch says of each is kept, within a budget, and
// each change is told once.

import type { ObservedObject } from "../observed.ts";
import type { Log } from "../ports.ts";
import { IndexedStore, type IndexKeys } from "./indexed-store.ts";

/** Before and after; one of the two is undefined when the object came or went. */
export type ChangeHandler<T> = (before: T | undefined, after: T | undefined) => void;

export interface Budget<T> {
  /** The object as it is to be kept, until `forget` is told of it. */
  readonly fit: (object: T) => T;
  readonly forget: (kept: T) => void;
}

export interface ToldStoreOptions<T> {
  /** Kind of object, for logs. */
  readonly kind: string;
  readonly log: Log;
  readonly indexes?: Readonly<Record<string, IndexKeys<T>>>;
  /** Bounds what is kept of all objects together. Default: all of each is kept. */
  readonly budget?: Budget<T>;
}

export class ToldStore<T extends ObservedObject> extends IndexedStore<T> {
  readonly #options: ToldStoreOptions<T>;
  readonly #handlers: ChangeHandler<T>[] = [];
  #isSilent = false;

  constructor(options: ToldStoreOptions<T>, isSynced: () => boolean) {
    super(options.indexes ?? {}, isSynced);
    this.#options = options;
  }

  /** Called after the store has changed, in the order of changes. */
  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
  }

  /** From now on nobody is told anything. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  put(object: T): void {
    const before = this.get(object.key);
    if (before === undefined || before.uid === object.uid) {
      if (before?.resourceVersion === object.resourceVersion) return;
      this.#keep(before, object);
      return;
    }
    // Deleted and made anew while nobody looked: two changes, not one.
    this.remove(before);
    this.#keep(undefined, object);
  }

  remove(object: T): void {
    this.delete(object.key);
    this.#options.budget?.forget(object);
    this.#notify(object, undefined);
  }

  #keep(before: T | undefined, object: T): void {
    const { budget } = this.#options;
    if (before) budget?.forget(before);
    const kept = budget?.fit(object) ?? object;
    this.set(kept);
    this.#notify(before, kept);
  }

  #notify(before: T | undefined, after: T | undefined): void {
    if (this.#isSilent) return;
    for (const handler of this.#handlers) {
      try {
        handler(before, after);
      } catch (error) {
        const fields = { kind: this.#options.kind, key: (after ?? before)?.key, error };
        this.#options.log.error(fields, "a change handler failed: a fault of the operator");
      }
    }
  }
}
