// A release is one patch: the size comes and the gate goes, or neither.

import { expect, test } from "vitest";
import type { Client } from "../../../../src/adapters/kubernetes/client.ts";
import { releasePod } from "../../../../src/adapters/kubernetes/release-pod.ts";

const pod = { key: "shop/web-1", uid: "uid-of-web-1" };
const annotations = { "poolwarden.dev/pool-size": "7" };

async function patchOf(gate: { place: number; isBare?: true }): Promise<unknown> {
  const sent: unknown[] = [];
  const client = {
    request: (_method, _path, options) => {
      sent.push(options?.body);
      return Promise.resolve({});
    },
    stream: () => Promise.reject(new Error("nothing is watched")),
  } satisfies Client;
  await releasePod(client, pod, { gate, annotations });
  expect(sent).toHaveLength(1);
  return sent[0];
}

test("one patch: the same pod, the same gate, which goes, and the size", async () => {
  expect(await patchOf({ place: 1 })).toEqual([
    { op: "test", path: "/metadata/uid", value: "uid-of-web-1" },
    { op: "test", path: "/spec/schedulingGates/1/name", value: "poolwarden.dev/slots" },
    { op: "remove", path: "/spec/schedulingGates/1" },
    { op: "add", path: "/metadata/annotations/poolwarden.dev~1pool-size", value: "7" },
  ]);
});

test("of a pod without annotations it makes a place for them first", async () => {
  const patch = await patchOf({ place: 0, isBare: true });
  expect(patch).toContainEqual({ op: "add", path: "/metadata/annotations", value: {} });
});
