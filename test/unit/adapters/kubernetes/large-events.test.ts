// Events of large objects are not parsed: they say whom to read, and nothing else is made of them.

import { expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/clock.ts";
import { identify } from "../../../../src/adapters/kubernetes/identity.ts";
import { createListWatch } from "../../../../src/adapters/kubernetes/list-watch.ts";
import type { ObservedObject } from "../../../../src/observed.ts";
import type { ListWatch, WatchEvent } from "../../../../src/ports.ts";
import { openFakeApiForEachTest } from "../../../support/fake-api.ts";
import { constantRandom } from "../../../support/prng.ts";

const api = openFakeApiForEachTest();

function listWatch(selection: { readonly label?: string } = {}): ListWatch<ObservedObject> {
  const { client } = api;
  const parts = { client, random: constantRandom(0), clock: systemClock };
  return createListWatch({ ...parts, kind: "ConfigMap", project: identify, ...selection });
}

const largeBytes = 100_000;

/** Events of a watch from the beginning on, until there are so many; bookmarks do not count. */
async function eventsOf(
  source: ListWatch<ObservedObject>,
  count: number,
): Promise<WatchEvent<ObservedObject>[]> {
  const events: WatchEvent<ObservedObject>[] = [];
  const stop = new AbortController();
  for await (const event of source.watch("1", stop.signal)) {
    if (event.type !== "bookmark") events.push(event);
    if (events.length === count) break;
  }
  stop.abort();
  return events;
}

test("a large object is only told of, and read by its name as it is by then", async () => {
  api.server.put("shop/a", largeBytes);
  api.server.put("shop/b");
  const [large, small] = await eventsOf(listWatch({ label: "l" }), 2);
  expect(large).toMatchObject({ type: "unread", key: "shop/a", resourceVersion: "2" });
  expect(small).toMatchObject({ type: "set", object: { key: "shop/b" } });
  api.server.put("shop/a", largeBytes);
  const read = large?.type === "unread" ? large.read : undefined;
  let busyMs = 0;
  const object = await read?.(new AbortController().signal, (ms) => (busyMs += ms));
  expect(object).toMatchObject({ key: "shop/a", resourceVersion: "4" });
  expect(busyMs).toBeGreaterThan(0);
  const asked = api.server.requests.at(-1);
  expect(asked?.path).toBe("/api/v1/namespaces/shop/configmaps");
  expect(String(asked?.query)).toBe("fieldSelector=metadata.name%3Da&labelSelector=l&limit=1");
});

test("a large object that is gone by then is not there", async () => {
  api.server.put("shop/a", largeBytes);
  const [large] = await eventsOf(listWatch(), 1);
  api.server.remove("shop/a");
  const read = large?.type === "unread" ? large.read : undefined;
  expect(await read?.(new AbortController().signal, () => undefined)).toBeUndefined();
});

test.each([
  {
    name: "a deletion",
    event: { type: "DELETED", metadata: { name: "a", namespace: "shop", uid: "u-1" } },
    want: { type: "delete", key: "shop/a", uid: "u-1" },
  },
  {
    name: "one whose name no API server has written",
    event: { type: "MODIFIED", metadata: { name: "a".repeat(300), resourceVersion: "7" } },
    want: { type: "bookmark", resourceVersion: "7" },
  },
])("of large events $name counts as it comes", async ({ event: { type, metadata }, want }) => {
  const stop = new AbortController();
  const object = { metadata, data: { text: "x".repeat(largeBytes) } };
  let begun = false;
  for await (const event of listWatch().watch("1", stop.signal)) {
    if (!begun) api.server.sendRaw(`${JSON.stringify({ type, object })}\n`);
    else expect(event).toEqual(want);
    if (begun) break;
    begun = true;
  }
  stop.abort();
});

test("an error in the stream is one however long it is", async () => {
  const object = { kind: "Status", code: 410, message: "x".repeat(largeBytes) };
  const watching = (async () => {
    for await (const event of listWatch().watch("1", new AbortController().signal)) {
      expect(event.type).toBe("bookmark");
      api.server.sendRaw(`${JSON.stringify({ type: "ERROR", object })}\n`);
    }
  })();
  await expect(watching).rejects.toMatchObject({ code: "K8S_GONE" });
});
