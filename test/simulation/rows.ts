// Rows of a status, by their workloads: each of its pools has one.

import { type PoolKey, workloadOfPool } from "../../src/api/keys.ts";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";

type OfWorkload = readonly [key: string, rows: readonly WorkloadRow[]];

export function rowsByWorkload(
  namespace: string,
  rows: readonly WorkloadRow[],
): readonly OfWorkload[] {
  const keyOf = ({ workload }: WorkloadRow): string => {
    return workloadOfPool(`${namespace}/${workload}` as PoolKey);
  };
  return [...Map.groupBy(rows, keyOf)];
}

/** Of a pod that has the share. */
export function wantedSlots(row: WorkloadRow): number {
  const { wantedPoolSize, processesPerPod = 1, extraConnectionsPerPod = 0 } = row;
  return wantedPoolSize * processesPerPod + extraConnectionsPerPod;
}

/** Those that are given no more than what is recommended for them, and that have it. */
export function heldByUse(rows: readonly WorkloadRow[] = []): ReadonlySet<string> {
  const held = rows.filter(({ recommendation = "", recommendedPoolSize = 0, poolSize }) => {
    const isHeld = recommendation.endsWith("; it is given no more than that");
    return isHeld && poolSize >= recommendedPoolSize;
  });
  return new Set(held.map(({ workload }) => workload));
}
