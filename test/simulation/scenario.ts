// What will happen in one run: a fleet, and a list of events. Both are drawn from the seed before
// the run begins, and every event draws its own chance from itself, so that leaving one out changes
// as little as may be: that is how a failure is made short.
//
// Not every seed gets everything. A run in which all goes wrong at once rarely gets far enough to
// break something subtle, so each seed draws which deeds it knows and how often (swarm testing),
// and half of them keep to the plan, where the strictest promise holds all the time.

import type { Random } from "../../src/ports.ts";
import { seededRandom } from "../support/prng.ts";
import { deedNames, type DeedName, deedsWithinPlan } from "./deed-names.ts";
import { withJobs } from "./jobs.ts";
import { withGates, withTakenGates } from "./scenario-gates.ts";
import { withPools } from "./scenario-pools.ts";
import { withLimits } from "./scenario-limits.ts";
import { withReplicas } from "./scenario-replicas.ts";
import { withShared } from "./scenario-shared.ts";
import { type PoolerSetup, withTiers } from "./scenario-tiers.ts";
import { withUse } from "./scenario-use.ts";

export interface Scenario {
  readonly seed: number;
  readonly fleet: FleetSetup;
  readonly events: readonly ScenarioEvent[];
  /** Length of the part in which things happen. */
  readonly faultsMs: number;
}

export interface ScenarioEvent {
  /** Since the start of the run. */
  readonly atMs: number;
  readonly deed: DeedName;
  /** Which workload, policy, or server it is about, of however many there are then. */
  readonly which: number;
  /** [0, 1): how much. */
  readonly amount: number;
  /** How long what it does lasts. */
  readonly forMs: number;
}

export interface FleetSetup {
  readonly servers: readonly ServerSetup[];
  readonly policies: readonly PolicySetup[];
  readonly workloads: readonly WorkloadSetup[];
  /** Pods that no workload makes, by the entry that picks them. */
  readonly jobs?: readonly JobSetup[];
  /** Replicas of the operator. */
  readonly operators: number;
  readonly databaseIntervalMs: number;
  readonly settleTimeMs: number;
  /** Whether the cluster serves admission policies. */
  readonly hasAdmission: boolean;
}

export interface ServerSetup {
  readonly maxConnections: number;
  readonly reservedConnections: number;
  readonly roleLimit: number;
  readonly seesAllSessions: boolean;
  /** Its own, which may use reserved slots, or the application's, which a full server locks out. */
  readonly operatorRole: "poolwarden" | "app";
  /** It sees the address of a pod's node instead of the pod's own. */
  readonly isBehindTranslation?: true;
  readonly pooler?: PoolerSetup;
}

export interface PolicySetup {
  /** Index of the server. */
  readonly server: number;
  /** The same of its read replicas. */
  readonly replicas?: readonly number[];
  readonly delivery: "Auto" | "Admission" | "Template";
  readonly reserveConnections: number;
  readonly rollouts: number;
  readonly basis: "Workload" | "Pod";
  readonly rebalance: "Always" | "ShrinkOnly";
  readonly cooldownMinutes: number;
  readonly ownership: "Take" | "Respect";
  /** spec.sessions.match, if it says so. */
  readonly match?: "Login";
  readonly demand?: "Share";
}

export interface WorkloadSetup {
  /** Index of the policy. */
  readonly policy: number;
  readonly kind: "Deployment" | "StatefulSet";
  readonly strategy: "RollingUpdate" | "Recreate";
  readonly replicas: number;
  /** Undefined: no autoscaler. */
  readonly maxReplicas: number | undefined;
  readonly maxSurge: string | number;
  readonly maxUnavailable: string | number;
  readonly graceMs: number;
  readonly startMs: number;
  /** What its template says; undefined: nothing. */
  readonly poolSize: number | undefined;
  readonly processesPerPod: number;
  readonly extraConnectionsPerPod: number;
  /** What its template says of each further pool; undefined: nothing. Absent: it has none. */
  readonly furtherPools?: readonly (number | undefined)[];
  /** Index of the policy, on another server, whose first further pool it is. */
  readonly sharedWith?: number;
  readonly weight: number;
  /** Who owns the environment entries of its template. */
  readonly manager: string;
  /** resize: Live, and how its pods follow. */
  readonly follows?: Follower;
  /** What one of its pods has at work, as an earlier operator has seen for days. */
  readonly peak?: number;
  /** And that its new pods wait until their slots are there. */
  readonly waits?: boolean;
}

export interface JobSetup {
  /** Index of the policy. */
  readonly policy: number;
  readonly maxPods: number;
  /** What the template of its pods says. */
  readonly poolSize: number;
  readonly graceMs: number;
  /** manage: Count. */
  readonly isCounted: boolean;
}

/** How fast a process follows its size, or that it does not. */
export type Follower = "AtOnce" | "Slowly" | "WhenTouched" | "Never";

const minuteMs = 60_000;

export function drawScenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const isWithinPlan = random.next() < 0.5;
  const faultsMs = between(random, 20, 90) * minuteMs;
  const drawn = withTranslation(drawFleet(random), seededRandom(seed ^ translationLot));
  const events = drawEvents(random, faultsMs, isWithinPlan ? deedsWithinPlan : deedNames);
  const live = withFollowers(drawn, seededRandom(seed ^ liveLot));
  const gated = withGates(withUse(live, seededRandom(seed ^ useLot)), seededRandom(seed ^ gateLot));
  const linked = withReplicas(gated, seededRandom(seed ^ replicasLot));
  const terms = { faultsMs, isWithinPlan };
  const { fleet, events: more } = withJobs(linked, seededRandom(seed ^ jobsLot), terms);
  const all = [...events, ...more].sort((a, b) => a.atMs - b.atMs);
  const pooled = withPools({ seed, fleet, events: all, faultsMs }, isWithinPlan);
  const shared = withShared(withTakenGates(pooled, isWithinPlan));
  return withLimits(withTiers(shared), isWithinPlan);
}

function drawFleet(random: Random): FleetSetup {
  const servers = times(oneOf(random, [1, 1, 1, 2]), () => drawServer(random));
  const policies = times(servers.length + oneOf(random, [0, 0, 1]), (index) =>
    drawPolicy(random, index % servers.length),
  );
  const workloads = policies.flatMap((_, policy) =>
    times(between(random, 1, 3), () => drawWorkload(random, policy)),
  );
  return {
    servers,
    policies,
    workloads,
    operators: oneOf(random, [1, 1, 1, 2]),
    databaseIntervalMs: oneOf(random, [30_000, 30_000, 60_000]),
    settleTimeMs: 5_000,
    hasAdmission: random.next() < 0.85,
  };
}

/** Drawn apart, so that seeds without it are what they were. */
const translationLot = 0x7a115;
const jobsLot = 0x70b5;
const replicasLot = 0x2e911;
const useLot = 0x05ed;
const translationChance = 0.2;

/** Pods that reach servers through the address of their node, and policies that say so. */
function withTranslation(fleet: FleetSetup, random: Random): FleetSetup {
  if (random.next() >= translationChance) return fleet;
  return {
    ...fleet,
    servers: fleet.servers.map((server) => ({ ...server, isBehindTranslation: true })),
    policies: fleet.policies.map((policy) => ({ ...policy, match: "Login" })),
  };
}

/** Drawn apart, so that seeds without it are what they were. */
const liveLot = 0x11fe;
const liveChance = 0.3;
const followers = ["AtOnce", "AtOnce", "AtOnce", "Slowly", "WhenTouched", "Never"] as const;

/**
 * Pools that are resized while their pods run, beside others that are not. On servers that show
 * where sessions come from and have slots to grow into, or nothing would ever be resized.
 */
function withFollowers(fleet: FleetSetup, random: Random): FleetSetup {
  if (random.next() >= liveChance) return fleet;
  return {
    ...fleet,
    hasAdmission: true,
    servers: fleet.servers.map(({ ...server }) => {
      Reflect.deleteProperty(server, "isBehindTranslation");
      const maxConnections = server.maxConnections + 200;
      return { ...server, maxConnections, roleLimit: -1, seesAllSessions: true };
    }),
    policies: fleet.policies.map(({ ...policy }) => {
      Reflect.deleteProperty(policy, "match");
      return { ...policy, delivery: "Auto", ownership: "Take", rebalance: "Always" };
    }),
    workloads: fleet.workloads.map((workload) =>
      random.next() < 0.7 ? { ...workload, follows: oneOf(random, followers) } : workload,
    ),
  };
}

/** Drawn apart, like those. */
const gateLot = 0x6a7e;

export function drawServer(random: Random): ServerSetup {
  return {
    maxConnections: between(random, 60, 400),
    reservedConnections: oneOf(random, [2, 2, 5]),
    roleLimit: oneOf(random, [-1, -1, -1, 50]),
    seesAllSessions: random.next() < 0.85,
    operatorRole: random.next() < 0.85 ? "poolwarden" : "app",
  };
}

export function drawPolicy(random: Random, server: number): PolicySetup {
  return {
    server,
    delivery: oneOf(random, ["Auto", "Auto", "Admission", "Template"] as const),
    reserveConnections: oneOf(random, [0, 5, 10]),
    rollouts: oneOf(random, [1, 1, 1, 2]),
    basis: oneOf(random, ["Workload", "Workload", "Pod"] as const),
    rebalance: oneOf(random, ["Always", "Always", "Always", "ShrinkOnly"] as const),
    cooldownMinutes: oneOf(random, [1, 5, 5]),
    ownership: oneOf(random, ["Take", "Take", "Take", "Respect"] as const),
  };
}

export function drawWorkload(random: Random, policy: number): WorkloadSetup {
  const isStateful = random.next() < 0.15;
  const replicas = between(random, 1, 6);
  return {
    policy,
    kind: isStateful ? "StatefulSet" : "Deployment",
    strategy: !isStateful && random.next() < 0.1 ? "Recreate" : "RollingUpdate",
    replicas,
    maxReplicas: random.next() < 0.6 ? replicas + between(random, 0, 8) : undefined,
    maxSurge: oneOf(random, ["25%", "25%", 1, "100%", 0]),
    maxUnavailable: oneOf(random, ["25%", "25%", 0, 1]),
    graceMs: oneOf(random, [5_000, 30_000, 30_000, 120_000]),
    startMs: oneOf(random, [1_000, 5_000, 15_000]),
    poolSize: oneOf(random, [2, 10, 20, 50, undefined]),
    processesPerPod: oneOf(random, [1, 1, 1, 2]),
    extraConnectionsPerPod: oneOf(random, [0, 0, 0, 1]),
    weight: oneOf(random, [1, 1, 2]),
    manager: oneOf(random, ["kubectl-client-side-apply", "helm", "argocd-controller"]),
  };
}

function drawEvents(
  random: Random,
  faultsMs: number,
  known: readonly ScenarioEvent["deed"][],
): ScenarioEvent[] {
  const deeds = known.filter(() => random.next() < 0.5);
  if (deeds.length === 0) return [];
  const meanGapMs = oneOf(random, [20_000, 60_000, 180_000]);
  const events: ScenarioEvent[] = [];
  // Before the first event the fleet is adopted as it was found, if chance wants it so.
  let atMs = oneOf(random, [0, 2 * minuteMs, 10 * minuteMs]);
  for (;;) {
    atMs += Math.ceil(-Math.log(1 - random.next()) * meanGapMs);
    if (atMs >= faultsMs) return events;
    events.push({
      atMs,
      deed: oneOf(random, deeds),
      which: Math.floor(random.next() * 1000),
      amount: random.next(),
      forMs: Math.ceil(oneOf(random, [2_000, 20_000, 120_000, 400_000]) * (0.5 + random.next())),
    });
  }
}

export function oneOf<T>(random: Random, choices: readonly [T, ...T[]] | readonly T[]): T {
  const chosen = choices[Math.floor(random.next() * choices.length)];
  return chosen as T;
}

function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
