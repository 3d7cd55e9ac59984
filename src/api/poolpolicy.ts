// What users write (spec) and what we answer (status), as zod schemas: the one source of the types,
// the validation at the border, the CustomResourceDefinition and the field reference. Keep
// transforms out: JSON Schema cannot say them.

import { z } from "zod";
import { conditionTypes } from "./conditions.ts";
import { durationPattern } from "./durations.ts";

const name = z.string().min(1).max(253);
const slots = z.int().min(0).max(1_000_000);

const secretRef = z
  .object({
    name: name.describe("Name of a Secret in the policy's own namespace."),
    key: name.default("uri").describe("Key whose value is a PostgreSQL connection URI."),
    caKey: name
      .optional()
      .describe("Key whose value is the PEM of the CA that the server's certificate must lead to."),
  })
  .describe(
    "Secret that holds the connection URI; the operator reads the limits and sessions with it.",
  );

const database = z
  .object({
    engine: z.enum(["PostgreSQL"]).default("PostgreSQL").describe("Kind of database server."),
    secretRef: secretRef.optional(),
    address: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe(
        "host:port of the server, instead of a secret. It only names the server; maxConnections must be given.",
      ),
    maxConnections: z
      .int()
      .min(1)
      .max(262_143)
      .optional()
      .describe(
        "Declared max_connections. Beside a secret it can only lower what the server says.",
      ),
    role: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe("Role whose CONNECTION LIMIT counts. Default: the user of the connection URI."),
  })
  .describe("The database server whose connections are shared.");

const reserve = z
  .object({
    connections: z
      .union([z.int().min(0).max(262_143), z.string().max(10)])
      .default(10)
      .meta({ "x-kubernetes-int-or-string": true })
      .describe(
        "Slots kept for people, migrations and jobs: a number, or a percentage of the capacity such as 5%.",
      ),
    rollouts: z
      .int()
      .min(0)
      .max(100)
      .default(1)
      .describe(
        "How many workloads may be mid-rollout at any moment; room for the largest is kept free.",
      ),
  })
  .describe("What is kept free on the server.");

const envName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

const poolSize = z
  .object({
    min: z.int().min(1).max(10_000).optional().describe("Floor of the pool size. Default: 2."),
    max: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe("Ceiling of the pool size. Default: by profile (50 in production)."),
    minSizePercent: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe(
        "The minimum of the pool as a percentage of its maximum. Default: by profile (20 in production).",
      ),
  })
  .describe("Bounds of the pool size of one process.");

const workloadEntry = z
  .object({
    selector: z
      .object({
        matchLabels: z
          .record(z.string().max(317), z.string().max(63))
          .optional()
          .describe("Labels that the workload must have."),
        matchExpressions: z
          .array(
            z.object({
              key: z.string().max(317).describe("Label key."),
              operator: z
                .enum(["In", "NotIn", "Exists", "DoesNotExist"])
                .describe("Relation of the label to the values."),
              values: z
                .array(z.string().max(63))
                .max(100)
                .optional()
                .describe("Values for In and NotIn."),
            }),
          )
          .max(20)
          .optional()
          .describe("Label requirements that the workload must meet."),
      })
      .optional()
      .describe(
        "Labels of the workloads (not of their pods) to manage. Either selector, or kind and name.",
      ),
    kind: z
      .enum(["Deployment", "StatefulSet"])
      .optional()
      .describe("Kind of the one workload to manage. Default: Deployment."),
    name: name.optional().describe("Name of the one workload to manage."),
    container: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe(
        "Container that holds the pool. Default: the annotation kubectl.kubernetes.io/default-container, else the only container.",
      ),
    preset: z
      .enum(["generic", "hikari", "tomcat", "dbcp2"])
      .optional()
      .describe("Which environment variables carry the size. Default: generic."),
    env: z
      .object({
        minSize: envName.optional().describe("Variable for the minimum of the pool."),
        maxSize: envName.describe("Variable for the maximum of the pool."),
      })
      .optional()
      .describe("Own variable names, instead of a preset."),
    weight: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe("Weight of the workload (basis Workload) or of each pod (basis Pod)."),
    poolSize: poolSize.prefault({}),
    processesPerPod: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe("Processes in a pod that each open a pool."),
    extraConnectionsPerPod: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe("Connections of a pod outside the pool: listeners, locks, migrations."),
    unmanagedPoolSize: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        "Pool size that a pod without a readable size is taken to hold. Default: the preset library's own.",
      ),
    plannedPods: z
      .enum(["Autoscaler", "Current"])
      .optional()
      .describe(
        "What the share is worked out for: the autoscaler's maximum, or the replicas now. Default: Autoscaler where one targets the workload.",
      ),
    maxPods: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe("Plan for as many pods where no autoscaler says so."),
  })
  .describe("Workloads and how each is sized. The first entry that matches a workload counts.");

export const poolPolicySpec = z.object({
  mode: z
    .enum(["Enforce", "Observe"])
    .default("Enforce")
    .describe("Enforce sizes pods; Observe says everything and changes no pod."),
  delivery: z
    .enum(["Auto", "Admission", "Template"])
    .default("Auto")
    .describe("How a pod gets its size. Auto: Admission where the cluster has it, else Template."),
  profile: z
    .enum(["production", "development", "test"])
    .optional()
    .describe(
      "Where defaults come from (unset: production). If set, its timeouts and lifetimes are written as well.",
    ),
  database,
  reserve: reserve.prefault({}),
  basis: z
    .enum(["Workload", "Pod"])
    .default("Workload")
    .describe("Whether weights speak of whole workloads or of single pods."),
  rebalance: z
    .enum(["Always", "ShrinkOnly", "Never"])
    .default("Always")
    .describe("How far running pods may be replaced to bring them to their size."),
  stability: z
    .object({
      tolerancePercent: z
        .int()
        .min(0)
        .max(100)
        .default(10)
        .describe("Gains up to this are not worth a rollout."),
      cooldown: z
        .string()
        .max(20)
        .regex(new RegExp(durationPattern))
        .default("5m")
        .describe(
          "Shortest time between two rollouts of one workload that make its pools larger, for example 5m.",
        ),
    })
    .describe("What keeps sizes from moving too often.")
    .prefault({}),
  workloads: z.array(workloadEntry).min(1).max(100).describe("Which workloads to manage, and how."),
  alerts: z
    .object({
      enabled: z
        .boolean()
        .default(true)
        .describe("Whether a PrometheusRule is written for the policy."),
      labels: z
        .record(z.string().max(317), z.string().max(63))
        .default({})
        .describe("Labels of the PrometheusRule, as your Prometheus selects it."),
      usedPercent: z
        .int()
        .min(1)
        .max(100)
        .default(90)
        .describe("Share of the budget from which BudgetNearlyUsed fires."),
      poolMetrics: z
        .enum(["None", "Micrometer", "DbPool"])
        .default("None")
        .describe(
          "Metrics that the pools themselves export, for alerts on them: HikariCP through Micrometer, or db_pool_* gauges.",
        ),
      postgresExporter: z
        .boolean()
        .default(false)
        .describe("Whether postgres_exporter is scraped, for alerts on the server itself."),
    })
    .describe("Alert rules.")
    .prefault({}),
  ownership: z
    .enum(["Take", "Respect"])
    .default("Take")
    .describe("Template delivery: take over entries that somebody else owns, or leave them alone."),
});

const time = z.string().max(40);

export const condition = z.object({
  type: z.enum(conditionTypes).describe("Aspect of the policy."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  reason: z.string().max(100).describe("One word of a closed set."),
  message: z.string().max(4096).describe("The same for a person, with numbers and the way out."),
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe("Generation of the spec that this speaks of."),
  lastTransitionTime: time.describe("When the status last changed."),
});

export const grant = z.object({
  container: z.string().max(63).describe("Container that is sized."),
  poolSize: z.int().min(0).max(10_000).describe("Pool size of the next pod."),
  env: z
    .array(
      z.object({
        name: z.string().max(128).describe("Variable."),
        value: z.string().max(253).describe("Its value."),
      }),
    )
    .max(20)
    .describe("Environment entries of the next pod."),
  settlingPoolSize: z
    .int()
    .min(0)
    .max(10_000)
    .optional()
    .describe("Larger size that an API server may still hand out until settledAt."),
  settledAt: time.optional().describe("From when on only poolSize is handed out."),
});

export const ledgerLine = z.object({
  line: z.string().max(300).describe("What the slots are for."),
  slots: z.int().min(-10_000_000).max(10_000_000).describe("How many slots."),
  note: z.string().max(1024).optional().describe("Whose word it is, or how to make it smaller."),
});

export const workloadRow = z.object({
  workload: z.string().max(300).describe("Kind/name."),
  replicas: z.int().min(0).describe("Replicas asked for."),
  pods: z.int().min(0).describe("Pods that exist, terminating ones included."),
  plannedPods: z.int().min(0).describe("Pods that the share is worked out for."),
  poolSize: z.int().min(0).describe("Pool size of the next pod."),
  wantedPoolSize: z.int().min(0).describe("The share."),
  slots: z.int().min(0).describe("Slots that its pods hold or may still take."),
  decision: z.string().max(30).describe("Unchanged, Shrink, Grow, Wait, Roll, or Unmanaged."),
  reason: z.string().max(100).describe("One word of a closed set."),
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
    .optional()
    .describe("Ready, DatabaseReachable, WithinBudget, Feasible, Applied."),
  server: z.string().max(300).optional().describe("Database server, host:port."),
  serverVersion: z.string().max(40).optional().describe("Version of the database server."),
  delivery: z.enum(["Admission", "Template"]).optional().describe("How pods get their size."),
  deliveryMessage: z.string().max(1024).optional().describe("Why this delivery."),
  maxConnections: slots.optional().describe("max_connections of the server."),
  budget: z.int().optional().describe("Slots that the fleet of this server may hold."),
  used: z
    .int()
    .min(0)
    .optional()
    .describe("Slots that the fleet of this server holds or may still take."),
  idleFloor: slots
    .optional()
    .describe("Sum of the pool minimums of all planned pods of this policy."),
  workloadCount: z.int().min(0).optional().describe("Workloads that this policy manages."),
  ledger: z
    .array(ledgerLine)
    .max(5000)
    .optional()
    .describe("Every slot of max_connections, exactly once."),
  workloads: z.array(workloadRow).max(5000).optional().describe("A row per workload."),
  grants: z
    .record(z.string().max(300), grant)
    .optional()
    .describe("Sizes that the API server gives to new pods, by Kind/name."),
  findings: z
    .array(
      z.object({
        reason: z.string().max(100).describe("One word of a closed set."),
        message: z.string().max(2048).describe("For a person."),
      }),
    )
    .max(1000)
    .optional()
    .describe("What a person should know."),
});

export type PoolPolicySpec = z.infer<typeof poolPolicySpec>;
export type WorkloadEntry = PoolPolicySpec["workloads"][number];
export type PoolPolicyStatus = z.infer<typeof poolPolicyStatus>;
export type Condition = z.infer<typeof condition>;
export type Grant = z.infer<typeof grant>;
export type LedgerLine = z.infer<typeof ledgerLine>;
export type WorkloadRow = z.infer<typeof workloadRow>;
