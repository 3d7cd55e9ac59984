// Pods and a policy as the API server would answer them, for the tests of what the demo reads.

export type PodParts = {
  readonly service: string;
  readonly size?: string;
  readonly terminating?: boolean;
  readonly ready?: boolean;
  readonly sized?: boolean;
};

export function pod({ service, size, terminating, ready = true, sized = true }: PodParts): object {
  const env = size === undefined ? [] : [{ name: "DB_POOL_MAX_SIZE", value: size }];
  return {
    metadata: {
      labels: { "app.kubernetes.io/name": service },
      ...(sized ? { annotations: { "poolwarden.dev/pool-size": size ?? "" } } : {}),
      ...(terminating === true ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: { containers: [{ name: "app", env: [{ name: "PGAPPNAME", value: service }, ...env] }] },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

export function policy(ready: "True" | "False", web: { granted: number; wanted: number }): object {
  return {
    status: {
      conditions: [{ type: "Ready", status: ready }],
      grants: { "Deployment/web": { poolSize: web.granted } },
      workloads: [{ workload: "Deployment/web", wantedPoolSize: web.wanted }],
    },
  };
}
