// How long a process takes to follow a new size: at once, slowly, only when its pod is touched once
// more, as where a kubelet has not written the file, or never.

import type { Random } from "../../src/ports.ts";
import type { FleetSetup } from "./scenario.ts";
import type { PodTimes } from "./world/pod-times.ts";

const slowMs = 60_000;
const usualMs = 5_000;

export function followTimes({ workloads }: FleetSetup, random: Random): PodTimes["followMs"] {
  const told = new Map<string, number>();
  return ({ key, workload }) => {
    const follows = workloads[Number(workload.slice(workload.lastIndexOf("-") + 1))]?.follows;
    const times = (told.get(key) ?? 0) + 1;
    told.set(key, times);
    if (follows === "Never" || (follows === "WhenTouched" && times % 2 === 1)) return Infinity;
    return random.next() * (follows === "Slowly" ? slowMs : usualMs);
  };
}
