// What the operator answers in a policy's status: conditions, the ledger, a row per workload, and
// the grants that the API server hands to new pods. Written through the status sub-resource only.

import { z } from "zod";
import { conditionTypes } from "./conditions.ts";
import { replicasMax } from "./database.ts";
import { usualEngine } from "./engines.ts";
import { grant } from "./grant.ts";
import { liveSizes } from "./live-sizes.ts";
import { behindMax, behindRow, replicaRow, slots } from "./status-servers.ts";
import { time } from "./time.ts";

/** Rows, and grants. */
export const workloadsMax = 5_000;
/** Kind/name, and a pool: the longest names that Kubernetes and the schema take. */
const poolNameMax = 360;

export const condition = z.object({
  type: z.enum(conditionTypes).describe("Aspect of the policy."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  reason: z.string().max(100).describe("Reason, from a closed set."),
  message: z.string().max(4096).describe("The same for a person, with numbers and the way out."),
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe("Generation of the spec that this speaks of."),
  lastTransitionTime: time.describe("When the status last changed."),
});

/**
 * What a row's pods are counted by where the row does not say it. Rows that an older release wrote
 * are read by it too, so it stays as it is whatever the presets become.
 */
export const usualCounting = {
  processesPerPod: 1,
  extraConnectionsPerPod: 0,
  unmanagedPoolSize: 10,
  maxSizeName: "DB_POOL_MAX_SIZE",
} as const;

const workloadRow = z.object({
  workload: z
    .string()
    .max(poolNameMax)
    .describe("Kind/name; of pods that an entry picks by their labels: Pods/policy:name."),
  replicas: z.int().min(0).describe("Replicas asked for."),
  pods: z.int().min(0).describe("Pods that exist, terminating ones included."),
  plannedPods: z.int().min(0).describe("Pods that the share is worked out for."),
  recentlyPlannedPods: z
    .int()
    .min(0)
    .optional()
    .describe("Pods that were planned for until lately: others do not grow into them yet."),
  fewerSince: time
    .optional()
    .describe("Since when fewer pods are planned for; counts after stability.cooldown."),
  rolledAt: time.optional().describe("When the operator last rolled the workload."),
  rolledPoolSize: z
    .int()
    .min(0)
    .optional()
    .describe("The pool size that the last roll wrote into the template."),
  replacedPoolSize: z
    .int()
    .min(0)
    .optional()
    .describe("What the template said before: pods may start with it until the rollout is over."),
  foundPoolSize: z
    .int()
    .min(0)
    .optional()
    .describe(
      "What the template said before Poolwarden wrote into it, where that is the ceiling: above the profile's, or a count of workers or threads.",
    ),
  reverts: z
    .int()
    .min(0)
    .optional()
    .describe("How often rolls had no effect: the entries were put back, or pods started unsized."),
  undone: z
    .int()
    .min(0)
    .optional()
    .describe("How many rolls before the last one the workload's owner has undone, in a row."),
  container: z.string().max(63).optional().describe("Container that is sized."),
  processesPerPod: z
    .int()
    .min(1)
    .optional()
    .describe(
      `Pools of a pod: its processes, times the pools of each; ${usualCounting.processesPerPod} where it is not said.`,
    ),
  extraConnectionsPerPod: z
    .int()
    .min(0)
    .optional()
    .describe(
      `Connections of a pod outside its pools; ${usualCounting.extraConnectionsPerPod} where it is not said.`,
    ),
  unmanagedPoolSize: z
    .int()
    .min(1)
    .optional()
    .describe(
      `What a pod without a readable size is taken to hold; ${usualCounting.unmanagedPoolSize} where it is not said.`,
    ),
  maxSizeName: z
    .string()
    .max(128)
    .optional()
    .describe(
      `Variable that says a pod's pool size; ${usualCounting.maxSizeName} where it is not said.`,
    ),
  poolSize: z.int().min(0).describe("Pool size of the next pod."),
  wantedPoolSize: z.int().min(0).describe("The share."),
  minSize: z.int().min(0).describe("Minimum of the pool of the next pod."),
  heldSlots: z.int().min(0).describe("Slots that its staying pods hold by their own sizes."),
  slots: z.int().min(0).describe("Slots that its pods hold or may still take."),
  inUse: z
    .object({
      peak: z
        .int()
        .min(0)
        .describe("Connections that one pod has at work at most; the busiest 0.5 % are left out."),
      percent: z.int().min(0).describe("The peak as a part of the pool, in per cent."),
      isFull: z
        .boolean()
        .optional()
        .describe("In a tenth of the samples a pod of this size would have no connection left."),
      isBursting: z
        .boolean()
        .optional()
        .describe(
          "With demand Share: a quarter of the pods have all at work that they have or that is recommended, or one has for 5 min, now or within 10 min.",
        ),
      kept: z
        .string()
        .max(400)
        .describe(
          "What the operator reads back after a restart: minutes seen, samples, their weight, pods, and the weight of each number of connections.",
        ),
    })
    .optional()
    .describe("How much of the pool is used. Absent until enough was seen, and where it is not."),
  recommendedPoolSize: z
    .int()
    .min(0)
    .optional()
    .describe("Pool size for what is in use: the peak x 1.2, and never below poolSize.min."),
  recommendation: z
    .string()
    .max(300)
    .optional()
    .describe("How recommendedPoolSize comes about, and how sure it is; or why there is none."),
  live: liveSizes.optional().describe("Of a pool with resize: Live: its running pods."),
  decision: z.string().max(30).describe("Unchanged, Shrink, Grow, Wait, Roll, or Unmanaged."),
  reason: z.string().max(100).describe("Reason, from a closed set."),
  message: z.string().max(1024).describe("The decision for a person."),
});

export const poolPolicyStatus = z.object({
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe("Generation of the spec that was last decided on."),
  conditions: z
    .array(condition)
    .max(16)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
    .optional()
    .describe("Ready, DatabaseReachable, WithinBudget, Feasible, Applied."),
  server: z.string().max(300).optional().describe("Database server, host:port."),
  engine: z
    .string()
    .max(30)
    .optional()
    .describe(`Kind of the server; ${usualEngine} where it is not said.`),
  counted: z
    .enum(["AsHeld"])
    .optional()
    .describe(
      "AsHeld: the policy observes, or has not been in force yet. What its pods hold is counted, and no slots are kept for more.",
    ),
  loginWorked: z
    .boolean()
    .optional()
    .describe(
      "A login of this policy has read the server: nothing that is declared stands in for a reading.",
    ),
  delivery: z.enum(["Admission", "Template"]).optional().describe("How pods get their size."),
  deliveryMessage: z.string().max(1024).optional().describe("Why this delivery."),
  maxConnections: slots.optional().describe("max_connections of the server."),
  budget: z.int().optional().describe("Slots that the fleet of this server may hold."),
  used: z
    .int()
    .min(0)
    .optional()
    .describe("Slots that the fleet of this server holds or may still take."),
  foreign: slots
    .optional()
    .describe("Foreign sessions on the server, the most at once within 10 min."),
  replicas: z
    .array(replicaRow)
    .max(replicasMax)
    .optional()
    .describe("Servers of database.readReplicas, with their numbers."),
  behind: z
    .array(behindRow)
    .max(behindMax)
    .optional()
    .describe("Of a pooler: the servers behind it that were read, with their numbers."),
  atWork: z
    .object({
      peaks: z.int().min(0).describe("Sum of the peaks of all pods on the server."),
      suited: z.int().min(1).describe("database.cores x 2 + database.disks."),
    })
    .optional()
    .describe(
      "Connections at work on the server, beside what suits it. Absent where the policy does not say its cores.",
    ),
  idleFloor: slots
    .optional()
    .describe("Sum of the pool minimums of all planned pods of this policy."),
  workloadCount: z.int().min(0).optional().describe("Workloads that this policy manages."),
  ledger: z
    .array(z.string().max(512))
    .max(1000)
    .optional()
    .describe(
      "Every slot of max_connections, exactly once: a table to add up. A line is a number and what the slots are for; lines in brackets explain; the last one is the sum.",
    ),
  workloads: z.array(workloadRow).max(workloadsMax).optional().describe("A row per workload."),
  grants: z
    .record(z.string().max(poolNameMax), grant)
    // One writer: without this the API server notes for each field of each grant whose it is.
    .meta({ maxProperties: workloadsMax, "x-kubernetes-map-type": "atomic" })
    .optional()
    .describe("Sizes that the API server gives to new pods, by Kind/name."),
  findings: z
    .array(
      z.object({
        reason: z.string().max(100).describe("Reason, from a closed set."),
        message: z.string().max(2048).describe("For a person."),
      }),
    )
    .max(1000)
    .optional()
    .describe("What a person should know."),
});

export type PoolPolicyStatus = z.infer<typeof poolPolicyStatus>;
export type Condition = z.infer<typeof condition>;
export type WorkloadRow = z.infer<typeof workloadRow>;
