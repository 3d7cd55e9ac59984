// One informer and an API server that may fall silent, refuse, break its watches (even after each
// word) and forget its history: whatever it is, the cache passes for fresh only while the server
// has spoken lately and nothing that is old is missing, and when it is over the cache is what the
// server has.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ListWatch, WatchEvent } from "../../src/ports.ts";
import { settle, type VirtualClock } from "../support/virtual-clock.ts";
import { failure, type InformerSetup, setUp } from "../unit/runtime/informer-setup.ts";
import { aThing, type Page, type Thing } from "../unit/runtime/scripted-source.ts";

const freshForMs = 180_000;
const keys = ["a", "b", "c"] as const;
/** Of an object whose events only tell that it changed. */
const largeKey = "c";

const deed = fc.constantFrom(
  ...(["put", "put", "put", "delete", "delete", "replace", "compact"] as const),
  ...(["breakWatches", "fallSilent", "refuse", "recover", "recover"] as const),
  ...(["breakAfterEachWord", "breakAfterEachWord", "putManyTimes", "putManyTimes"] as const),
);

const acts = fc.array(
  fc.record({
    deed,
    key: fc.constantFrom(...keys),
    waitMs: fc.oneof(fc.nat(2_000), fc.nat(200_000)),
  }),
  { minLength: 5, maxLength: 20 },
);

interface Change {
  readonly key: string;
  readonly version: number;
  readonly isDeletion: boolean;
  readonly atMs: number;
}

class ApiServer implements ListWatch<Thing> {
  #version = 1;
  #uids = 1;
  readonly #objects = new Map<string, Thing>();
  #events: { readonly version: number; readonly event: WatchEvent<Thing> }[] = [];
  #compactedTo = 0;
  #isSilent = false;
  #isRefusing = false;
  #breaksAfterEachWord = false;
  readonly #changes: Change[] = [];
  #wakers: (() => void)[] = [];
  #epoch = 0;
  clock: VirtualClock | undefined;
  /** When it last said anything. */
  spokeMs = -Infinity;

  get objects(): readonly Thing[] {
    return [...this.#objects.values()];
  }

  async *list(): AsyncGenerator<Page> {
    await this.#speak();
    yield { objects: this.objects, resourceVersion: String(this.#version) };
  }

  async *watch(position: string, signal: AbortSignal): AsyncGenerator<WatchEvent<Thing>> {
    await this.#speak();
    const epoch = this.#epoch;
    let seen = Number(position);
    if (seen < this.#compactedTo) throw failure("K8S_GONE");
    while (!signal.aborted && this.#epoch === epoch) {
      const next = this.#isSilent ? undefined : this.#events.find((one) => one.version > seen);
      if (next) {
        seen = next.version;
        await this.#speak();
        yield next.event;
        if (this.#breaksAfterEachWord) return;
      } else await this.#change(signal);
    }
    signal.throwIfAborted();
  }

  put(key: string): void {
    const generation = Number(this.#objects.get(key)?.uid.split("-")[1] ?? ++this.#uids);
    this.#say(key, generation);
  }

  putManyTimes(key: string): void {
    for (let times = 0; times < 10; times++) this.put(key);
  }

  /** Deleted and made anew. */
  replace(key: string): void {
    this.delete(key);
    this.#say(key, ++this.#uids);
  }

  delete(key: string): void {
    const before = this.#objects.get(key);
    if (!before) return;
    this.#objects.delete(key);
    const version = ++this.#version;
    this.#note(key, version, { type: "delete", key, uid: before.uid });
  }

  /** Who has not heard of it by now will not. */
  compact(): void {
    this.#compactedTo = this.#version;
    this.#events = [];
    this.breakWatches();
  }

  breakWatches(): void {
    this.#epoch += 1;
    this.#wake();
  }

  fallSilent(): void {
    this.#isSilent = true;
  }

  refuse(): void {
    this.#isRefusing = true;
    this.breakWatches();
  }

  breakAfterEachWord(): void {
    this.#breaksAfterEachWord = true;
    this.breakWatches();
  }

  /** Keys of which the cache has not heard of a change that was made until `untilMs`. */
  missingIn(cached: ReadonlyMap<string, Thing>, untilMs: number): string[] {
    return keys.filter((key) => {
      const changes = this.#changes.filter((change) => change.key === key);
      const old = changes.findLast(({ atMs }) => atMs <= untilMs);
      const { resourceVersion } = cached.get(key) ?? {};
      const deleted = changes.findLast(({ isDeletion }) => isDeletion)?.version ?? 0;
      return old !== undefined && Number(resourceVersion ?? deleted) < old.version;
    });
  }

  recover(): void {
    this.#breaksAfterEachWord = false;
    this.#isSilent = false;
    this.#isRefusing = false;
    this.#wake();
  }

  bookmark(): void {
    const version = ++this.#version;
    const resourceVersion = String(version);
    this.#events.push({ version, event: { type: "bookmark", resourceVersion } });
    this.#wake();
  }

  #say(key: string, generation: number): void {
    const version = ++this.#version;
    const object = aThing(key, version, generation);
    this.#objects.set(key, object);
    const isLarge = key === largeKey;
    const read = (signal: AbortSignal): Promise<Thing | undefined> => this.#read(key, signal);
    const unread = { type: "unread", key, resourceVersion: String(version), read } as const;
    this.#note(key, version, isLarge ? unread : { type: "set", object });
  }

  /** What is there now is answered a second later. */
  async #read(key: string, signal: AbortSignal): Promise<Thing | undefined> {
    while (this.#isSilent && !signal.aborted) await this.#change(signal);
    await this.#speak();
    const object = this.#objects.get(key);
    await new Promise<void>((resolve) => this.clock?.after(1_000, resolve));
    return object;
  }

  #note(key: string, version: number, event: WatchEvent<Thing>): void {
    this.#events.push({ version, event });
    const isDeletion = event.type === "delete";
    this.#changes.push({ key, version, isDeletion, atMs: this.clock?.monotonicMs() ?? 0 });
    this.#wake();
  }

  async #speak(): Promise<void> {
    await Promise.resolve();
    if (this.#isRefusing) throw failure("K8S_UNAVAILABLE");
    this.spokeMs = this.clock?.monotonicMs() ?? 0;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wakers.push(resolve);
      signal.addEventListener("abort", () => {
        resolve();
      });
    });
  }

  #wake(): void {
    for (const resolve of this.#wakers.splice(0)) resolve();
  }
}

interface Scene extends InformerSetup {
  readonly server: ApiServer;
}

function begin(): Scene {
  const server = new ApiServer();
  const scene = setUp({ source: server });
  server.clock = scene.clock;
  const { signal } = new AbortController();
  const readLate = (key: string): void => {
    scene.informer
      .readLate(key, signal, () => undefined)
      .catch(() => {
        scene.clock.after(1_000, () => {
          readLate(key);
        });
      });
  };
  scene.informer.onUnread(readLate);
  scene.informer.start();
  return { ...scene, server };
}

/** With a bookmark a minute, as from a real one. */
async function pass({ clock, server, informer }: Scene, forMs: number): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= 60_000) {
    server.bookmark();
    await clock.advance(Math.min(leftMs, 60_000));
    await settle();
    if (!informer.store.synced) continue;
    expect(clock.monotonicMs() - server.spokeMs).toBeLessThan(freshForMs);
    const cached = new Map([...informer.store.values()].map((one) => [one.key, one]));
    expect(server.missingIn(cached, clock.monotonicMs() - freshForMs)).toEqual([]);
  }
}

describe("the cache of an informer", () => {
  test("is fresh only while the server speaks, and in the end what the server has", async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const scene = begin();
        const { server, informer } = scene;
        for (const { deed: what, key, waitMs } of list) {
          server[what](key);
          await pass(scene, waitMs);
        }
        server.recover();
        await pass(scene, 600_000);
        expect(informer.store.synced).toBe(true);
        const cached = [...informer.store.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(cached).toEqual(server.objects.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
        await informer.stop();
      }),
      { numRuns: 200 },
    );
  });
});
