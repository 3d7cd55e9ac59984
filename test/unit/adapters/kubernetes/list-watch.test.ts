// List and watch on a network and a server that misbehave: which code each fault becomes, and what
// was asked for.

import { expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/clock.ts";
import { identify } from "../../../../src/adapters/kubernetes/identity.ts";
import { createListWatch } from "../../../../src/adapters/kubernetes/list-watch.ts";
import type { ObservedObject } from "../../../../src/observed.ts";
import type { ListWatch } from "../../../../src/ports.ts";
import { openFakeApiForEachTest } from "../../../support/fake-api.ts";
import { constantRandom } from "../../../support/prng.ts";
import { waitUntil } from "../../../support/processes.ts";

const api = openFakeApiForEachTest();

function listWatch(
  options: {
    readonly namespace?: string;
    readonly name?: string;
    readonly label?: string;
    readonly pageSize?: number;
    readonly chance?: number;
  } = {},
): ListWatch<ObservedObject> {
  const { chance = 0, ...selection } = options;
  const { client } = api;
  const random = constantRandom(chance);
  const parts = { client, random, clock: systemClock, kind: "ConfigMap", project: identify };
  return createListWatch({ ...parts, ...selection });
}

async function listNames(source: ListWatch<ObservedObject>): Promise<string[]> {
  const names: string[] = [];
  for await (const { objects } of source.list(new AbortController().signal)) {
    names.push(...objects.map(({ key }) => key));
  }
  return names;
}

/** Events of a watch until it ends; `act` is called once it is open. */
async function watchUntilEnd(act: () => void): Promise<{ keys: string[]; error: unknown }> {
  const keys: string[] = [];
  try {
    for await (const event of listWatch().watch("1", new AbortController().signal)) {
      if (event.type === "bookmark" && keys.length === 0) act();
      keys.push(event.type === "set" ? event.object.key : event.type);
    }
    return { keys, error: undefined };
  } catch (error) {
    return { keys, error };
  }
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

test("a list asks for pages, as gzip, without a resourceVersion", async () => {
  for (const name of ["a", "b", "c"]) api.server.put(name);
  expect(await listNames(listWatch({ pageSize: 2 }))).toEqual([
    "default/a",
    "default/b",
    "default/c",
  ]);
  expect(api.server.requests.map(({ query }) => String(query))).toEqual([
    "limit=2",
    expect.stringMatching(/^limit=2&continue=/),
  ]);
  expect(api.server.requests[0]?.headers).toMatchObject({
    "accept-encoding": "gzip",
    "user-agent": "poolwarden/0.0.0-test",
  });
});

test("objects of megabytes come in pages of fewer, and in larger ones after them", async () => {
  const mebibyte = 1024 * 1024;
  const names = Array.from({ length: 30 }, (_, place) => `o${String(place).padStart(2, "0")}`);
  for (const [place, name] of names.entries()) api.server.put(name, place < 8 ? 3 * mebibyte : 0);
  const listed = await listNames(listWatch({ pageSize: 20 }));
  expect(listed).toEqual(names.map((name) => `default/${name}`));
  const limits = api.server.requests.map(({ query }) => Number(query.get("limit")));
  expect(limits.slice(0, 3)).toEqual([20, 3, 1]);
  expect(Math.max(...limits.slice(3))).toBeGreaterThan(3);
});

test("an object that is larger than a page is a page by itself", async () => {
  api.server.put("a", 7 * 1024 * 1024);
  api.server.put("b");
  expect(await listNames(listWatch({ pageSize: 500 }))).toEqual(["default/a", "default/b"]);
  const limits = api.server.requests.map(({ query }) => Number(query.get("limit")));
  expect(limits).toEqual([500, 63, 8, 1, 2]);
});

test("an answer without an end is given up: an object by itself is never so large", async () => {
  api.server.put("a", 13 * 1024 * 1024);
  await expect(listNames(listWatch({ pageSize: 2 }))).rejects.toMatchObject({
    code: "K8S_UNAVAILABLE",
    message: expect.stringMatching(
      /^GET \/api\/v1\/configmaps: the answer has more than \d+ bytes/,
    ) as string,
  });
});

test("one namespace, and one name of it, are asked of the server", async () => {
  api.server.put("shop/a");
  api.server.put("other/b");
  expect(await listNames(listWatch({ namespace: "shop", name: "a" }))).toEqual(["shop/a"]);
  expect(api.server.requests[0]?.path).toBe("/api/v1/namespaces/shop/configmaps");
  expect(api.server.requests[0]?.query.get("fieldSelector")).toBe("metadata.name=a");
});

test("only objects with a label are asked of the server", async () => {
  await listNames(listWatch({ label: "poolwarden.dev/policy" }));
  expect(api.server.requests[0]?.query.get("labelSelector")).toBe("poolwarden.dev/policy");
});

test.each([
  { chance: 0, wantSeconds: "290" },
  { chance: 0.999, wantSeconds: "590" },
])("a watch asks for bookmarks and for $wantSeconds s at chance $chance", async (given) => {
  const stop = new AbortController();
  const source = listWatch({ chance: given.chance });
  for await (const event of source.watch("7", stop.signal)) {
    expect(event).toEqual({ type: "bookmark", resourceVersion: "7" });
    break;
  }
  expect(Object.fromEntries(api.server.requests[0]?.query ?? [])).toEqual({
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: given.wantSeconds,
    resourceVersion: "7",
  });
});

test("a continuation that the server forgot is K8S_GONE", async () => {
  for (const name of ["a", "b", "c"]) api.server.put(name);
  const pages = listWatch({ pageSize: 2 }).list(new AbortController().signal);
  const iterator = pages[Symbol.asyncIterator]();
  await iterator.next();
  api.server.put("d");
  api.server.forget();
  await expect(iterator.next()).rejects.toMatchObject({ code: "K8S_GONE" });
});

test("bookmarks and deletions move the position", async () => {
  api.server.put("a");
  const act = once(() => {
    api.server.remove("a");
    api.server.bookmark();
    api.server.endWatches();
  });
  const { keys, error } = await watchUntilEnd(act);
  expect(error).toBeUndefined();
  expect(keys).toEqual(["bookmark", "default/a", "delete", "bookmark", "bookmark"]);
});

const status = (code: number): string =>
  `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code, message: "said so" } })}\n`;

const streamFaults = [
  {
    name: "the server ends the watch",
    act: () => {
      api.server.endWatches();
    },
    wantCode: undefined,
  },
  {
    name: "410 in the stream",
    act: () => {
      api.server.sendRaw(status(410));
    },
    wantCode: "K8S_GONE",
  },
  {
    name: "500 in the stream",
    act: () => {
      api.server.sendRaw(status(500));
    },
    wantCode: "K8S_UNAVAILABLE",
  },
  {
    name: "an error without a code",
    act: () => {
      api.server.sendRaw('{"type":"ERROR"}\n');
    },
  },
  {
    name: "a line that is no JSON",
    act: () => {
      api.server.sendRaw("<html>\n");
    },
  },
  {
    name: "the connection is reset",
    act: () => {
      api.server.resetWatches();
    },
  },
  {
    name: "the stream ends within a line",
    act: () => {
      api.server.sendRaw('{"type":"ADDED","object":{"meta');
      api.server.endWatches();
    },
  },
];

test.each(streamFaults)("watch: $name", async (fault) => {
  const wantCode = "wantCode" in fault ? fault.wantCode : "K8S_UNAVAILABLE";
  const { error } = await watchUntilEnd(once(fault.act));
  if (wantCode === undefined) expect(error).toBeUndefined();
  else expect(error).toMatchObject({ code: wantCode });
});

test("odd events and empty lines are passed over, and the watch goes on", async () => {
  const act = once(() => {
    api.server.sendRaw('\n{"type":"NEW","object":7}\n{}\n[]\n{"type":"ADDED","object":{}}\n');
    api.server.put("a");
    api.server.endWatches();
  });
  const { keys, error } = await watchUntilEnd(act);
  expect(error).toBeUndefined();
  expect(keys).toContain("default/a");
});

test("an event that comes in pieces, cut within a character, is put together", async () => {
  const line = Buffer.from(
    `${JSON.stringify({ type: "ADDED", object: { metadata: { name: "ü", uid: "1" } } })}\n`,
  );
  const cut = line.indexOf(0xc3) + 1;
  const act = once(() => {
    api.server.sendRaw(line.subarray(0, cut));
    setImmediate(() => {
      api.server.sendRaw(line.subarray(cut));
      api.server.endWatches();
    });
  });
  const { keys } = await watchUntilEnd(act);
  expect(keys).toContain("ü");
});

test("a watch that is aborted closes its connection", async () => {
  const stop = new AbortController();
  const events = listWatch().watch("1", stop.signal)[Symbol.asyncIterator]();
  await events.next();
  await waitUntil("the watch to be open", () => api.server.openWatches === 1);
  const next = events.next();
  stop.abort();
  await expect(next).rejects.toMatchObject({ code: "K8S_UNAVAILABLE" });
  await waitUntil("the watch to be closed", () => api.server.openWatches === 0);
});
