// Keeps a cache of one kind of object equal to the API server's: list, then watch, and again after
// every error there can be. It never gives up, and between tries the cache keeps what it has.
//
// States: unlisted (no position: list first) → watching (position: resume from there) → pausing →
// one of the two. A list is repeated when the server has forgotten the position (410), refuses it,
// or is silent on it, and when no watch holds (freshness.ts); otherwise a lost watch resumes, and
// nothing in between is missed. Large objects are only told of, and read when somebody says so.

import { OperatorError } from "../errors.ts";
import type { ObservedObject } from "../observed.ts";
import type { Clock, ListWatch, Metrics, Random, Store } from "../ports.ts";
import type { UnreadEvent, WatchEvent } from "../ports.ts";
import { Freshness } from "./freshness.ts";
import { pause } from "./pause.ts";
import type { Problem, Problems } from "./problems.ts";
import { ReadRetry } from "./read-retry.ts";
import { type ChangeHandler, ToldStore, type ToldStoreOptions } from "./told-store.ts";
import { UnreadObjects } from "./unread-objects.ts";

export interface InformerOptions<T extends ObservedObject> extends ToldStoreOptions<T> {
  /** Distinguishes informers of one kind in `problems`. Default: the kind. */
  readonly id?: string;
  readonly source: ListWatch<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Pick<Metrics, "count">;
  readonly problems: Problems;
  /** An API that is not served counts as synced and empty; it is asked for again every 30 s. */
  readonly optional?: boolean;
}

export class Informer<T extends ObservedObject> {
  readonly #options: InformerOptions<T>;
  readonly #id: string;
  readonly #store: ToldStore<T>;
  readonly #retry: ReadRetry;
  readonly #freshness: Freshness;
  readonly #unread = new UnreadObjects<T>();
  #tellUnread: (key: string) => void = () => undefined;
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
    this.#store = new ToldStore(options, () => this.#listed && freshness.isFresh);
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
    this.#store.onChange(handler);
  }

  get id(): string {
    return this.#id;
  }

  /** Told the key of each object that `readLate` is to read. Register before start. */
  onUnread(tell: (key: string) => void): void {
    this.#tellUnread = tell;
  }

  /** By key: since when each of them is to be read, by the monotonic clock. */
  unreadSince(): Iterable<readonly [string, number]> {
    return this.#unread.since();
  }

  /** Throws as a list does: it is to be tried again then. */
  async readLate(key: string, ...means: Parameters<UnreadEvent<T>["read"]>): Promise<void> {
    const object = await this.#unread.read(key, ...means);
    if (object && !this.#isStopped) this.#store.put(object);
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
    this.#store.fallSilent();
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
    this.#unread.clear();
    const seen = new Set<string>();
    let position = "";
    for await (const page of this.#options.source.list(signal)) {
      signal.throwIfAborted();
      for (const object of page.objects) {
        seen.add(object.key);
        this.#store.put(object);
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
      if (!seen.has(object.key)) this.#store.remove(object);
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
        this.#reach(event);
        return;
      case "set":
        this.#reach(event.object);
        if (!this.#unread.isKnown(event.object)) this.#takeWhole(event.object);
        return;
      case "unread":
        this.#reach(event);
        if (!this.#unread.isKnown(event)) this.#takeLater(event);
        return;
      case "delete": {
        this.#unread.forget(event.key);
        // An object of that name with another uid came later: this is old news.
        const known = this.#store.get(event.key);
        if (known?.uid === event.uid) this.#store.remove(known);
        return;
      }
    }
  }

  #reach({ resourceVersion }: { readonly resourceVersion: string }): void {
    this.#position = resourceVersion || this.#position;
  }

  #takeWhole(object: T): void {
    this.#unread.forget(object.key);
    this.#store.put(object);
  }

  #takeLater(event: UnreadEvent<T>): void {
    this.#unread.note(event, this.#options.clock.monotonicMs());
    this.#tellUnread(event.key);
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
