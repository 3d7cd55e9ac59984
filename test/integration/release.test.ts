// Letting go of a workload, on the real API server: what we wrote stays, nothing rolls out, and
// whoever comes next meets nobody.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import type { Client } from "../../src/adapters/kubernetes/client.ts";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import type { Cluster } from "../../src/ports.ts";
import { openClientOf } from "../support/api-client.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { MemoryMetrics } from "../support/memory-log.ts";
import { waitUntil } from "../support/processes.ts";
import { openTemplateBench, wishOf } from "../support/template.ts";
import type { TemplateBench } from "../support/template.ts";
import { buildWorkload } from "../support/workloads.ts";

const namespace = "release";
const other = { name: "OTHER", value: "kept" };
const theirs = { name: "DB_POOL_MAX_SIZE", value: "50" };
const ours = [
  { name: "DB_POOL_MIN_SIZE", value: "1" },
  { name: "DB_POOL_MAX_SIZE", value: "6" },
];
const plane = inject("controlPlane");
const opened = openClientOf(plane.kubeconfigPath);
const cluster = clusterOver(opened.client);
let bench: TemplateBench;

beforeAll(async () => {
  bench = await openTemplateBench(plane, namespace);
});

afterAll(async () => {
  bench.rest.close();
  await opened.close();
});

function clusterOver(client: Client): Cluster {
  const projections = createProjections();
  const metrics = new MemoryMetrics();
  return createCluster({ client, projections, clock: systemClock, metrics, instance: "test" });
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${namespace}/${kind}/${metadata.name ?? ""}`;
}

/** Again where the Deployment's own controller wrote in between, as the operator does. */
async function release(workload: KubernetesObject): Promise<boolean> {
  let outcome: Awaited<ReturnType<Cluster["release"]>> | undefined;
  await waitUntil("nobody writes in between", async () => {
    outcome = await cluster.release(keyOf(workload));
    return outcome.kind !== "conflict";
  });
  if (outcome?.kind !== "ok") throw new Error(outcome?.message ?? "nothing was tried");
  return outcome.value;
}

async function managersOf(workload: KubernetesObject): Promise<unknown[]> {
  const live = (await bench.rest.get(workload)).body;
  return readList(live, "metadata", "managedFields").map((entry) => read(entry, "manager"));
}

async function generationOf(workload: KubernetesObject): Promise<unknown> {
  return read((await bench.rest.get(workload)).body, "metadata", "generation");
}

it.each(["kubectl", "helm"] as const)("entries taken over from %s stay", async (manager) => {
  const workload = await bench.createAs(manager, `from-${manager}`, { env: [theirs, other] });
  await bench.deliver(workload, wishOf(6, { rolledAt: "2026-01-01T00:00:00Z", reverts: 2 }));
  const before = await bench.templateOf(workload);
  const generation = await generationOf(workload);

  expect(await release(workload)).toBe(true);

  expect(await bench.templateOf(workload)).toEqual(before);
  expect(await generationOf(workload)).toBe(generation);
  expect(await managersOf(workload)).not.toContain("poolwarden");
  expect((await bench.readLive(workload)).ownedByUs).not.toBe(true);
});

it("what the template held before it was taken over stays known until its owner says less", async () => {
  const workload = await bench.createAs("helm", "found", { env: [theirs] });
  await bench.deliver(workload, wishOf(6, { foundPoolSize: 300 }));
  await release(workload);
  const found = { "poolwarden.dev/found-pool-size": "300" };
  expect((await bench.readLive(workload)).annotations).toEqual(found);

  await bench.applyAs("helm", workload);
  await bench.deliver(workload, wishOf(6));

  const none = { "poolwarden.dev/found-pool-size": "0" };
  expect((await bench.readLive(workload)).annotations).toEqual(none);
});

it("the owner's next apply meets no conflict and puts its own value back", async () => {
  const workload = await bench.createAs("helm", "next-apply", { env: [theirs] });
  await bench.deliver(workload, wishOf(6));
  const refused = await bench.applyAs("helm", workload);
  await release(workload);

  const taken = await bench.applyAs("helm", workload);

  expect(refused.stderr).toContain('conflict with "poolwarden"');
  expect(taken).toMatchObject({ code: 0 });
  expect(await bench.entriesOf(workload)).toContainEqual(theirs);
});

it("an owner who no longer lists the entry leaves it as it is", async () => {
  const workload = await bench.createAs("kubectl", "let-go", { env: [theirs, other] });
  await bench.deliver(workload, wishOf(6));
  await release(workload);

  await bench.applyAs("kubectl", bench.withEnv(workload, [other]));

  // kubectl takes away what its last manifest had; our minimum was never in it.
  expect(new Set(await bench.entriesOf(workload))).toEqual(new Set([other, ours[0]]));
});

it("entries that only we own stay too, and are nobody's", async () => {
  const workload = await bench.createAs("kubectl", "only-ours", { env: [other] });
  await bench.deliver(workload, wishOf(6));

  await release(workload);

  expect(new Set(await bench.entriesOf(workload))).toEqual(new Set([...ours, other]));
  const { envManagers } = await bench.readLive(workload);
  expect(envManagers["app/DB_POOL_MAX_SIZE"]).toBe(undefined);
});

it("a workload that nobody but us has ever written keeps everything", async () => {
  const workload = buildWorkload("Deployment", namespace, "ours-alone", { env: [...ours] });
  await bench.rest.apply(workload);

  expect(await release(workload)).toBe(true);

  expect(await managersOf(workload)).not.toContain("poolwarden");
  expect(await bench.entriesOf(workload)).toEqual(ours);
});

it("we can take it again, without a rollout if the size is the same", async () => {
  const workload = await bench.createAs("kubectl", "again", { env: [theirs] });
  await bench.deliver(workload, wishOf(6));
  await release(workload);
  const generation = await generationOf(workload);

  await bench.deliver(workload, wishOf(6));

  expect(await generationOf(workload)).toBe(generation);
  expect(await managersOf(workload)).toContain("poolwarden");
});

it("a StatefulSet is released like a Deployment", async () => {
  const workload = buildWorkload("StatefulSet", namespace, "db", { env: [theirs] });
  await bench.rest.create(workload);
  await bench.deliver(workload, wishOf(6));

  expect(await release(workload)).toBe(true);
  expect(await managersOf(workload)).not.toContain("poolwarden");
});

it("what is not ours is not written, and what is gone is done", async () => {
  const workload = await bench.createAs("kubectl", "theirs", { env: [theirs] });
  const methods: string[] = [];
  const reading = clusterOver({
    ...opened.client,
    request: async (method, path, options) => {
      methods.push(method);
      return await opened.client.request(method, path, options);
    },
  });

  for (const key of [keyOf(workload), `${namespace}/Deployment/absent`]) {
    expect(await reading.release(key)).toEqual({ kind: "ok", value: false });
  }
  expect(methods).toEqual(["GET", "GET"]);
});

it("somebody who writes in between wins: nothing of theirs is undone", async () => {
  const workload = await bench.createAs("kubectl", "raced", { env: [theirs] });
  await bench.deliver(workload, wishOf(6));
  const raced = clusterOver({
    ...opened.client,
    request: async (method, path, options) => {
      if (method === "PATCH") await bench.rest.merge(workload, { spec: { replicas: 2 } });
      return await opened.client.request(method, path, options);
    },
  });

  const outcome = await raced.release(keyOf(workload));

  expect(outcome.kind).toBe("conflict");
  expect(await managersOf(workload)).toContain("poolwarden");
});
