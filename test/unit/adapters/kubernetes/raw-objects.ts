// Kubernetes objects as the API server sends them, short. A test says only what it is about.

type Fields = Record<string, unknown>;

/** A running pod of the Deployment `web` in namespace `shop`. */
export function rawPod(
  overrides: { metadata?: Fields; spec?: Fields; status?: Fields } = {},
): Fields {
  return {
    metadata: {
      name: "web-5d8f7c9b6-x2k4p",
      namespace: "shop",
      uid: "5b0c8f7e-0f6b-4b52-9d1b-1c8ad1f0a001",
      resourceVersion: "4711",
      creationTimestamp: "2026-09-01T10:00:00Z",
      labels: { "pod-template-hash": "5d8f7c9b6" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d8f7c9b6", controller: true },
      ],
      ...overrides.metadata,
    },
    spec: { containers: [rawContainer("app", "50")], ...overrides.spec },
    status: { phase: "Running", podIP: "10.1.2.3", conditions: ready, ...overrides.status },
  };
}

const ready = [{ type: "Ready", status: "True" }];

/** A container whose DB_POOL_MAX_SIZE is the given literal. */
export function rawContainer(name: string, poolSize: string): Fields {
  return { name, image: "app:1", env: [{ name: "DB_POOL_MAX_SIZE", value: poolSize }] };
}

/** Deployment or StatefulSet `shop/web` with three replicas. */
export function rawWorkload(
  overrides: { metadata?: Fields; spec?: Fields; status?: Fields; template?: Fields } = {},
): Fields {
  return {
    metadata: {
      name: "web",
      namespace: "shop",
      uid: "uid-web",
      resourceVersion: "12",
      generation: 3,
      labels: { app: "web" },
      ...overrides.metadata,
    },
    spec: {
      replicas: 3,
      template: {
        metadata: {},
        spec: { containers: [rawContainer("app", "50")] },
        ...overrides.template,
      },
      ...overrides.spec,
    },
    status: {
      observedGeneration: 3,
      replicas: 4,
      updatedReplicas: 2,
      readyReplicas: 3,
      ...overrides.status,
    },
  };
}
