// A row of a status, read back as the entry that its workload was counted by. The row is what is
// left where the entry is not: the workload is gone and its labels with it, or the spec cannot be
// used any more. Its pods must count with what they hold, not with what is most or least.

import type { WorkloadEntry, WorkloadRow } from "./poolpolicy.ts";
import { presets } from "./presets.ts";

/** The entry that counts the row's pods as the row did, and plans for as many. */
export function entryOfRow(row: WorkloadRow): WorkloadEntry {
  const [kind = "", name = ""] = row.workload.split("/");
  return {
    kind: kind === "StatefulSet" ? "StatefulSet" : "Deployment",
    name,
    ...(row.container === undefined ? {} : { container: row.container }),
    ...namesOf(row.maxSizeName ?? presets.generic.maxSize),
    weight: 1,
    poolSize: {},
    processesPerPod: row.processesPerPod ?? 1,
    extraConnectionsPerPod: row.extraConnectionsPerPod ?? 0,
    unmanagedPoolSize: row.unmanagedPoolSize ?? presets.generic.unmanagedPoolSize,
    maxPods: Math.max(1, row.plannedPods),
  };
}

function namesOf(maxSize: string): Pick<WorkloadEntry, "preset" | "env"> {
  const names = Object.keys(presets) as (keyof typeof presets)[];
  const preset = names.find((name) => presets[name].maxSize === maxSize);
  return preset === undefined ? { env: { maxSize } } : { preset };
}
