// Our writes and single reads on the real API server: what they do to objects that others own as
// well, and which value each refusal becomes.

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import type { Grant, PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { ObservedWorkload } from "../../src/observed.ts";
import type { Cluster, Manifest, Outcome } from "../../src/ports.ts";
import { openClientOf } from "../support/api-client.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { MemoryMetrics } from "../support/memory-log.ts";

const plane = inject("controlPlane");
const namespace = "kubernetes-cluster-test";
const opened = openClientOf(plane.kubeconfigPath);
const metrics = new MemoryMetrics();
const cluster: Cluster = createCluster({
  client: opened.client,
  projections: createProjections(),
  clock: systemClock,
  metrics,
  instance: "poolwarden-0",
});

beforeAll(async () => {
  await kubectl("create", "namespace", namespace);
});

afterAll(async () => {
  await kubectl("delete", "namespace", namespace, "--wait=false");
  await opened.close();
});

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runKubectl(plane, ["-n", namespace, ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function create(object: object, ...args: string[]): Promise<void> {
  const stdin = JSON.stringify(object);
  const { code, stderr } = await runKubectl(plane, ["apply", ...args, "-f", "-"], { stdin });
  if (code !== 0) throw new Error(stderr);
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new Error(`${outcome.kind}: ${outcome.message}`);
}

function deployment(name: string, poolSize: string): Manifest {
  const labels = { app: name };
  const env = [
    { name: "DB_POOL_MAX_SIZE", value: poolSize },
    { name: "LOG_LEVEL", value: "info" },
  ];
  const containers = [{ name: "app", image: "app:1", env }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

function namesOf({ containers }: ObservedWorkload): string[] {
  return containers.flatMap(({ env }) => env.map(({ name }) => name));
}

function ownEntry(name: string, poolSize: string, variable: string = "DB_POOL_MAX_SIZE"): Manifest {
  const containers = [{ name: "app", env: [{ name: variable, value: poolSize }] }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: { template: { spec: { containers } } },
  };
}

describe("server-side apply", () => {
  test("without force another manager's entry is a conflict that names the manager", async () => {
    await create(deployment("taken", "50"), "--server-side", "--field-manager=helm");
    const outcome = await cluster.apply(ownEntry("taken", "12"), { force: false });
    expect(outcome).toMatchObject({ kind: "conflict", managers: ["helm"] });
    const seen = valueOf(await cluster.readWorkload(`${namespace}/Deployment/taken`));
    expect(seen.containers[0]?.env[0]?.value).toBe("50");
  });

  test("kubectl's client-side apply is named as well", async () => {
    await create(deployment("client-side", "50"));
    const outcome = await cluster.apply(ownEntry("client-side", "12"), { force: false });
    expect(outcome).toMatchObject({ kind: "conflict", managers: ["kubectl-client-side-apply"] });
  });

  test("with force we own exactly our entry, and everything else stays", async () => {
    await create(deployment("forced", "50"), "--server-side", "--field-manager=helm");
    valueOf(await cluster.apply(ownEntry("forced", "12"), { force: true }));
    const seen = valueOf(await cluster.readWorkload(`${namespace}/Deployment/forced`));
    expect(seen.containers).toEqual([
      {
        name: "app",
        env: [
          { name: "DB_POOL_MAX_SIZE", value: "12" },
          { name: "LOG_LEVEL", value: "info" },
        ],
        envFrom: [],
      },
    ]);
    // The value is ours; that there is such an entry, helm still says too.
    expect(seen.envManagers).toEqual({
      "app/DB_POOL_MAX_SIZE": ["helm", "poolwarden"],
      "app/LOG_LEVEL": ["helm"],
    });
  });

  test("an entry that only we named is gone when we no longer name it", async () => {
    const { apiVersion, kind, metadata } = deployment("added", "");
    await create(deployment("added", "50"), "--server-side", "--field-manager=helm");
    valueOf(await cluster.apply(ownEntry("added", "12", "PGPOOL"), { force: true }));
    const before = valueOf(await cluster.readWorkload(`${namespace}/Deployment/added`));
    expect(before.envManagers["app/PGPOOL"]).toEqual(["poolwarden"]);
    valueOf(await cluster.apply({ apiVersion, kind, metadata }, { force: true }));
    const seen = valueOf(await cluster.readWorkload(`${namespace}/Deployment/added`));
    expect(namesOf(seen)).toEqual(["DB_POOL_MAX_SIZE", "LOG_LEVEL"]);
  });

  test("letting go of an entry that was taken over leaves it without a value", async () => {
    const { apiVersion, kind, metadata } = deployment("released", "");
    await create(deployment("released", "50"), "--server-side", "--field-manager=helm");
    valueOf(await cluster.apply(ownEntry("released", "12"), { force: true }));
    valueOf(await cluster.apply({ apiVersion, kind, metadata }, { force: true }));
    const seen = valueOf(await cluster.readWorkload(`${namespace}/Deployment/released`));
    expect(seen.containers[0]?.env[0]).toEqual({ name: "DB_POOL_MAX_SIZE", value: "" });
  });

  test("writing what stands there already makes no new generation", async () => {
    await create(deployment("same", "50"));
    const key = `${namespace}/Deployment/same`;
    await cluster.apply(ownEntry("same", "12"), { force: true });
    const { generation } = valueOf(await cluster.readWorkload(key));
    valueOf(await cluster.apply(ownEntry("same", "12"), { force: true }));
    expect(valueOf(await cluster.readWorkload(key)).generation).toBe(generation);
  });

  test("what the server does not accept is invalid, and says which field", async () => {
    await create(deployment("refused", "50"));
    const manifest = { ...ownEntry("refused", "12"), spec: { replicas: -1 } };
    const outcome = await cluster.apply(manifest, { force: true });
    expect(outcome).toMatchObject({ kind: "invalid" });
    expect(outcome.kind === "ok" ? "" : outcome.message).toContain("spec.replicas");
  });

  test("an API that is not installed is absent", async () => {
    const metadata = { name: "orders", namespace };
    const rule = { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", metadata };
    expect(await cluster.apply(rule, { force: true })).toMatchObject({ kind: "absent" });
    expect(await cluster.remove(rule)).toEqual({ kind: "ok", value: undefined });
  });

  test("removing removes, and once more is done as well", async () => {
    await create(deployment("removed", "50"));
    expect((await cluster.remove(deployment("removed", ""))).kind).toBe("ok");
    const workload = await cluster.readWorkload(`${namespace}/Deployment/removed`);
    expect(workload.kind).toBe("absent");
    expect((await cluster.remove(deployment("removed", ""))).kind).toBe("ok");
  });

  test("every write is counted with its outcome", () => {
    expect(metrics.counts.get("poolwarden_writes_total Deployment ok")).toBeGreaterThan(5);
    expect(metrics.counts.get("poolwarden_writes_total Deployment conflict")).toBe(2);
  });
});

function grant(poolSize: number): Grant {
  return {
    container: "app",
    poolSize,
    env: [{ name: "DB_POOL_MAX_SIZE", value: String(poolSize) }],
  };
}

async function createPolicy(name: string): Promise<string> {
  await create({
    apiVersion: "poolwarden.dev/v1alpha1",
    kind: "PoolPolicy",
    metadata: { name, namespace },
    spec: {
      database: { secretRef: { name: "orders-db" } },
      workloads: [{ selector: { matchLabels: { app: "web" } } }],
    },
  });
  return await kubectl("get", "pp", name, "-o", "jsonpath={.metadata.resourceVersion}");
}

async function statusOf(name: string): Promise<PoolPolicyStatus> {
  return JSON.parse(
    await kubectl("get", "pp", name, "-o", "jsonpath={.status}"),
  ) as PoolPolicyStatus;
}

describe("status", () => {
  test("a grant that the new status does not have is gone", async () => {
    const first = await createPolicy("replaced");
    const grants = { "Deployment/web": grant(6), "Deployment/batch": grant(20) };
    const written = await cluster.writeStatus(`${namespace}/replaced`, first, {
      grants,
      budget: 9,
    });
    const second = valueOf(written).resourceVersion;
    const less = { grants: { "Deployment/web": grant(7) } };
    valueOf(await cluster.writeStatus(`${namespace}/replaced`, second, less));
    expect(await statusOf("replaced")).toEqual(less);
  });

  test("a status that was decided on an old version is a conflict and changes nothing", async () => {
    const version = await createPolicy("conflicting");
    valueOf(await cluster.writeStatus(`${namespace}/conflicting`, version, { budget: 1 }));
    const outcome = await cluster.writeStatus(`${namespace}/conflicting`, version, { budget: 2 });
    expect(outcome).toMatchObject({ kind: "conflict", managers: [] });
    expect(await statusOf("conflicting")).toEqual({ budget: 1 });
  });

  test("the spec, labels and annotations stay as they are", async () => {
    await createPolicy("kept");
    await kubectl("label", "pp", "kept", "team=orders");
    const version = await kubectl(
      "get",
      "pp",
      "kept",
      "-o",
      "jsonpath={.metadata.resourceVersion}",
    );
    const specBefore = await kubectl("get", "pp", "kept", "-o", "jsonpath={.spec}");
    valueOf(await cluster.writeStatus(`${namespace}/kept`, version, { budget: 1 }));
    expect(await kubectl("get", "pp", "kept", "-o", "jsonpath={.spec}")).toBe(specBefore);
    const labels = await kubectl("get", "pp", "kept", "-o", "jsonpath={.metadata.labels}");
    expect(JSON.parse(labels)).toEqual({ team: "orders" });
  });

  test("the status of a policy that is gone is absent", async () => {
    expect((await cluster.writeStatus(`${namespace}/none`, "1", {})).kind).toBe("absent");
  });

  test("a status that the schema refuses is invalid", async () => {
    const version = await createPolicy("refused");
    const outcome = await cluster.writeStatus(`${namespace}/refused`, version, { used: -1 });
    expect(outcome.kind).toBe("invalid");
  });
});

describe("reading by name", () => {
  test("a secret's keys that are asked for are decoded; the same secret has the same version", async () => {
    const literals = ["uri=postgres://ü@h/d", "unasked=x"].map((one) => `--from-literal=${one}`);
    await kubectl("create", "secret", "generic", "orders-db", ...literals);
    const read = (): ReturnType<Cluster["readData"]> =>
      cluster.readData("Secret", namespace, "orders-db", ["uri", "__proto__"]);
    const first = valueOf(await read());
    expect(first.data).toEqual({ uri: "postgres://ü@h/d" });
    expect(valueOf(await read()).resourceVersion).toBe(first.resourceVersion);
  });

  test("a ConfigMap is read as it is, an empty one is empty", async () => {
    await kubectl("create", "configmap", "pool", "--from-literal=max=12");
    await kubectl("create", "configmap", "empty");
    const read = async (name: string): Promise<unknown> =>
      valueOf(await cluster.readData("ConfigMap", namespace, name, ["max"])).data;
    expect(await read("pool")).toEqual({ max: "12" });
    expect(await read("empty")).toEqual({});
  });

  test("a secret that is missing is absent", async () => {
    expect((await cluster.readData("Secret", namespace, "none", ["uri"])).kind).toBe("absent");
  });
});

describe("events", () => {
  test("an event is shown under its object by kubectl describe", async () => {
    await createPolicy("told");
    const uid = await kubectl("get", "pp", "told", "-o", "jsonpath={.metadata.uid}");
    const apiVersion = "poolwarden.dev/v1alpha1";
    const regarding = { apiVersion, kind: "PoolPolicy", namespace, name: "told", uid };
    const event = { type: "Normal", reason: "GrantChanged", action: "Grant" } as const;
    const message = `web 3→6 replicas: pool size 20→10, 60 of 180 slots${"→".repeat(2_000)}`;
    expect(await cluster.createEvent({ ...event, regarding, message })).toMatchObject({
      kind: "ok",
    });
    const description = await kubectl("describe", "pp", "told");
    expect(description).toContain("GrantChanged");
    expect(description).toContain("web 3→6 replicas: pool size 20→10");
  });
});
