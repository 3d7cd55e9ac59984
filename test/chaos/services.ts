// The fleet of a run: three services that share one small PostgreSQL, each with an autoscaler's
// maximum, so that the budget is used up to its last slot when all of them are full and one is
// deployed. Each begins with pools that are far too big, as a fleet does that nobody has budgeted.
import { join } from "node:path";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { buildAutoscaler, buildWorkload } from "../support/workloads.ts";

export type Service = {
  readonly name: string;
  /** At the start. */
  readonly replicas: number;
  readonly maxReplicas: number;
  /** How long its pods hold their sessions when they are asked to end. */
  readonly drainMs: number;
};

export const NAMESPACE = "chaos";
export const POLICY = "shared";
export const SECRET = "shared-db";
export const APP_ROLE = "app";

export const SERVICES: readonly Service[] = [
  { name: "web", replicas: 2, maxReplicas: 6, drainMs: 1_000 },
  { name: "worker", replicas: 2, maxReplicas: 4, drainMs: 2_000 },
  { name: "reports", replicas: 2, maxReplicas: 3, drainMs: 500 },
];

/** Six pods of it fit on the server; the fifteen planned ones, and a deploy, would not. */
const SIZE_BEFORE = 10;
/**
 * What the owners write once Poolwarden gives the sizes: a pod without one must fit as well. Below
 * every floor, so that such a pod is always to be repaired.
 */
export const SIZE_FOR_UNSIZED = 1;

export const MAX_CONNECTIONS = 81;
export const RESERVED_CONNECTIONS = 2;
const SUPERUSER_RESERVED = 3;
const RESERVE = 4;
const OPERATORS_SESSION = 1;
const OBSERVERS_SESSION = 1;

/** The most that the fleet may hold, worked out without the operator. */
export const BUDGET =
  MAX_CONNECTIONS -
  SUPERUSER_RESERVED -
  RESERVED_CONNECTIONS -
  RESERVE -
  OPERATORS_SESSION -
  OBSERVERS_SESSION;

/** What the owners of the fleet apply before anybody budgets it. */
export function fleetObjects(databaseUri: string): KubernetesObject[] {
  return SERVICES.flatMap((service) => [
    buildService(service, databaseUri),
    buildAutoscaler(NAMESPACE, service.name, service.maxReplicas),
  ]);
}

function buildService({ name, replicas, drainMs }: Service, databaseUri: string): KubernetesObject {
  const env = [
    { name: "DATABASE_URL", value: databaseUri },
    { name: "PGAPPNAME", value: name },
    { name: "DB_POOL_MAX_SIZE", value: String(SIZE_BEFORE) },
    { name: "DRAIN_MS", value: String(drainMs) },
  ];
  const workload = buildWorkload("Deployment", NAMESPACE, name, { replicas, env });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  const [container] = template.spec.containers;
  const program = join(import.meta.dirname, "..", "demo", "sample-service.ts");
  Object.assign(container ?? {}, { command: [process.execPath, program] });
  return workload;
}

/** Short times, and no size that is almost right: a run should not take half an hour. */
export function buildPolicySpec(weights: ReadonlyMap<string, number>): object {
  return {
    database: { secretRef: { name: SECRET }, role: APP_ROLE },
    reserve: { connections: RESERVE },
    stability: { tolerancePercent: 0, cooldown: "5s" },
    workloads: SERVICES.map(({ name }) => ({ name, weight: weights.get(name) ?? 1 })),
  };
}
