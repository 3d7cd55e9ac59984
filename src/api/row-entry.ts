// A row of a status, read back as the entry that its workload was counted by. The row is what is
// left where the entry is not: the workload is gone and its labels with it, or the spec cannot be
// used any more. Its pods must count with what they hold, not with what is most or least. What is
// usual is not written: a status has a row for each of thousands of workloads.

import { readKindAndName } from "./keys.ts";
import { usualCounting, type WorkloadEntry, type WorkloadRow } from "./poolpolicy.ts";
import { presetOfSize } from "./preset-names.ts";
import { usualKind, workloadKindOf } from "./workload-kinds.ts";

/** The row as it is stored: what is usual is left out, and taken to be so by `entryOfRow`. */
export function withoutUsual(row: WorkloadRow): WorkloadRow {
  const names = Object.keys(usualCounting) as (keyof typeof usualCounting)[];
  const unsaid = names.filter((name) => row[name] === usualCounting[name]);
  return { ...row, ...Object.fromEntries(unsaid.map((name) => [name, undefined])) };
}

/** The entry that counts the row's pods as the row did, and plans for as many. */
export function entryOfRow(row: WorkloadRow): WorkloadEntry {
  const { kind, name } = readKindAndName(row.workload);
  const [, , pool] = row.workload.split("/");
  return {
    kind: workloadKindOf(kind) ?? usualKind,
    name,
    ...(pool === undefined ? {} : { pool }),
    ...(row.container === undefined ? {} : { container: row.container }),
    ...namesOf(row.maxSizeName ?? usualCounting.maxSizeName),
    weight: 1,
    poolSize: {},
    processesPerPod: row.processesPerPod ?? usualCounting.processesPerPod,
    extraConnectionsPerPod: row.extraConnectionsPerPod ?? usualCounting.extraConnectionsPerPod,
    unmanagedPoolSize: row.unmanagedPoolSize ?? usualCounting.unmanagedPoolSize,
    maxPods: Math.max(1, row.plannedPods),
  };
}

function namesOf(maxSize: string): Pick<WorkloadEntry, "preset" | "prefix" | "env"> {
  return presetOfSize(maxSize) ?? { env: { maxSize } };
}
