// Which revision of a Deployment is the newest, told by its ReplicaSets: watched as metadata alone,
// on the real API server with the real deployment controller.

import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createListWatch } from "../../src/adapters/kubernetes/list-watch.ts";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import type { ObservedReplicaSet } from "../../src/observed.ts";
import { openClientOf } from "../support/api-client.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { waitUntil } from "../support/processes.ts";

const plane = inject("controlPlane");
const namespace = "replica-sets-test";
const opened = openClientOf(plane.kubeconfigPath);
const stopping = new AbortController();
const seen = new Map<string, ObservedReplicaSet>();

beforeAll(async () => {
  await kubectl("create", "namespace", namespace);
  follow().catch(() => undefined);
});

afterAll(async () => {
  stopping.abort();
  await kubectl("delete", "namespace", namespace, "--wait=false");
  await opened.close();
});

test("a deploy makes a newer revision, and undoing it makes the old one the newest again", async () => {
  await kubectl("create", "deployment", "web", "--image=app:1");
  const first = await newestAfter(undefined);
  await kubectl("set", "image", "deployment/web", "app=app:2");
  const second = await newestAfter(first);
  await kubectl("rollout", "undo", "deployment/web");
  expect(await newestAfter(second)).toBe(first);
});

async function newestAfter(revision: string | undefined): Promise<string> {
  await waitUntil("another revision is the newest", () => newest() !== revision);
  return newest() ?? "";
}

function newest(): string | undefined {
  const sets = [...seen.values()].filter(({ workload }) => workload?.endsWith("/Deployment/web"));
  return sets.sort((a, b) => b.revisionNumber - a.revisionNumber)[0]?.revision;
}

async function follow(): Promise<void> {
  const source = createListWatch({
    client: opened.client,
    random: { next: () => 0 },
    clock: systemClock,
    kind: "ReplicaSet",
    namespace,
    project: createProjections().replicaSet,
    metadataOnly: true,
  });
  let position = "";
  for await (const page of source.list(stopping.signal)) {
    for (const object of page.objects) seen.set(object.key, object);
    position = page.resourceVersion;
  }
  for await (const event of source.watch(position, stopping.signal)) {
    if (event.type === "set") seen.set(event.object.key, event.object);
  }
}

async function kubectl(...args: string[]): Promise<void> {
  const { code, stderr } = await runKubectl(plane, ["-n", namespace, ...args]);
  if (code !== 0) throw new Error(stderr);
}
