// Pods that entries pick by labels, on a real API server: whatever made them gets its size, in the
// container that reads it, and only once.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { poolSizeAnnotation, poolSizeAnnotationOf } from "../../src/api/group.ts";
import {
  buildPolicy,
  deploymentPod,
  envOf,
  type Grant,
  grantOf,
  installAdmissionPolicy,
  type PodParts,
  publishGrants,
  sizeOf,
  tryPod,
  waitUntilSized,
} from "../support/admission.ts";
import { connectRest, type KubernetesRest, read } from "../support/kubernetes-rest.ts";

const namespace = "admission-pods";
const size = (value: string, name = "DB_POOL_MAX_SIZE"): { name: string; value: string } => {
  return { name, value };
};
const anywhere = (poolSize: number, env?: Grant["env"]): Grant => {
  return { ...grantOf(poolSize, env), container: "" };
};
const reports = anywhere(3, [size("3", "REPORTS_POOL_SIZE")]);
const picking = (matchLabels: object, more: object = {}): object => {
  return { pods: { matchLabels }, maxPods: 3, ...more };
};
const nightly = { app: "nightly" };
const job = { apiVersion: "batch/v1", kind: "Job", name: "nightly-1" };
const nightlyPod: PodParts = { owner: job, labels: nightly, containers: [{ name: "base" }] };

const workloads = [
  picking(nightly),
  picking(nightly, { pool: "reports", env: { maxSize: "REPORTS_POOL_SIZE" } }),
  picking({ counted: "yes" }, { manage: "Count", name: "counted" }),
  picking({ team: "shop" }, { name: "wide" }),
  picking({ tier: "batch", "app.kubernetes.io/name": "import" }),
  picking({ boxed: "yes" }, { container: "box" }),
  { name: "named" },
];
const grants = {
  "Pods/orders:nightly": anywhere(12),
  "Pods/orders:nightly/reports": reports,
  "Pods/orders:wide": anywhere(8),
  "Pods/orders:import": anywhere(6),
  "Pods/orders:yes": { ...grantOf(5), container: "box" },
  "Deployment/web": grantOf(20),
};

let rest: KubernetesRest;

beforeAll(async () => {
  rest = await connectRest(inject("controlPlane").kubeconfigPath);
  await rest.createNamespace(namespace);
  await installAdmissionPolicy(rest);
  const orders = buildPolicy(namespace, "orders", { workloads });
  const others = buildPolicy(namespace, "others", { workloads: [picking({ both: "yes" })] });
  for (const policy of [orders, others])
    expect(await rest.create(policy)).toMatchObject({ status: 201 });
  await publishGrants(rest, orders, grants);
  await publishGrants(rest, others, { "Pods/others:yes": anywhere(4) });
  await waitUntilSized(rest, namespace, { parts: nightlyPod, wantAnnotation: "12" });
  const ofOthers = { parts: { labels: { both: "yes" } }, wantAnnotation: "4" };
  await waitUntilSized(rest, namespace, ofOthers);
});

afterAll(() => {
  rest.close();
});

describe("a pod with the labels of an entry is sized, whatever made it", () => {
  const owners = [
    { name: "a Job", owner: job },
    { name: "nobody", owner: undefined },
    { name: "a DaemonSet", owner: { apiVersion: "apps/v1", kind: "DaemonSet", name: "agent" } },
    {
      name: "a driver, which is a pod itself",
      owner: { apiVersion: "v1", kind: "Pod", name: "driver" },
    },
    {
      name: "the set of an operator",
      owner: { apiVersion: "core.strimzi.io/v1beta2", kind: "StrimziPodSet", name: "connect" },
    },
    {
      name: "a CloneSet",
      owner: { apiVersion: "apps.kruise.io/v1alpha1", kind: "CloneSet", name: "web" },
    },
    {
      name: "a StatefulSet of another group, although one of apps has a grant",
      owner: { apiVersion: "apps.kruise.io/v1beta1", kind: "StatefulSet", name: "db" },
    },
    {
      name: "a ReplicaSet alone",
      owner: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "runner-abc" },
    },
    {
      name: "an Argo Rollout",
      owner: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d4f8" },
      labels: { "rollouts-pod-template-hash": "5d4f8" },
    },
    {
      name: "a Deployment without a grant, such as that of a Knative revision",
      owner: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "orders-3-5d4f8" },
      labels: { "pod-template-hash": "5d4f8" },
    },
  ];
  it.each(owners)("$name", async ({ owner, labels = {} }) => {
    const { status, body } = await tryPod(rest, namespace, {
      labels: { ...nightly, ...labels },
      ...(owner && { owner }),
      containers: [{ name: "base", env: [size("50"), size("kept", "OTHER")] }],
    });
    expect(status).toBe(201);
    expect(sizeOf(body)).toBe("12");
    expect(envOf(body, "base")).toEqual([
      ...grantOf(12).env,
      ...reports.env,
      size("kept", "OTHER"),
    ]);
    expect(read(body, "metadata", "annotations", poolSizeAnnotationOf("reports"))).toBe("3");
  });
});

interface Row {
  readonly name: string;
  readonly pod: PodParts;
  readonly want: string | undefined;
  /** Where the variable is written. */
  readonly container?: string;
}

const rows: readonly Row[] = [
  { name: "without labels", pod: { owner: job }, want: undefined },
  { name: "with another value", pod: { labels: { app: "other" } }, want: undefined },
  { name: "with one of two labels", pod: { labels: { tier: "batch" } }, want: undefined },
  {
    name: "with both, called by the label that comes first",
    pod: { labels: { tier: "batch", "app.kubernetes.io/name": "import", more: "x" } },
    want: "6",
  },
  {
    name: "that two entries pick: the first",
    pod: { labels: { ...nightly, team: "shop" } },
    want: "12",
  },
  {
    name: "that an entry only counts, although a later one would size it",
    pod: { labels: { counted: "yes", team: "shop" } },
    want: undefined,
  },
  {
    name: "of a Deployment with a grant: its own",
    pod: { ...deploymentPod("web"), labels: { ...nightly, "pod-template-hash": "5d4f8" } },
    want: "20",
  },
  {
    name: "of a workload that an entry names, and that has no grant",
    pod: { ...deploymentPod("named"), labels: { ...nightly, "pod-template-hash": "5d4f8" } },
    want: undefined,
  },
  {
    name: "that says a size already, as pods of a template that was written do",
    pod: { labels: nightly, annotations: { [poolSizeAnnotation]: "7" } },
    want: "7",
  },
  { name: "that a kubelet shows", pod: { labels: nightly, mirrorOn: "node" }, want: undefined },
  {
    name: "whose variable holds no number",
    pod: { labels: { team: "shop" }, containers: [{ name: "app", env: [size("postgres://db")] }] },
    want: undefined,
  },
  {
    name: "with a container that sets the variable",
    pod: {
      labels: { team: "shop" },
      containers: [{ name: "wait" }, { name: "main", env: [size("50")] }],
    },
    want: "8",
    container: "main",
  },
  {
    name: "with two that set it",
    pod: {
      labels: { team: "shop" },
      containers: ["wait", "main"].map((name) => ({ name, env: [size("50")] })),
    },
    want: undefined,
  },
  {
    name: "with two, of which none sets it",
    pod: { labels: { team: "shop" }, containers: [{ name: "wait" }, { name: "main" }] },
    want: undefined,
  },
  {
    name: "with a sidecar that sets it",
    pod: {
      labels: { team: "shop" },
      initContainers: [{ name: "pooler", restartPolicy: "Always", env: [size("50")] }],
    },
    want: "8",
    container: "pooler",
  },
  {
    name: "with an init container that sets it, and ends",
    pod: {
      labels: { team: "shop" },
      initContainers: [{ name: "migrate", env: [size("50")] }],
    },
    want: "8",
    container: "app",
  },
  {
    name: "with the container that the entry names",
    pod: {
      labels: { boxed: "yes" },
      containers: [{ name: "box" }, { name: "b", env: [size("9")] }],
    },
    want: "5",
    container: "box",
  },
  {
    name: "without the container that the entry names",
    pod: { labels: { boxed: "yes" } },
    want: undefined,
  },
];

function holdersOf(body: unknown): readonly string[] {
  const fields = ["containers", "initContainers"] as const;
  const all = fields.flatMap((field) => (read(body, "spec", field) ?? []) as { name: string }[]);
  const sized = sizeOf(body);
  return all
    .filter((one) => {
      const env = (read(one, "env") ?? []) as readonly { name: string; value?: string }[];
      return env.some(({ name, value }) => name === "DB_POOL_MAX_SIZE" && value === sized);
    })
    .map(({ name }) => name);
}

describe("a pod", () => {
  it.each(rows)("$name", async ({ pod, want, container }) => {
    const { status, body } = await tryPod(rest, namespace, pod);
    expect(status).toBe(201);
    expect(sizeOf(body)).toBe(want);
    if (container !== undefined) expect(holdersOf(body)).toEqual([container]);
  });

  it("that two policies pick gets one size", async () => {
    const labels = { ...nightly, both: "yes" };
    const { status, body } = await tryPod(rest, namespace, { owner: job, labels });
    expect(status).toBe(201);
    expect(["4", "12"]).toContain(sizeOf(body));
    expect(holdersOf(body)).toEqual(["app"]);
  });

  it("with a large environment is sized as any other", async () => {
    const env = Array.from({ length: 300 }, (_, at) => size("x".repeat(1_000), `OTHER_${at}`));
    const { status, body } = await tryPod(rest, namespace, {
      labels: { team: "shop" },
      containers: [
        { name: "wait", env },
        { name: "main", env: [size("50"), ...env] },
      ],
    });
    expect(status).toBe(201);
    expect(sizeOf(body)).toBe("8");
    expect(holdersOf(body)).toEqual(["main"]);
  });
});
