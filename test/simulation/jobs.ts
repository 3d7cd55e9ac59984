// Pods of Jobs in a fleet: which policy picks them by labels, what they hold, and how the oracle
// counts them. They are drawn apart, so that fleets without them are what they were.

import type { Random } from "../../src/ports.ts";
import { jobDeedNames, jobDeedsWithinPlan } from "./deed-names.ts";
import type { TrueWorkload } from "./oracle.ts";
import type { FleetSetup, JobSetup, ScenarioEvent } from "./scenario.ts";
import { truePod } from "./true-workload.ts";
import type { WorldPod } from "./world/pod.ts";
import type { JobPod } from "./world/pod-factory.ts";
import { defaultPools, serversOf } from "./world/workload-spec.ts";
import type { World } from "./world/world.ts";

const namespace = "shop";
const minuteMs = 60_000;

type JobDeed = (typeof jobDeedNames)[number];

const jobsChance = 0.3;

/** Of a fleet that has some: the fleet and its events with them. */
export function withJobs(
  fleet: FleetSetup,
  random: Random,
  { faultsMs, isWithinPlan }: { readonly faultsMs: number; readonly isWithinPlan: boolean },
): { readonly fleet: FleetSetup; readonly events: readonly ScenarioEvent[] } {
  if (random.next() >= jobsChance) return { fleet, events: [] };
  const count = 1 + Math.floor(random.next() * 2);
  const jobs = Array.from({ length: count }, () => drawJob(fleet, random));
  const deeds = isWithinPlan ? jobDeedsWithinPlan : jobDeedNames;
  return { fleet: { ...fleet, jobs }, events: drawEvents(random, faultsMs, deeds) };
}

function drawJob({ policies }: FleetSetup, random: Random): JobSetup {
  const one = <T>(choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random.next() * choices.length)] ?? choices[0];
  return {
    policy: Math.floor(random.next() * policies.length),
    maxPods: one([1, 2, 4]),
    poolSize: one([2, 5, 20]),
    graceMs: one([5_000, 30_000]),
    isCounted: random.next() < 0.25,
  };
}

function drawEvents(random: Random, faultsMs: number, deeds: readonly JobDeed[]): ScenarioEvent[] {
  const events: ScenarioEvent[] = [];
  let atMs = 0;
  for (;;) {
    atMs += Math.ceil(-Math.log(1 - random.next()) * 2 * minuteMs);
    if (atMs >= faultsMs) return events;
    // Most of them start something, or nothing would be there to end.
    const isStart = random.next() < 0.5;
    const deed = isStart ? "startJob" : deeds[Math.floor(random.next() * deeds.length)];
    events.push({
      ...{ atMs, deed: deed ?? "endJob", which: Math.floor(random.next() * 1000) },
      ...{ amount: random.next(), forMs: Math.ceil((0.2 + random.next()) * 8 * minuteMs) },
    });
  }
}

function nameOf(index: number): string {
  return `jobs-${index}`;
}

/** As rows and grants of its policy call it, behind the namespace. */
export function jobKey({ policy }: JobSetup, index: number): string {
  return `${namespace}/Pods/policy-${policy}:${nameOf(index)}`;
}

export function jobPod(fleet: FleetSetup, index: number, name: string): JobPod {
  const { policy = 0, poolSize = 1, graceMs = 0 } = fleet.jobs?.[index] ?? {};
  const { server = 0, replicas = [] } = fleet.policies[policy] ?? {};
  const serverName = (index: number): string => `db-${index}.data.svc:5432`;
  return {
    ...{ namespace, name, poolSize, graceMs, owner: `Job/${nameOf(index)}` },
    labels: { job: nameOf(index) },
    pools: { ...defaultPools, server: serverName(server), replicas: replicas.map(serverName) },
  };
}

/** What is not known of a Job before its first pod is there, its entry has to say. */
export function jobEntries(fleet: FleetSetup, policy: number): object[] {
  return (fleet.jobs ?? []).flatMap((job, index) => {
    if (job.policy !== policy) return [];
    const pods = { matchLabels: { job: nameOf(index) } };
    const { maxPods, poolSize: unmanagedPoolSize, isCounted } = job;
    const manage = isCounted ? { manage: "Count" } : {};
    return [{ pods, name: nameOf(index), maxPods, unmanagedPoolSize, ...manage }];
  });
}

/** Pods of a Job that exist, and have not finished. */
export function jobPodsOf(pods: Iterable<WorldPod>, index: number): readonly WorldPod[] {
  const workload = `${namespace}/Job/${nameOf(index)}`;
  return [...pods].filter((pod) => pod.workload === workload && !pod.finished);
}

interface Around {
  readonly world: World;
  readonly fleet: FleetSetup;
  /** Keys of policies that only observe. */
  readonly observed: ReadonlySet<string>;
}

/** In the words of the oracle: whatever made them, all of them may be replaced at once. */
export function trueJobs(server: string, { world, fleet, observed }: Around): TrueWorkload[] {
  return (fleet.jobs ?? []).flatMap((job, index) => {
    const next = jobPod(fleet, index, "next");
    if (!serversOf(next.pools).includes(server)) return [];
    const pods = jobPodsOf(world.pods(), index);
    const live = pods.filter(({ terminating }) => !terminating).length;
    return [
      {
        ...{ key: jobKey(job, index), replacement: "AtOnce" as const, surgePods: 0 },
        ...{ replicas: live, plannedPods: Math.max(job.maxPods, live) },
        ...{
          isObserved: observed.has(`${namespace}/policy-${job.policy}`),
          nextSlots: world.jobs.nextSlots(next),
        },
        pods: pods.map((pod) => truePod(pod, false, server)),
      },
    ];
  });
}

/** The key of its makers, of a pod of a Job; undefined of others. */
export function isJobPod({ workload }: Pick<WorldPod, "workload">): boolean {
  return workload.startsWith(`${namespace}/Job/`);
}
