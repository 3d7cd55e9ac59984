// Our client on a real API server of its own, which is killed and restarted: the contract of list
// and watch, and what is said of a server that is away or that does not know us.

import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { ApiError } from "../../src/adapters/kubernetes/api-error.ts";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import type { Cluster, Manifest } from "../../src/ports.ts";
import { testListWatch } from "../contract/kubernetes/list-watch.contract.ts";
import { openClientOf } from "../support/api-client.ts";
import type { OpenClient } from "../support/api-client.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { MemoryMetrics } from "../support/memory-log.ts";

const namespace = "default";
let plane: ControlPlane;
let opened: OpenClient;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: [] });
  opened = openClientOf(plane.kubeconfigPath);
});

afterAll(async () => {
  await opened.close();
  await plane.stop();
});

function openCluster({ client }: OpenClient): Cluster {
  const projections = createProjections();
  const metrics = new MemoryMetrics();
  return createCluster({ client, projections, clock: systemClock, metrics, instance: "test" });
}

function configMap(name: string, version: string, bytes = 0): Manifest {
  const data = { version, text: "x".repeat(bytes) };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
}

describe("list and watch", () => {
  testListWatch(() => {
    let version = 0;
    const cluster = openCluster(opened);
    const done = async (outcome: Promise<{ readonly kind: string }>): Promise<void> => {
      expect((await outcome).kind).toBe("ok");
    };
    return Promise.resolve({
      client: opened.client,
      namespace,
      put: (name, bytes) =>
        done(cluster.apply(configMap(name, String(++version), bytes), { force: true })),
      remove: (name) => done(cluster.remove(configMap(name, ""))),
      goAway: () => plane.stopApiServer(),
      comeBack: () => plane.startApiServer(),
      close: () => Promise.resolve(),
    });
  });
});

describe("a server that is away", () => {
  test("a write is of unknown outcome, and works again without a new client", async () => {
    const cluster = openCluster(opened);
    await plane.stopApiServer();
    const outcome = await cluster.apply(configMap("away", "1"), { force: true });
    await plane.startApiServer();
    expect(outcome.kind).toBe("unavailable");
    expect((await cluster.apply(configMap("away", "1"), { force: true })).kind).toBe("ok");
  });
});

describe("what is refused", () => {
  test("a secret that we may not read is forbidden, and the message says who may not", async () => {
    const kubeconfig = join(dirname(plane.kubeconfigPath), "nobody");
    await writeFile(kubeconfig, await plane.addUser({ name: "nobody", groups: [] }), {
      mode: 0o600,
    });
    const stranger = openClientOf(kubeconfig);
    const outcome = await openCluster(stranger).readData("Secret", namespace, "any", ["uri"]);
    await stranger.close();
    expect(outcome).toMatchObject({ kind: "forbidden" });
    expect(outcome.kind === "ok" ? "" : outcome.message).toContain('User "nobody" cannot get');
  });

  test("an error carries what the server said and never what we sent", async () => {
    const body = { apiVersion: "v1", kind: "Secret", data: { uri: "not base64 of hunter2" } };
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const error: unknown = await opened.client
      .request("POST", path, { body })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(String(error)).not.toContain("hunter2");
  });
});
