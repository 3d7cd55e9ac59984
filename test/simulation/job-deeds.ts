// What happens to pods of Jobs: they are started, do their work and end, or are deleted. Within the
// plan there are never more of them than their entry says, and those that end use the room for
// rollouts only while it is free.

import type { Deed } from "./deeds.ts";
import { jobKey, jobPod, jobPodsOf } from "./jobs.ts";
import { leaversOf, roomOf, sum, type TrueWorkload } from "./oracle.ts";
import { workloadsOn } from "./plan-room.ts";
import type { JobSetup, ScenarioEvent } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { serversOfPolicy } from "./true-policies.ts";
import { isRolling } from "./true-workload.ts";
import type { WorldPod } from "./world/pod.ts";

interface Chosen {
  readonly job: JobSetup;
  readonly index: number;
  readonly pods: readonly WorldPod[];
  readonly own: TrueWorkload;
  readonly others: readonly TrueWorkload[];
  readonly rollouts: number;
}

function onJob(deed: (stage: Stage, event: ScenarioEvent, chosen: Chosen) => void): Deed {
  return (stage, event) => {
    const { jobs = [], policies } = stage.fleet;
    const index = event.which % Math.max(1, jobs.length);
    const job = jobs[index];
    if (!job) return;
    const policy = policies[job.policy];
    const servers = policy ? serversOfPolicy(policy) : [];
    const workloads = workloadsOn(stage.truth, servers);
    const own = workloads.find(({ key }) => key === jobKey(job, index));
    if (!own) return;
    const others = workloads.filter((one) => one !== own);
    const pods = jobPodsOf(stage.world.pods(), index);
    const each = servers.map((server) => stage.truth.stateOf(server).server.rollouts);
    deed(stage, event, { job, index, pods, own, others, rollouts: Math.min(...each) });
  };
}

/** It ends by itself, or is deleted before. */
function start(stage: Stage, { forMs, atMs }: ScenarioEvent, { index }: Chosen): void {
  const job = jobPod(stage.fleet, index, `job-${index}-${atMs}`);
  stage.world.jobs.start(job);
  stage.during(forMs, () => {
    stage.world.jobs.finish(`${job.namespace}/${job.name}`);
  });
}

/** Beside pods that still end there is room for those of one rollout. */
function mayStart({ job, own }: Chosen): boolean {
  const live = own.pods.filter(({ terminating }) => !terminating).length;
  return live < job.maxPods && sum(leaversOf(own).map(({ slots }) => slots)) <= roomOf(own);
}

function mayDelete({ own, others, rollouts }: Chosen, pod: WorldPod): boolean {
  const leaving = sum(leaversOf(own).map(({ slots }) => slots)) + pod.slots;
  const busy = others.filter((one) => isRolling(one) || leaversOf(one).length > 0);
  return leaving <= roomOf(own) && busy.length < rollouts;
}

function liveOne({ pods }: Chosen, { amount }: ScenarioEvent): WorldPod | undefined {
  const live = pods.filter(({ terminating }) => !terminating);
  return live[Math.floor(amount * live.length)];
}

export const jobDeedsByName = {
  startJob: onJob((stage, event, chosen) => {
    if (mayStart(chosen)) start(stage, event, chosen);
  }),
  endJob: onJob((stage, event, chosen) => {
    const pod = liveOne(chosen, event);
    if (pod) stage.world.jobs.finish(pod.key);
  }),
  deleteJob: onJob((stage, event, chosen) => {
    const pod = liveOne(chosen, event);
    if (!pod || !mayDelete(chosen, pod)) return;
    stage.judge.noteRoomUse();
    stage.world.deletePod(pod.key);
  }),
  startJobAnyway: onJob((stage, event, chosen) => {
    stage.judge.goBeyondPlan();
    start(stage, event, chosen);
  }),
} as const;
