// One entry of a policy's `workloads`: which workloads it speaks of, and how each is sized.

import { usualKind, workloadKindNames } from "./workload-kinds.ts";
import { z } from "zod";
import { secretRef } from "./database.ts";
import { environmentName } from "./environment-name.ts";
import { mainPool } from "./keys.ts";
import { pickingRules } from "./picking-rules.ts";
import { podLabels } from "./pods-entry.ts";
import { hasConsole } from "./pooler-presets.ts";
import { prefixMax, prefixRules } from "./prefixes.ts";
import { ruled, textRule } from "./rules.ts";
import { selector } from "./selector.ts";

/** No cluster runs more; a workload that asks for more counts with so many. */
export const podsMax = 100_000;

/** The largest size that a policy can ask for. */
export const poolSizeLimit = 10_000;

const environment = ruled(
  z.object({
    minSize: environmentName.optional().describe("Variable for the minimum of the pool."),
    maxSize: environmentName.describe("Variable for the maximum of the pool: the pool size."),
    initialSize: environmentName
      .optional()
      .describe(
        "Variable for the connections that a pool opens at its start: it gets the minimum.",
      ),
    overflow: environmentName
      .optional()
      .describe(
        "Variable for what the pool may open beyond its maximum: it gets 0, so that the maximum is the whole pool. Where a pod does not set it, 10 is assumed, as SQLAlchemy does.",
      ),
  }),
  [
    {
      cel: "!has(self.minSize) || self.minSize != self.maxSize",
      message: "env.minSize and env.maxSize must differ: give two variables, or only env.maxSize",
      holds: (names) => names.minSize !== names.maxSize,
    },
    {
      cel: "!has(self.initialSize) || (self.initialSize != self.maxSize && (!has(self.minSize) || self.initialSize != self.minSize))",
      message:
        "env.initialSize must differ from the other variables: give another one, or leave it out",
      holds: ({ initialSize, ...others }) =>
        initialSize === undefined ||
        !Object.values({ ...others, overflow: "" }).includes(initialSize),
    },
    {
      cel: "!has(self.overflow) || (self.overflow != self.maxSize && (!has(self.minSize) || self.overflow != self.minSize) && (!has(self.initialSize) || self.overflow != self.initialSize))",
      message:
        "env.overflow must differ from the other variables: give another one, or leave it out",
      holds: ({ overflow, ...others }) =>
        overflow === undefined || !Object.values(others).includes(overflow),
    },
  ],
);

const poolSize = ruled(
  z.object({
    min: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe("Floor of the pool size. Default: 2, or max where that is smaller."),
    max: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        "Ceiling of the pool size. Default: by profile (production 50, development 20, test 5), or min, or what the template says, else the entry's own unmanagedPoolSize, where that is larger. Of a count of workers or threads: what the template says, else the entry's own unmanagedPoolSize, else 5 of threads or concurrency, and 1 of workers, processes and WEB_CONCURRENCY.",
      ),
    minSizePercent: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe(
        "The minimum of the pool as a percentage of its maximum, rounded down. Default: by profile (production 20, development 25, test 40).",
      ),
  }),
  [
    {
      cel: "!has(self.min) || !has(self.max) || self.min <= self.max",
      field: "min",
      messageExpression:
        "'poolSize.min is %d, above poolSize.max, which is %d: lower min or raise max'.format([self.min, self.max])",
      message: "poolSize.min is above poolSize.max: lower min or raise max",
      holds: ({ min, max }) => min === undefined || max === undefined || min <= max,
    },
  ],
);

/** The name stands in annotations and rows behind others; 30 characters are enough for people. */
const poolName = ruled(z.string().min(1).max(30), [
  textRule(
    "^[a-z]([-a-z0-9]*[a-z0-9])?$",
    "give a pool name of at most 30 small letters, digits and '-' that begins with a letter and does not end with '-'",
  ),
]);

/** Zod schema of an entry. Its defaults that depend on other fields are filled in by sizing.ts. */
export const workloadEntry = ruled(
  z.object({
    selector: selector
      .optional()
      .meta({ "x-kubernetes-map-type": "atomic" })
      .describe(
        "Labels of the workloads (not of their pods) to manage, in the policy's own namespace. Either selector, or name.",
      ),
    pods: podLabels
      .optional()
      .meta({ "x-kubernetes-map-type": "atomic" })
      .describe(
        "Labels of pods to manage, whatever made them: Jobs, CronJobs, DaemonSets, Argo Rollouts, Knative revisions, executors. Instead of selector, and of a name with a kind. Their pools are sized when the API server creates the pods, and planned by maxPods; the pods are never replaced. Pods of a workload that an entry selects belong to that entry.",
      ),
    kind: z
      .enum(workloadKindNames)
      .optional()
      .describe(`Kind of the workload that name speaks of. Default: ${usualKind}.`),
    name: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe(
        "Name of the one workload to manage, instead of a selector. With pods: what their row is called. Default there: the value of the label whose key comes first in the alphabet.",
      ),
    pool: poolName
      .optional()
      .describe(
        "Name of the pool that this entry sizes, where the pods have several: entries of other names size other variables of the same workloads, each with a share of its own. Default: main.",
      ),
    container: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe(
        "Container that holds the pool; a sidecar (an init container with restartPolicy Always) is one too. Default: the one that sets the variable. Where none or several do: the annotation kubectl.kubernetes.io/default-container, else the only container.",
      ),
    manage: z
      .enum(["Size", "Count"])
      .optional()
      .describe(
        "Size: Poolwarden gives the pool its size. Count: the pool is on the ledger with what its pods hold and may come to hold, and nothing is written to them; for a pool in a file, or of somebody else's pooler. Default: Size.",
      ),
    preset: z
      .enum([
        ...["generic", "hikari", "tomcat", "dbcp2"],
        ...["pgbouncer", "pgbouncer-bitnami", "pgbouncer-zalando"],
      ] as const)
      .optional()
      .describe(
        "Which environment variables carry the size: DB_POOL_MIN_SIZE and DB_POOL_MAX_SIZE (generic), or Spring Boot's for HikariCP, Tomcat JDBC or Commons DBCP2, or those of a pooler's image. Default: generic.",
      ),
    prefix: ruled(z.string().min(1).max(prefixMax), prefixRules)
      .optional()
      .describe(
        "Prefix under which the application binds this pool, where it is not the preset's usual one (db, spring.datasource.hikari, spring.datasource.tomcat, spring.datasource.dbcp2): spring.datasource.reports.hikari with preset hikari is SPRING_DATASOURCE_REPORTS_HIKARI_MAXIMUMPOOLSIZE.",
      ),
    env: environment.optional().describe("Your own variables, instead of a preset."),
    weight: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe("Weight of the workload (basis Workload) or of each of its pods (basis Pod)."),
    poolSize: poolSize.describe("Bounds of the pool size of one process.").prefault({}),
    processesPerPod: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe("Processes in a pod that each open a pool."),
    poolsPerProcess: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe(
        "Pools of this size that each process opens. Of PgBouncer: pairs of a database and a user. Default: 1.",
      ),
    extraConnectionsPerPod: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe("Connections of a pod outside its pools: listeners, locks, migrations."),
    unmanagedPoolSize: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        "Pool size that a pod without a readable size is taken to hold. Default: the preset library's own (generic and hikari 10, tomcat 100, dbcp2 8, pgbouncer 20).",
      ),
    resize: z
      .enum(["Restart", "Live"])
      .optional()
      .describe(
        "Live: the application follows its size while it runs, so its pods are resized without a restart and new pods start with poolSize.min. Default: Restart.",
      ),
    console: z
      .object({
        secretRef: secretRef.describe(
          "Secret that holds a URI with the login, of a user in admin_users, and with the console's port (5432 if unset).",
        ),
      })
      .optional()
      .describe(
        "With resize: Live and a preset of PgBouncer: the operator tells each pod its size on the pod's own admin console, with this login. The user must be in admin_users. The operator connects to the pods' addresses at the port of the URI, never to its host.",
      ),
    start: z
      .enum(["Immediately", "WhenSlotsAreFree"])
      .optional()
      .describe(
        "With resize: Live. WhenSlotsAreFree: a scheduling gate holds each new pod until its slots are there, so that no more than 5 % of the slots are kept free for pods that may come and for rollouts. While no operator runs no new pod starts. Default: Immediately.",
      ),
    plannedPods: z
      .enum(["Autoscaler", "Current"])
      .optional()
      .describe(
        "What the share is worked out for: the autoscaler's maximum, or the replicas asked for now. Default: Autoscaler where one targets the workload, else Current.",
      ),
    maxPods: z
      .int()
      .min(1)
      .max(podsMax)
      .optional()
      .describe(
        "Plan for at least so many pods where no autoscaler says how many there may be. With pods it is required: the most that run at once.",
      ),
  }),
  [
    ...pickingRules,
    {
      cel: "!has(self.poolsPerProcess) || self.processesPerPod * self.poolsPerProcess <= 1000",
      field: "poolsPerProcess",
      message:
        "processesPerPod times poolsPerProcess is above 1000: a pod with more than 1000 pools is not planned",
      holds: ({ processesPerPod, poolsPerProcess = 1 }) =>
        processesPerPod * poolsPerProcess <= 1000,
    },
    {
      cel: "!has(self.resize) || self.resize != 'Live' || !has(self.pool) || self.pool == 'main'",
      field: "resize",
      message: "resize Live is for the pool main: leave pool out, or resize",
      holds: ({ resize, pool }) => resize !== "Live" || pool === undefined || pool === mainPool,
    },
    {
      cel: "!has(self.console) || has(self.resize) && self.resize == 'Live'",
      field: "console",
      message: "console goes with resize Live: set resize: Live, or leave console out",
      holds: ({ console, resize }) => console === undefined || resize === "Live",
    },
    {
      cel: "!has(self.console) || self.processesPerPod == 1",
      field: "console",
      message:
        "console goes with processesPerPod 1: of several processes on one port, a console is that of one of them",
      holds: ({ console, processesPerPod }) => console === undefined || processesPerPod === 1,
    },
    {
      cel: "!has(self.console) || has(self.preset) && self.preset in ['pgbouncer', 'pgbouncer-bitnami']",
      field: "console",
      message:
        "console goes with preset pgbouncer or pgbouncer-bitnami: no other pool has an admin console with default_pool_size",
      holds: ({ console, preset = "" }) => console === undefined || hasConsole(preset),
    },
    {
      cel: "!has(self.start) || self.start != 'WhenSlotsAreFree' || has(self.resize) && self.resize == 'Live'",
      field: "start",
      message:
        "start WhenSlotsAreFree goes with resize Live: running pods have to make room for those that wait. Set resize: Live, or leave start out",
      holds: ({ start, resize }) => start !== "WhenSlotsAreFree" || resize === "Live",
    },
    {
      cel: "!has(self.preset) || !has(self.env)",
      message: "give preset or env, not both: env replaces the variables of a preset",
      holds: (one) => one.preset === undefined || one.env === undefined,
    },
    {
      cel: "!has(self.prefix) || !has(self.env)",
      field: "prefix",
      message: "prefix goes with a preset: env says the whole names of its variables",
      holds: (one) => one.prefix === undefined || one.env === undefined,
    },
    {
      cel: "!has(self.prefix) || !has(self.preset) || !self.preset.startsWith('pgbouncer')",
      field: "prefix",
      message: "a pooler's image fixes the names of its variables: leave prefix out",
      holds: ({ prefix, preset = "" }) => prefix === undefined || !preset.startsWith("pgbouncer"),
    },
  ],
);
