// What users write: the one source of the types, the validation at the border, the
// CustomResourceDefinition and the field reference. Keep transforms out of it: JSON Schema cannot
// say them. The status is in poolpolicy-status.ts.

import { z } from "zod";
import { database, reserve } from "./database.ts";
import { durationPattern } from "./durations.ts";
import { labels } from "./labels.ts";
import { explainIssues } from "./problems.ts";
import { ruled, textRule } from "./rules.ts";
import { workloads } from "./workloads.ts";

export * from "./poolpolicy-status.ts";
export type { Grant } from "./grant.ts";

const cooldown = ruled(z.string().max(20), [
  textRule(durationPattern, "give stability.cooldown as a duration such as 90s, 5m or 1h30m"),
]);

/** Zod schema of `spec`. Unknown keys are dropped: a stored policy may be newer than we are. */
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
  database: database.describe("The database server whose connections are shared."),
  sessions: z
    .object({
      match: z
        .enum(["Auto", "Address", "Login"])
        .default("Auto")
        .describe(
          "By what sessions are known as the pods' own. Address: the client address is a pod's. Login: also sessions of database.role from addresses that no pod has, up to what the pods can hold. Auto: as Address, and a finding says so where sessions look translated.",
        ),
    })
    .describe("Which sessions on the server are the pods' own.")
    .prefault({}),
  reserve: reserve.describe("What is kept free on the server.").prefault({}),
  basis: z
    .enum(["Workload", "Pod"])
    .default("Workload")
    .describe("Whether weights speak of whole workloads or of single pods."),
  demand: z
    .enum(["Ignore", "Advise", "Share"])
    .default("Advise")
    .describe(
      "Whether pools are watched at work. Advise: every few seconds it is looked how many connections of each pod are at work, and each row says the peak and the pool size for it. Share: that size is also the most that a pool is given, once the confidence is Medium, and what it leaves goes to pools that need more. Ignore: nothing is asked or said.",
    ),
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
      cooldown: cooldown
        .default("5m")
        .describe(
          "Shortest time between two rollouts of one workload that make its pools larger (with demand Share: between any two), and how long fewer planned pods must last before others grow into them; for example 5m.",
        ),
    })
    .describe("What keeps sizes from moving too often.")
    .prefault({}),
  workloads: workloads.describe(
    "Which workloads to manage, and how each is sized. The first entry that matches a workload counts. The selectors of all entries together have at most 1000 labels, expressions and values.",
  ),
  alerts: z
    .object({
      enabled: z
        .boolean()
        .default(true)
        .describe("Whether a PrometheusRule is written for the policy."),
      labels: labels
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

export type PoolPolicySpec = z.infer<typeof poolPolicySpec>;
export type WorkloadEntry = PoolPolicySpec["workloads"][number];

/**
 * The spec of a stored policy with every default filled in, or why it cannot be used: field,
 * value and way out, as one sentence. The API server has checked the same, but perhaps with an
 * older CRD.
 */
export function parseSpec(raw: unknown): { spec: PoolPolicySpec } | { problem: string } {
  const parsed = poolPolicySpec.safeParse(raw);
  if (parsed.success) return { spec: parsed.data };
  return { problem: explainIssues(raw, parsed.error.issues) };
}
