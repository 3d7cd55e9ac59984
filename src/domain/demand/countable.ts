// The last look at the numbers of a workload before they are added to those of others. Its owner
// writes most of them, and the account of a server is one sum: a single one that is no count would
// be everybody's. What is no number counts as the most, and so does what is beyond it: that breaks
// nobody's promise.

import type { Sizing } from "../../api/sizing.ts";
import type { GrantFacts, OwnSize, PodFacts, PoolFacts } from "../facts/facts.ts";
import { poolSizeMax } from "./slots.ts";

/** What a policy may plan for, and more than any cluster runs. */
const podsMax = 100_000;
const processesMax = 1_000;

/** The same workload, with counts where it has numbers of pods, sizes, processes. */
export function countable(workload: PoolFacts): PoolFacts {
  const { recentPlan, grant } = workload;
  return {
    ...workload,
    sizing: countableSizing(workload.sizing),
    replicas: within(workload.replicas, podsMax),
    updatedReplicas: within(workload.updatedReplicas, podsMax),
    surgePods: within(workload.surgePods, podsMax),
    autoscalerMaxReplicas: ifAny(workload.autoscalerMaxReplicas, podsMax),
    maxPods: ifAny(workload.maxPods, podsMax),
    ...(recentPlan && {
      recentPlan: { ...recentPlan, plannedPods: within(recentPlan.plannedPods, podsMax) },
    }),
    template: countableSize(workload.template),
    grant: grant && countableGrant(grant),
    ...countableSizes(workload),
    pods: workload.pods.map(countablePod),
  };
}

function countableSizing(sizing: Sizing): Sizing {
  const processesPerPod = Math.max(1, within(sizing.processesPerPod, processesMax));
  return {
    ...sizing,
    unmanagedPoolSize: within(sizing.unmanagedPoolSize, poolSizeMax),
    processesPerPod,
    // Whole pools may stand beside the size: of a second container, or an overflow.
    extraConnectionsPerPod: within(sizing.extraConnectionsPerPod, poolSizeMax * processesPerPod),
  };
}

function countableGrant(grant: GrantFacts): GrantFacts {
  return {
    ...grant,
    poolSize: within(grant.poolSize, poolSizeMax),
    settlingPoolSize: within(grant.settlingPoolSize, poolSizeMax),
  };
}

function countableSizes({
  otherGrantPoolSize: other,
  replacedPoolSize: replaced,
}: PoolFacts): Pick<PoolFacts, "otherGrantPoolSize" | "replacedPoolSize"> {
  return {
    ...(other !== undefined && { otherGrantPoolSize: within(other, poolSizeMax) }),
    ...(replaced !== undefined && { replacedPoolSize: within(replaced, poolSizeMax) }),
  };
}

function countablePod(pod: PodFacts): PodFacts {
  const own = countableSize(pod.own);
  return own === pod.own ? pod : { ...pod, own };
}

function countableSize(size: OwnSize): OwnSize {
  const poolSize = within(size.poolSize, poolSizeMax);
  return poolSize === size.poolSize ? size : { ...size, poolSize };
}

function ifAny(count: number | undefined, most: number): number | undefined {
  return count === undefined ? undefined : within(count, most);
}

function within(count: number, most: number): number {
  if (count >= 0 && count <= most) return Math.ceil(count);
  return count < 0 ? 0 : most;
}
