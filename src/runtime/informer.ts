// Keeps a cache of one kind of object equal to the API server's: list, then watch, and again after
// every error there can be. It never gives up, and between tries the cache keeps what it has.
//
// States: unlisted (no position: list first) → watching (position: resume from there) → pausing →
// one of the two. A list is repeated when the server has forgotten the position (410), refuses it,
// or is silent on it, and when no watch holds (freshness.ts); otherwise a lost watch resumes, and
// nothing in between is missed.

import { OperatorError } from "../errors.ts";
import type { ObservedObject } from "../observed.ts";
import type { Clock, ListWatch, Log, Metrics, Random, Store, WatchEvent } from "../ports.ts";
import { Freshness } from "./freshness.ts";
import { IndexedStore } from "./indexed-store.ts";
import type { IndexKeys } from "./indexed-store.ts";
import { pause } from "./pause.ts";
import type { Problem, Problems } from "./problems.ts";
import { ReadRetry } from "./read-retry.ts";

/** Before and after; one of the two is undefined when the object came or went. */
export type ChangeHandler<T> = (before: T | undefined, after: T | undefined) => void;

export interface Budget<T> {
  /** The object as it is to be kept, until `forget` is told of it. */
  readonly fit: (object: T) => T;
  readonly forget: (kept: T) => void;
}

export interface InformerOptions<T extends ObservedObject> {
  /** Kind of object, for logs and metrics. */
  readonly kind: string;
  /** Distinguishes informers of one kind in `problems`. Default: the kind. */
  readonly id?: string;
  readonly source: ListWatch<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "count">;
  readonly problems: Problems;
  readonly indexes?: Readonly<Record<string, IndexKeys<T>>>;
  /** Bounds what is kept of all objects together. Default: all of each is kept. */
  readonly budget?: Budget<T>;
  /** An API that is not served counts as synced and empty; it is asked for again every 30 s. */
  readonly optional?: boolean;
}

export class Informer<T extends ObservedObject> {
  readonly #options: InformerOptions<T>;
  readonly #id: string;
  readonly #store: IndexedStore<T>;
  readonly #retry: ReadRetry;
  readonly #freshness: Freshness;
  readonly #handlers: ChangeHandler<T>[] = [];
  #position: string | undefined;
  #listed = false;
  #watches = 0;
  #isStopped = false;
  #cycle = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#id = options.id ?? options.kind;
    const freshness = new Freshness(options.clock);
    this.#freshness = freshness;
    this.#store = new IndexedStore(options.indexes ?? {}, () => this.#listed && freshness.isFresh);
    this.#retry = new ReadRetry(options.random);
  }

  /** Synced once listed, and while it has caught up with the server within three minutes. */
  get store(): Store<T> {
    return this.#store;
  }

  /** Objects in the cache. */
  get size(): number {
    return this.#store.size;
  }

  /** Called after the cache has changed, in the order of changes. Register before start. */
  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
  }

  /** Begins to read; does nothing if it ever did. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Not synced until all is listed again: what the cache says then was so after this call, not
   * before it.
   */
  relist(): void {
    this.#listed = false;
    this.#position = undefined;
    this.#cycle.abort();
  }

  /** For good. No handler is called after this call, not even before it resolves. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cycle.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#cycle = new AbortController();
      const { signal } = this.#cycle;
      const failure = await this.#listAndWatch(signal);
      if (!signal.aborted) await pause(this.#options.clock, this.#settle(failure), signal);
    }
  }

  /** Resolves when the watch has ended: with nothing, or with why. */
  async #listAndWatch(signal: AbortSignal): Promise<unknown> {
    this.#freshness.noteWatch();
    if (this.#freshness.isListDue) this.#position = undefined;
    try {
      const position = this.#position ?? (await this.#list(signal));
      signal.throwIfAborted();
      this.#position = position;
      await this.#watch(position, signal);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const seen = new Set<string>();
    let position = "";
    for await (const page of this.#options.source.list(signal)) {
      signal.throwIfAborted();
      for (const object of page.objects) {
        seen.add(object.key);
        this.#put(object);
      }
      position = page.resourceVersion;
    }
    signal.throwIfAborted();
    this.#adopt(seen);
    return position;
  }

  /** The cache now holds what `seen` names, and nothing else. */
  #adopt(seen: ReadonlySet<string>): void {
    for (const object of [...this.#store.values()]) {
      if (!seen.has(object.key)) this.#remove(object);
    }
    this.#listed = true;
    this.#retry.noteListed();
    this.#freshness.noteListed();
    this.#options.problems.solve(this.#id);
  }

  async #watch(position: string, signal: AbortSignal): Promise<void> {
    if (this.#watches++ > 0) {
      this.#options.metrics.count("poolwarden_watch_restarts_total", { kind: this.#options.kind });
    }
    const stream = new AbortController();
    const disarm = this.#armWatchdog(stream);
    // Not AbortSignal.any: Node.js keeps such a signal, and all who listen, until it is aborted.
    const follow = (): void => {
      stream.abort(signal.reason);
    };
    signal.addEventListener("abort", follow);
    try {
      for await (const event of this.#options.source.watch(position, stream.signal)) {
        if (signal.aborted) return;
        // After a sleep of this process what comes first was sent before it.
        if (this.#freshness.patienceMs === 0) this.#giveUp(stream);
        stream.signal.throwIfAborted();
        this.#freshness.noteEvent();
        this.#options.problems.solve(this.#id);
        this.#take(event);
      }
    } finally {
      disarm();
      signal.removeEventListener("abort", follow);
    }
    stream.signal.throwIfAborted();
  }

  #armWatchdog(stream: AbortController): () => void {
    let cancel = (): void => undefined;
    const check = (): void => {
      const leftMs = this.#freshness.patienceMs;
      if (leftMs > 0) cancel = this.#options.clock.after(leftMs, check);
      else this.#giveUp(stream);
    };
    check();
    return () => {
      cancel();
    };
  }

  #giveUp(stream: AbortController): void {
    this.#position = undefined;
    stream.abort(new OperatorError("K8S_UNAVAILABLE", "no watch has brought news for 150 s"));
  }

  #take(event: WatchEvent<T>): void {
    switch (event.type) {
      case "bookmark":
        this.#position = event.resourceVersion || this.#position;
        return;
      case "set":
        this.#put(event.object);
        this.#position = event.object.resourceVersion || this.#position;
        return;
      case "delete": {
        // An object of that name with another uid came later: this is old news.
        const known = this.#store.get(event.key);
        if (known?.uid === event.uid) this.#remove(known);
        return;
      }
    }
  }

  #put(object: T): void {
    const before = this.#store.get(object.key);
    if (before === undefined || before.uid === object.uid) {
      if (before?.resourceVersion === object.resourceVersion) return;
      this.#keep(before, object);
      return;
    }
    // Deleted and made anew while nobody looked: two changes, not one.
    this.#remove(before);
    this.#keep(undefined, object);
  }

  #keep(before: T | undefined, object: T): void {
    const { budget } = this.#options;
    if (before) budget?.forget(before);
    const kept = budget?.fit(object) ?? object;
    this.#store.set(kept);
    this.#notify(before, kept);
  }

  #remove(object: T): void {
    this.#store.delete(object.key);
    this.#options.budget?.forget(object);
    this.#notify(object, undefined);
  }

  #notify(before: T | undefined, after: T | undefined): void {
    if (this.#isStopped) return;
    for (const handler of this.#handlers) {
      try {
        handler(before, after);
      } catch (error) {
        const fields = { kind: this.#options.kind, key: (after ?? before)?.key, error };
        this.#options.log.error(fields, "a change handler failed: a fault of the operator");
      }
    }
  }

  /** Draws the conclusions from how the watch ended; answers the ms until the next try. */
  #settle(failure: unknown): number {
    const wasStable = this.#freshness.hasHeld;
    if (wasStable) this.#retry.reset();
    if (failure === undefined) return wasStable ? 0 : this.#retry.afterEndMs();
    const problem = this.#problemOf(failure);
    if (problem.code === "K8S_NOT_FOUND" && this.#options.optional === true) {
      this.#adopt(new Set());
    } else if (problem.code !== "K8S_GONE") {
      this.#options.problems.report(this.#id, problem);
    }
    // What was forgotten may be anything: the cache is not relied on until it is listed anew.
    if (problem.code === "K8S_GONE") this.#listed = false;
    if (this.#isPositionLost(problem)) this.#position = undefined;
    return this.#retry.afterFailureMs(failure);
  }

  #problemOf(failure: unknown): Problem {
    const { kind } = this.#options;
    const code = failure instanceof OperatorError ? failure.code : "UNEXPECTED";
    return { kind, code, message: failure instanceof Error ? failure.message : String(failure) };
  }

  #isPositionLost({ code }: Problem): boolean {
    const isRefused = ["K8S_GONE", "K8S_INVALID", "K8S_NOT_FOUND"].includes(code);
    return isRefused || this.#retry.isPositionDoubted();
  }
}
