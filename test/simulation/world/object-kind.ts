// One kind of object of the simulated API server: what is there, what happened (as far as it is
// remembered), and who watches. Objects are stored as the operator's caches hold them, already
// projected, so that nothing is copied or parsed on their way. All kinds count their versions in
// common, as etcd does.

import { OperatorError } from "../../../src/errors.ts";
import type { ObservedObject } from "../../../src/observed.ts";
import type { ListWatch, WatchEvent } from "../../../src/ports.ts";
import { WatchStream } from "./watch-stream.ts";

/** The one counter of resourceVersions. */
export class Versions {
  #last = 1000;

  get last(): number {
    return this.#last;
  }

  next(): string {
    return String(++this.#last);
  }
}

interface Change<T> {
  readonly version: number;
  readonly key: string;
  readonly event: WatchEvent<T>;
}

interface Watcher<T> {
  readonly stream: WatchStream<WatchEvent<T>>;
  readonly namespace: string | undefined;
  readonly endsAtMs: number;
}

/** So many changes of a kind are remembered. */
const historyMax = 1_000;

/** When what a watch brings came to pass: a watch that begins again brings what is old by then. */
const times = new WeakMap<object, number>();

/** Undefined for a word of the moment: a bookmark that only says that the watch lives. */
export function cameToPassMs(event: object): number | undefined {
  return times.get(event);
}

export interface KindParts {
  readonly versions: Versions;
  readonly nowMs: () => number;
  /** When a watch that begins now is ended by the server. */
  readonly endOfWatchMs: () => number;
}

export class ObjectKind<T extends ObservedObject> {
  readonly #parts: KindParts;
  readonly #objects = new Map<string, T>();
  readonly #watchers = new Set<Watcher<T>>();
  #history: Change<T>[] = [];
  /** What happened up to this version can no longer be watched. */
  #forgotten = 0;

  constructor(parts: KindParts) {
    this.#parts = parts;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** Creates or replaces; the resourceVersion is the server's to give. */
  put(object: T): T {
    const stored = Object.freeze({ ...object, resourceVersion: this.#parts.versions.next() });
    this.#objects.set(stored.key, stored);
    this.#tell(stored.key, { type: "set", object: stored });
    return stored;
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (!object) return;
    this.#objects.delete(key);
    this.#parts.versions.next();
    this.#tell(key, { type: "delete", key, uid: object.uid });
  }

  /** Forgets what happened until now: older watches have to start over. */
  compact(): void {
    this.#history = [];
    this.#forgotten = this.#parts.versions.last;
  }

  /** The connections of all watches are lost. */
  breakWatches(): void {
    for (const { stream } of [...this.#watchers]) {
      stream.fail(new OperatorError("K8S_UNAVAILABLE", "the stream was lost"));
    }
  }

  /** Once a minute: a bookmark for each watch, and the end of those whose time is over. */
  beat(nowMs: number): void {
    const resourceVersion = String(this.#parts.versions.last);
    for (const { stream, endsAtMs } of [...this.#watchers]) {
      stream.push({ type: "bookmark", resourceVersion });
      if (endsAtMs <= nowMs) stream.end();
    }
  }

  /** As the adapter reads it: everything in one page, and what the watch adds to the events. */
  source(namespace: string | undefined): ListWatch<T> {
    return {
      list: () => this.#list(namespace),
      watch: (resourceVersion, signal) => this.#watch(resourceVersion, namespace, signal),
    };
  }

  // eslint wants an await in an async generator; one page needs none.
  #list(
    namespace: string | undefined,
  ): AsyncIterable<{ readonly objects: readonly T[]; readonly resourceVersion: string }> {
    const objects = [...this.#objects.values()].filter(({ key }) => isWithin(key, namespace));
    const resourceVersion = String(this.#parts.versions.last);
    const pages = new WatchStream<{ objects: readonly T[]; resourceVersion: string }>();
    pages.push({ objects, resourceVersion });
    pages.end();
    return pages;
  }

  #watch(
    resourceVersion: string,
    namespace: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>> {
    const stream = new WatchStream<WatchEvent<T>>(signal);
    const watcher = { stream, namespace, endsAtMs: this.#parts.endOfWatchMs() };
    const from = Number(resourceVersion);
    stream.push({ type: "bookmark", resourceVersion });
    if (from < this.#forgotten) {
      stream.fail(new OperatorError("K8S_GONE", `too old resource version: ${resourceVersion}`));
      return stream;
    }
    for (const change of this.#history) {
      if (change.version > from && isWithin(change.key, namespace)) send(stream, change);
    }
    this.#watchers.add(watcher);
    stream.whenDone(() => this.#watchers.delete(watcher));
    return stream;
  }

  #tell(key: string, event: WatchEvent<T>): void {
    const change = { version: this.#parts.versions.last, key, event };
    times.set(event, this.#parts.nowMs());
    this.#history.push(change);
    if (this.#history.length > 2 * historyMax) {
      const dropped = this.#history.splice(0, historyMax);
      this.#forgotten = dropped.at(-1)?.version ?? this.#forgotten;
    }
    for (const { stream, namespace } of this.#watchers) {
      if (isWithin(key, namespace)) send(stream, change);
    }
  }
}

function isWithin(key: string, namespace: string | undefined): boolean {
  return namespace === undefined || key.startsWith(`${namespace}/`);
}

/** A deletion carries no position of its own in the port, so a bookmark follows it. */
function send<T>(stream: WatchStream<WatchEvent<T>>, { event, version }: Change<T>): void {
  stream.push(event);
  if (event.type !== "delete") return;
  const bookmark = { type: "bookmark", resourceVersion: String(version) } as const;
  times.set(bookmark, times.get(event) ?? 0);
  stream.push(bookmark);
}
