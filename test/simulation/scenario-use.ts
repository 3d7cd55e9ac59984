// Fleets whose policies share by use (demand: Share), under a load that is known: what an earlier
// operator has seen of it for days stands in the statuses that this one finds, and each service
// bursts now and then. Drawn apart, so that seeds without it are what they were before.

import type { PoolPolicyStatus, WorkloadRow } from "../../src/api/poolpolicy.ts";
import type { Random } from "../../src/ports.ts";
import type { FleetSetup, WorkloadSetup } from "./scenario.ts";
import { threeOfFive, type WorkAt } from "./world/work-at.ts";
import type { World } from "./world/world.ts";

const useChance = 0.3;
const knownChance = 0.8;
const minuteMs = 60_000;
/** Within each of these times a service bursts once, for a part of it. */
const [burstEveryMs, burstForMs] = [40 * minuteMs, 12 * minuteMs];
const burstFactor = 4;
/** Scenarios are over before that, and then the fleet is to come to rest. */
const burstsUntilMs = 90 * minuteMs;

export function withUse(fleet: FleetSetup, random: Random): FleetSetup {
  if (random.next() >= useChance) return fleet;
  return {
    ...fleet,
    policies: fleet.policies.map((policy) => ({ ...policy, demand: "Share" })),
    workloads: fleet.workloads.map((workload): WorkloadSetup => {
      const peak = 1 + Math.floor(random.next() * 12);
      return random.next() < knownChance ? { ...workload, peak } : workload;
    }),
  };
}

/** What stands in the status of a policy before the first operator of the run. */
export function statusBefore(fleet: FleetSetup, policy: number): PoolPolicyStatus | undefined {
  if (fleet.policies[policy]?.demand !== "Share") return undefined;
  const workloads = fleet.workloads.flatMap((workload, index) => {
    return workload.policy === policy ? (rowBefore(workload, index) ?? []) : [];
  });
  return { counted: "AsHeld", workloads };
}

function rowBefore(setup: WorkloadSetup, index: number): WorkloadRow | undefined {
  const { kind, replicas, peak, maxReplicas = replicas } = setup;
  if (peak === undefined) return undefined;
  const { processesPerPod, extraConnectionsPerPod, poolSize = 10 } = setup;
  return {
    ...{ workload: `${kind}/service-${index}`, replicas, pods: replicas },
    ...{ plannedPods: maxReplicas, processesPerPod, extraConnectionsPerPod },
    ...{ poolSize, wantedPoolSize: poolSize, minSize: 0, heldSlots: 0, slots: 0 },
    inUse: { peak, percent: 50, kept: keptOf(peak) },
    ...{ decision: "Unchanged", reason: "Applied", message: "as an earlier operator left it" },
  };
}

/** Ten days of nothing but the peak. */
function keptOf(peak: number): string {
  return `14400 200000 60000 2 ${peak}:10000`;
}

/** What the pods of the fleet have at work: their peak, and in bursts more. */
export function setLoad(world: World, fleet: FleetSetup): void {
  if (!fleet.policies.some(({ demand }) => demand === "Share")) return;
  const startMs = world.clock.nowMs();
  const workAt: WorkAt = (address, sessions) => {
    const pod = [...world.pods()].find((one) => one.address === address);
    const index = Number(pod?.workload.slice(pod.workload.lastIndexOf("-") + 1));
    const peak = fleet.workloads[index]?.peak;
    if (peak === undefined) return threeOfFive(address, sessions);
    const passedMs = world.clock.nowMs() - startMs;
    const phaseMs = (passedMs + index * 7 * minuteMs) % burstEveryMs;
    const isBurst = passedMs < burstsUntilMs && phaseMs < burstForMs;
    return Math.min(sessions, isBurst ? peak * burstFactor : peak);
  };
  for (const database of world.databases.values()) database.workAt = workAt;
}
