// What `poolwarden plan --against-cluster` takes for a change is what the API server takes for one:
// its defaults and its form of a manifest are none, and a field that is said no more is one. Both
// ways of `kubectl apply`, on a real control plane.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Fleet } from "../support/fleet.ts";
import { openFleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { answerOn, liveFleet } from "../support/plan-setup.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";

const namespace = "plan-taken-back";
const plane = inject("controlPlane");
let fleet: Fleet;

beforeAll(async () => {
  await ensureAdmissionWorks(plane);
  fleet = await openFleet({ kubectl: plane, namespace, runtime: createInstantRuntime() });
});

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

/** With all that a chart writes and the API server writes in another way, or not at all. */
function rich(name: string): { spec: { replicas?: number; template: { spec: object } } } & object {
  const labels = { app: name };
  const container = {
    ...{ name: "app", image: "shop/app:1", command: [], args: [], tty: false },
    env: [
      { name: "DB_POOL_MAX_SIZE", value: "50" },
      { name: "EMPTY", value: "" },
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ],
    ports: [{ name: "http", containerPort: 8080 }],
    resources: {
      limits: { cpu: "1000m", memory: "1024Mi" },
      requests: { cpu: 0.5, memory: "1073741824" },
    },
    livenessProbe: { httpGet: { path: "/", port: "http" }, initialDelaySeconds: 0 },
    lifecycle: null,
    volumeMounts: [
      { name: "cache", mountPath: "/a", readOnly: false },
      { name: "cache", mountPath: "/b", subPath: "b" },
    ],
    securityContext: {},
  };
  const podSpec = {
    ...{ nodeSelector: {}, tolerations: [], affinity: {}, securityContext: {} },
    ...{ hostNetwork: false, imagePullSecrets: [], initContainers: [] },
    containers: [container],
    volumes: [{ name: "cache", emptyDir: { sizeLimit: "0.5Gi" } }],
  };
  const template = { metadata: { labels, annotations: {} }, spec: podSpec };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } },
    spec: { replicas: 3, selector: { matchLabels: labels }, template },
  } as ReturnType<typeof rich>;
}

const policy = {
  ...{ apiVersion: "poolwarden.dev/v1alpha1", kind: "PoolPolicy" },
  metadata: { name: "orders", namespace },
  spec: {
    database: { address: "taken.db.invalid:5432", maxConnections: 100 },
    workloads: [{ name: "client" }, { name: "server" }],
  },
};

async function stepsOf(...objects: readonly object[]): Promise<string[]> {
  const { steps = [] } = await answerOn(
    objects.map((one) => JSON.stringify(one)).join("\n---\n"),
    ["--against-cluster"],
    { fleet: await liveFleet(plane.kubeconfigPath) },
  );
  return steps
    .filter(({ by }) => by === "apply")
    .map(({ object, message }) => `${object} ${message}`);
}

describe.each([
  { name: "client", flags: "--server-side=false" },
  { name: "server", flags: "--server-side --force-conflicts" },
])("of what kubectl apply $flags has left", ({ name, flags }) => {
  const apply = (object: object): Promise<string> =>
    fleet.kubectl(`apply ${flags} -f -`, JSON.stringify(object));
  const object = `Deployment ${namespace}/${name}`;

  it("the same manifests change nothing", async () => {
    await apply(policy);
    await apply(rich(name));
    expect(await stepsOf(policy, rich(name))).toEqual([]);
  });

  it("a field that is said no more is another template, and the API server thinks so too", async () => {
    const before = await generation();
    const without = rich(name);
    const [container] = (without.spec.template.spec as { containers: object[] }).containers;
    Reflect.deleteProperty(container ?? {}, "livenessProbe");
    expect(await stepsOf(without)).toEqual([
      `${object} gets another template, which replaces its pods`,
    ]);
    await apply(without);
    expect(await generation()).toBe(before + 1);
    expect(await stepsOf(without)).toEqual([]);
  });

  it("replicas that are said no more become 1, as the API server makes them", async () => {
    await apply(rich(name));
    const without = rich(name);
    Reflect.deleteProperty(without.spec, "replicas");
    const [step] = await stepsOf(without);
    expect(step).toContain(`${object} is scaled from 3 to 1 pod: its manifest no longer says`);
    await apply(without);
    expect(await fleet.kubectl(`get deployment ${name} -o jsonpath={.spec.replicas}`)).toBe("1");
  });

  it("replicas that no manifest has said stay as somebody else has scaled them", async () => {
    const without = rich(name);
    Reflect.deleteProperty(without.spec, "replicas");
    await fleet.kubectl(`scale deployment ${name} --replicas=2`);
    expect(await stepsOf(without)).toEqual([]);
    await apply(without);
    expect(await fleet.kubectl(`get deployment ${name} -o jsonpath={.spec.replicas}`)).toBe("2");
  });

  async function generation(): Promise<number> {
    return Number(await fleet.kubectl(`get deployment ${name} -o jsonpath={.metadata.generation}`));
  }
});
