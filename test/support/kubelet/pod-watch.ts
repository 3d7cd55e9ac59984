// Tells which pods there are, for as long as it is asked to: one list, then a watch from there, and
// all over again after any kind of end. Simple rather than thrifty: tests and the demo only.
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "./api-client.ts";
import type { Pod } from "./pod.ts";

const LIST_AGAIN_AFTER_MS = 100;

export type PodObserver = {
  /** A pod as it is now. */
  seen(pod: Pod): void;
  /** It is gone from the API server, whoever removed it. */
  gone(uid: string): void;
};

/** Resolves when the client is closed. */
export async function watchPods(
  api: ApiClient,
  collection: string,
  observer: PodObserver,
): Promise<void> {
  const known = new Set<string>();
  while (!api.isClosed()) {
    try {
      const from = await listPods({ api, collection, observer, known });
      await followWatch({ api, collection, observer, known }, from);
    } catch {
      // The API server is away: ask until it is back.
    }
    await delay(LIST_AGAIN_AFTER_MS);
  }
}

type Watching = { api: ApiClient; collection: string; observer: PodObserver; known: Set<string> };
type PodList = { metadata: { resourceVersion: string }; items: Pod[] };
type PodEvent = { type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR"; object: Pod };

async function listPods({ api, collection, observer, known }: Watching): Promise<string> {
  const { status, body } = await api.get(collection);
  if (status !== 200) throw new Error(`listing ${collection} answered ${status}`);
  const { metadata, items } = body as PodList;
  const listed = new Set(items.map((pod) => pod.metadata.uid));
  for (const uid of known) {
    if (!listed.has(uid)) forget(uid, known, observer);
  }
  for (const pod of items) {
    known.add(pod.metadata.uid);
    observer.seen(pod);
  }
  return metadata.resourceVersion;
}

async function followWatch(watching: Watching, from: string): Promise<void> {
  const { api, collection, observer, known } = watching;
  const path = `${collection}?watch=true&resourceVersion=${encodeURIComponent(from)}`;
  for await (const line of api.watch(path)) {
    const { type, object } = JSON.parse(line) as PodEvent;
    if (type === "ERROR") return;
    if (type === "DELETED") {
      forget(object.metadata.uid, known, observer);
    } else {
      known.add(object.metadata.uid);
      observer.seen(object);
    }
  }
}

function forget(uid: string, known: Set<string>, observer: PodObserver): void {
  known.delete(uid);
  observer.gone(uid);
}
