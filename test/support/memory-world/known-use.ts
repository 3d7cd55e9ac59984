// What an earlier operator has seen of the use of pools for more than a day, as it stands in the
// status of their policy; and a new operator that goes on from there.

import type { WorkloadRow } from "../../../src/api/poolpolicy.ts";
import type { MemoryWorld } from "./world.ts";

/** Peaks of one pod, by the name of its workload. */
export type Peaks = Readonly<Record<string, number>>;

export async function knowUse(world: MemoryWorld, name: string, peaks: Peaks): Promise<void> {
  const policy = world.stores.policies.get(`shop/${name}`);
  if (!policy) throw new Error(`there is no policy ${name}`);
  const { workloads = [], ...status } = world.status(name);
  const rows = workloads.map((row): WorkloadRow => {
    const [, peak] = Object.entries(peaks).find(([one]) => row.workload.endsWith(`/${one}`)) ?? [];
    return peak === undefined ? row : { ...row, inUse: { peak, percent: 0, kept: keptOf(peak) } };
  });
  const resourceVersion = world.stores.nextVersion();
  world.stores.policies.set({ ...policy, resourceVersion, status: { ...status, workloads: rows } });
  world.restartOperator();
  await world.look();
}

/** Of a day and an hour: minutes, samples, their weight, pods, and one bucket. */
function keptOf(peak: number): string {
  return `1500 6000 5900 4 ${peak}:10000`;
}
