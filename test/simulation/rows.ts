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
