// What a list and a watch must be like for the informer to be right. Held against the fake API
// server in the fast tests, so that the fake can be believed, and against a real one, which is the
// judge.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import type { Client } from "../../../src/adapters/kubernetes/client.ts";
import { identify } from "../../../src/adapters/kubernetes/identity.ts";
import { createListWatch } from "../../../src/adapters/kubernetes/list-watch.ts";
import type { ObservedObject } from "../../../src/observed.ts";
import type { ListWatch, WatchEvent } from "../../../src/ports.ts";
import { Informer } from "../../../src/runtime/informer.ts";
import { Problems } from "../../../src/runtime/problems.ts";
import { MemoryLog, MemoryMetrics } from "../../support/memory-log.ts";
import { seededRandom } from "../../support/prng.ts";
import { waitUntil } from "../../support/processes.ts";

/** An API server with ConfigMaps in one namespace. */
export interface ListWatchWorld {
  readonly client: Client;
  readonly namespace: string;
  /** Creates or changes the ConfigMap, which has so many bytes of data. Default: a few. */
  put(name: string, bytes?: number): Promise<void>;
  remove(name: string): Promise<void>;
  /** The server is away. */
  goAway(): Promise<void>;
  /** It is back, with what it stored, and no longer knows what changed before. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export function testListWatch(openWorld: () => Promise<ListWatchWorld>): void {
  let world: ListWatchWorld;
  const controllers: AbortController[] = [];
  const informers: Informer<ObservedObject>[] = [];

  beforeAll(async () => {
    world = await openWorld();
  });

  afterEach(async () => {
    for (const controller of controllers.splice(0)) controller.abort();
    await Promise.all(informers.splice(0).map((informer) => informer.stop()));
  });

  afterAll(async () => {
    await world.close();
  });

  function listWatch(pageSize: number = 500): ListWatch<ObservedObject> {
    const { client, namespace } = world;
    const random = seededRandom(1);
    return createListWatch({
      ...{ client, random, clock: systemClock, namespace, pageSize },
      kind: "ConfigMap",
      project: identify,
    });
  }

  function signal(): AbortSignal {
    const controller = new AbortController();
    controllers.push(controller);
    return controller.signal;
  }

  /** Names of the world's objects, and the position after the last page. */
  async function listAll(pageSize?: number): Promise<{ pages: string[][]; position: string }> {
    const pages: string[][] = [];
    let position = "";
    for await (const page of listWatch(pageSize).list(signal())) {
      pages.push(page.objects.map(nameOf));
      position = page.resourceVersion;
    }
    return { pages, position };
  }

  function nameOf({ key }: { key: string }): string {
    return key.replace(`${world.namespace}/`, "");
  }

  /** The next `count` changes; signs of life do not count. */
  async function changesAfter(position: string, count: number): Promise<string[]> {
    const changes: string[] = [];
    const own = new AbortController();
    for await (const event of listWatch().watch(position, own.signal)) {
      if (event.type !== "bookmark") changes.push(describeEvent(event));
      if (changes.length === count) break;
    }
    own.abort();
    return changes;
  }

  /** The resourceVersion of the first object that is set after the position. */
  async function firstVersionAfter(position: string): Promise<string> {
    for await (const event of listWatch().watch(position, signal())) {
      if (event.type === "set") return event.object.resourceVersion;
    }
    throw new Error("the watch ended before anything was set");
  }

  function describeEvent(event: Exclude<WatchEvent<ObservedObject>, { type: "bookmark" }>): string {
    return event.type === "set" ? `set ${nameOf(event.object)}` : `${event.type} ${nameOf(event)}`;
  }

  function startInformer(source: ListWatch<ObservedObject>): {
    readonly informer: Informer<ObservedObject>;
    readonly changes: string[];
  } {
    const log = new MemoryLog();
    const informer = new Informer<ObservedObject>({
      ...{ kind: "ConfigMap", source, clock: systemClock, random: seededRandom(2), log },
      metrics: new MemoryMetrics(),
      problems: new Problems(log),
    });
    const changes: string[] = [];
    informer.onChange((before, after) => {
      if (after === undefined) changes.push(`gone ${before === undefined ? "" : nameOf(before)}`);
      else changes.push(`${before === undefined ? "new" : "changed"} ${nameOf(after)}`);
    });
    informer.onUnread((key) => void informer.readLate(key, signal(), () => undefined));
    informer.start();
    informers.push(informer);
    return { informer, changes };
  }

  async function clear(): Promise<void> {
    const { pages } = await listAll();
    for (const name of pages.flat()) await world.remove(name);
  }

  test("a list comes in pages, complete, with a position to watch from", async () => {
    await clear();
    for (const name of ["a", "b", "c", "d", "e"]) await world.put(name);
    const { pages, position } = await listAll(2);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().sort()).toEqual(["a", "b", "c", "d", "e"]);
    expect(position).toMatch(/^\d+$/);
  });

  test("a watch gives a sign of life at once, and then what changes, in order", async () => {
    await clear();
    const { position } = await listAll();
    const events = listWatch().watch(position, signal())[Symbol.asyncIterator]();
    expect(await events.next()).toEqual({
      done: false,
      value: { type: "bookmark", resourceVersion: position },
    });
    await world.put("a");
    await world.put("a");
    await world.remove("a");
    expect(await changesAfter(position, 3)).toEqual(["set a", "set a", "delete a"]);
    await events.return?.();
  });

  test("a change of a large object is told, and its end, and it is read by its name", async () => {
    await clear();
    const { position } = await listAll();
    await world.put("a", 200_000);
    await world.put("b");
    await world.remove("a");
    expect(await changesAfter(position, 3)).toEqual(["unread a", "set b", "delete a"]);
    await world.put("a", 200_000);
    const { informer, changes } = startInformer(listWatch());
    await waitUntil("the first list", () => informer.store.synced);
    const { uid } = informer.store.get(`${world.namespace}/a`) ?? {};
    await world.put("a", 300_000);
    await waitUntil("what was read by itself", () => changes.includes("changed a"));
    expect(informer.store.get(`${world.namespace}/a`)?.uid).toBe(uid);
  });

  test("a watch resumes where another one ended, without loss and without repetition", async () => {
    await clear();
    const { position } = await listAll();
    await world.put("a");
    const reached = await firstVersionAfter(position);
    await world.put("b");
    await world.put("c");
    expect(await changesAfter(reached, 2)).toEqual(["set b", "set c"]);
  });

  test("an object that was deleted and made anew in a gap is two changes", async () => {
    await clear();
    await world.put("a");
    const gap = gapped(listWatch());
    const { informer, changes } = startInformer(gap.source);
    await waitUntil("the first list", () => informer.store.synced);
    gap.open();
    await world.remove("a");
    await world.put("a");
    gap.close();
    await waitUntil("what was missed", () => changes.length === 3);
    expect(changes).toEqual(["new a", "gone a", "new a"]);
  });

  test("a restart of the server is survived: what is forgotten is listed anew", async () => {
    await clear();
    await world.put("a");
    await world.put("b");
    const { position } = await listAll();
    const { informer, changes } = startInformer(listWatch());
    await waitUntil("the first list", () => informer.store.synced);
    await world.put("c");
    await waitUntil("the watch", () => changes.length === 3);
    await world.goAway();
    await world.comeBack();
    await world.remove("a");
    await world.put("d");
    await waitUntil("the cache to be equal again", () => changes.includes("new d"));
    expect([...informer.store.values()].map(nameOf).sort()).toEqual(["b", "c", "d"]);
    expect(changes.filter((change) => change === "new b")).toHaveLength(1);
    await expect(changesAfter(position, 1)).rejects.toMatchObject({ code: "K8S_GONE" });
  });

  test("what is not served, and what may not be read, are told apart by their code", async () => {
    const { client } = world;
    const request = client.request("GET", "/api/v1/nonsense");
    await expect(request).rejects.toMatchObject({ code: "K8S_NOT_FOUND" });
  });

  test("aborting ends a watch at once", async () => {
    const { position } = await listAll();
    const own = new AbortController();
    const events = listWatch().watch(position, own.signal)[Symbol.asyncIterator]();
    await events.next();
    const next = events.next();
    own.abort();
    await expect(next).rejects.toMatchObject({ code: "K8S_UNAVAILABLE" });
  });
}

/** A source whose watch can be cut, and begins anew only when the gap is over. */
function gapped(inner: ListWatch<ObservedObject>): {
  readonly source: ListWatch<ObservedObject>;
  open(): void;
  close(): void;
} {
  let cut = new AbortController();
  let over = Promise.resolve();
  let close: () => void = () => undefined;
  const source: ListWatch<ObservedObject> = {
    list: (signal) => inner.list(signal),
    async *watch(position, signal) {
      await over;
      yield* inner.watch(position, AbortSignal.any([signal, cut.signal]));
    },
  };
  const open = (): void => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    over = promise.then(() => undefined);
    close = () => {
      cut = new AbortController();
      resolve(undefined);
    };
    cut.abort();
  };
  return {
    source,
    open,
    close: () => {
      close();
    },
  };
}
