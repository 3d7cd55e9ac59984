// The fleet's pools as JSON, in the form that services use for a pool of their own: a key per pool
// with size, free, used, min_size and max_size, and a health with a status per service. Read from
// the statuses, so that it says what `kubectl get poolpolicies -o yaml` says.

import { engineNamed } from "../api/engines.ts";
import type { Condition, PoolPolicyStatus, WorkloadRow } from "../api/poolpolicy.ts";

/** One policy and what it says of itself; before the first decision the status is empty. */
export interface PolicyReport {
  readonly namespace: string;
  readonly name: string;
  readonly status: PoolPolicyStatus;
}

/** A workload's pools taken together. All are numbers of connections. */
export interface PoolNumbers {
  /** Slots kept for the workload: what its pods may hold and what may still start. */
  readonly size: number;
  /** Of these, kept for pods that may still start, or grow at a restart. */
  readonly free: number;
  /** Of these, promised to pods that exist. What they really use is on the database server. */
  readonly used: number;
  /** Minimum of ONE pool as the next pod gets it; 0 where the delivery or names leave it out. */
  readonly min_size: number;
  /** Maximum of ONE pool as the next pod gets it: the grant. */
  readonly max_size: number;
}

type HealthWord = "healthy" | "unhealthy";

interface ServiceHealth {
  readonly status: HealthWord;
  /** Every server of the service that a policy names could be read, or its limit is declared. */
  readonly healthy: boolean;
  /** By `host:port`; healthy as long as one login reads it. */
  readonly servers: Readonly<Record<string, { readonly healthy: boolean }>>;
  /** By `namespace/policy/Kind/name`; its policy decides on the word. */
  readonly pools: Readonly<
    Record<string, { readonly status: HealthWord; readonly size: number; readonly free: number }>
  >;
}

export interface Health {
  readonly status: HealthWord;
  /** `database` always; others where a policy names a server of theirs. */
  readonly services: Readonly<Record<string, ServiceHealth>> & {
    readonly database: ServiceHealth;
  };
}

/** Body of `/metrics/db-pool`, by `namespace/policy/Kind/name`. */
export function buildPoolReport(
  policies: readonly PolicyReport[],
): Readonly<Record<string, PoolNumbers>> {
  return Object.fromEntries(
    policies.flatMap((policy) => rowsOf(policy).map((row) => [keyOf(policy, row), numbersOf(row)])),
  );
}

/**
 * Body of `/health`: unhealthy while a server cannot be read, or a policy has a login that is
 * refused, is over its budget or infeasible. A condition that is not known yet makes nothing
 * unhealthy.
 */
export function buildHealth(policies: readonly PolicyReport[]): Health {
  const byService = Map.groupBy(policies, ({ status }) => engineNamed(status.engine).service);
  const services = [...byService].map(([name, some]) => [name, serviceOf(some)] as const);
  const all = { database: serviceOf([]), ...Object.fromEntries(services) };
  const areHealthy = Object.values(all).every(({ healthy }) => healthy);
  const isWhole = areHealthy && policies.every((policy) => healthOf(policy) === "healthy");
  return { status: wordFor(isWhole), services: all };
}

function serviceOf(policies: readonly PolicyReport[]): ServiceHealth {
  const servers = serversOf(policies);
  const healthy = Object.values(servers).every((server) => server.healthy);
  const pools = policies.flatMap((policy) =>
    rowsOf(policy).map((row) => {
      const { size, free } = numbersOf(row);
      return [keyOf(policy, row), { status: healthOf(policy), size, free }] as const;
    }),
  );
  return { status: wordFor(healthy), healthy, servers, pools: Object.fromEntries(pools) };
}

function wordFor(isHealthy: boolean): HealthWord {
  return isHealthy ? "healthy" : "unhealthy";
}

function rowsOf({ status }: PolicyReport): readonly WorkloadRow[] {
  return status.workloads ?? [];
}

function keyOf({ namespace, name }: PolicyReport, { workload }: WorkloadRow): string {
  return `${namespace}/${name}/${workload}`;
}

function numbersOf(row: WorkloadRow): PoolNumbers {
  return {
    size: row.slots,
    free: Math.max(0, row.slots - row.heldSlots),
    used: row.heldSlots,
    min_size: row.minSize,
    max_size: row.poolSize,
  };
}

function healthOf({ status }: PolicyReport): HealthWord {
  const troubles = ["DatabaseReachable", "WithinBudget", "Feasible"];
  const isFailed = ({ type, status: word }: Condition): boolean =>
    troubles.includes(type) && word === "False";
  return status.conditions?.some(isFailed) === true ? "unhealthy" : "healthy";
}

/**
 * One login that reads a server shows that it is there: whoever else's is refused says so of
 * himself. Where none does, one that failed makes it unhealthy.
 */
function serversOf(policies: readonly PolicyReport[]): Record<string, { healthy: boolean }> {
  const named = policies.filter(({ status }) => status.server !== undefined);
  const byServer = Map.groupBy(named, ({ status }) => status.server ?? "");
  return Object.fromEntries(
    [...byServer].map(([server, reports]) => {
      const said = reports.map(reachabilityOf);
      const isRead = said.some((condition) => condition?.reason === "Connected");
      const hasFailed = said.some((condition) => condition?.status === "False");
      return [server, { healthy: isRead || !hasFailed }];
    }),
  );
}

function reachabilityOf({ status }: PolicyReport): Condition | undefined {
  return status.conditions?.find(({ type }) => type === "DatabaseReachable");
}
