// Pods as the API server sends them, for measuring what is kept of them: two containers with thirty
// environment entries, probes, volumes, conditions, and managedFields of two writers.

const entriesEach = 30;

/** JSON of one running pod; every second workload has sizes from the admission policy. */
export function rawPodText(number: number, workload: number): string {
  const name = `service-${String(workload).padStart(4, "0")}`;
  const revision = (workload * 2_654_435_761).toString(16).slice(-10);
  const hash = number.toString(36).padStart(5, "0");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: metadata({ name, revision, hash, number }),
    spec: spec(name),
    status: status(number),
  });
}

type Naming = { name: string; revision: string; hash: string; number: number };

function metadata({ name, revision, hash, number }: Naming): object {
  return {
    name: `${name}-${revision}-${hash}`,
    generateName: `${name}-${revision}-`,
    namespace: `team-${Number(name.slice(-4)) % 20}`,
    uid: `3c9a8d1e-5b7f-4e02-9c64-${String(number).padStart(12, "0")}`,
    resourceVersion: String(1_000_000 + number),
    generation: 1,
    creationTimestamp: new Date(1_790_000_000_000 + number * 1000).toISOString(),
    labels: {
      "app.kubernetes.io/name": name,
      "app.kubernetes.io/part-of": "orders",
      "app.kubernetes.io/managed-by": "Helm",
      "pod-template-hash": revision,
    },
    annotations: { "poolwarden.dev/pool-size": "8", "prometheus.io/scrape": "true" },
    ownerReferences: [
      {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        name: `${name}-${revision}`,
        uid: `8e1f0a7b-5b7f-4e02-9c64-${revision.padStart(12, "0")}`,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
    managedFields: ["kube-controller-manager", "kubelet"].map((manager) => managedFields(manager)),
  };
}

function managedFields(manager: string): object {
  const entries = Array.from({ length: entriesEach }, (_, at) => [
    `k:{"name":"SETTING_${at}"}`,
    { ".": {}, "f:name": {}, "f:value": {} },
  ]);
  return {
    manager,
    operation: "Update",
    apiVersion: "v1",
    time: "2026-09-01T10:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:spec": { "f:containers": { "f:env": Object.fromEntries(entries) as object } } },
  };
}

function spec(name: string): object {
  return {
    volumes: [{ name: "config", configMap: { name: `${name}-config`, defaultMode: 420 } }],
    containers: [container("app", `example.com/${name}:1.4.2`), container("mesh", "mesh:3")],
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    nodeName: "node-17",
    serviceAccountName: name,
    schedulerName: "default-scheduler",
  };
}

function container(name: string, image: string): object {
  const settings = Array.from({ length: entriesEach - 2 }, (_, at) => ({
    name: `SETTING_${at}`,
    value: `a value that says something about ${at}`,
  }));
  return {
    name,
    image,
    env: [
      ...settings,
      { name: "DB_POOL_MAX_SIZE", value: "50" },
      {
        name: "DB_PASSWORD",
        valueFrom: { secretKeyRef: { name: "orders-db", key: "password" } },
      },
    ],
    resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } },
    readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 5 },
    volumeMounts: [{ name: "config", mountPath: "/etc/app", readOnly: true }],
  };
}

function status(number: number): object {
  const types = ["Initialized", "Ready", "ContainersReady", "PodScheduled"];
  return {
    phase: "Running",
    conditions: types.map((type) => ({
      type,
      status: "True",
      lastTransitionTime: "2026-09-01T10:00:05Z",
    })),
    hostIP: "10.0.0.17",
    podIP: `10.${(number >> 16) + 1}.${(number >> 8) & 255}.${number & 255}`,
    qosClass: "Burstable",
    startTime: "2026-09-01T10:00:00Z",
  };
}
