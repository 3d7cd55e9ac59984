// The alerts of one policy, as a table. Their numbers are those of the ledger, so that an alert,
// the status and `kubectl describe` never disagree. Expressions name metrics that exist: the
// operator's own, and those of pools and exporters only where the policy says that they are there.

import { engines, usualEngine } from "../api/engines.ts";
import type { PoolPolicySpec } from "../api/poolpolicy.ts";
import type { Alert } from "./alert.ts";
import { absentAlert } from "./operator-alerts.ts";
import {
  alertValue,
  inNamespace,
  literal,
  numberOf,
  ofPolicy,
  ofServer,
  oldAfterSeconds,
  quote,
  type Subject,
  usualIntervalSeconds,
} from "./promql.ts";

export type AlertSettings = PoolPolicySpec["alerts"];

/** Metrics that are not ours, and whose they are: asked for only where the policy says so. */
export const metricsOfOthers: Readonly<Record<string, string>> = {
  hikaricp_connections_active: "Micrometer's HikariCP binder (`poolMetrics: Micrometer`)",
  hikaricp_connections_max: "Micrometer's HikariCP binder (`poolMetrics: Micrometer`)",
  hikaricp_connections_pending: "Micrometer's HikariCP binder (`poolMetrics: Micrometer`)",
  db_pool_free_connections: "services that export it themselves (`poolMetrics: DbPool`)",
  database_health_status: "services that export it themselves (`poolMetrics: DbPool`)",
  pg_up: "postgres_exporter (`postgresExporter: true`)",
};

/** All alerts of a policy, in the order of the reference. */
export function alertsOf(subject: Subject, settings: AlertSettings): readonly Alert[] {
  return [
    ...exhaustionAlerts(subject, settings),
    ...databaseAlerts(subject, settings),
    ...budgetAlerts(subject, settings),
    ...tierAlerts(subject),
    ...growthAlerts(subject),
    ...decisionAlerts(subject),
  ];
}

function exhaustionAlerts(subject: Subject, { poolMetrics }: AlertSettings): Alert[] {
  if (poolMetrics === "None") return [];
  const { namespace } = subject;
  const hikari =
    `${inNamespace("hikaricp_connections_active", subject)} >= ` +
    `${inNamespace("hikaricp_connections_max", subject)} or ` +
    `${inNamespace("hikaricp_connections_pending", subject)} > 0`;
  const dbPool = `${inNamespace("db_pool_free_connections", subject)} == 0`;
  return [
    {
      name: "ConnectionPoolExhausted",
      severity: "critical",
      holdsFor: "1m",
      expression: poolMetrics === "Micrometer" ? hikari : dbPool,
      summary: `A pool of {{ $labels.pod }} in ${namespace} has no free connection.`,
      description:
        `No connection of pool {{ $labels.pool }} in pod {{ $labels.pod }} has been free for 1 min, so requests wait. ` +
        `The server's budget is ${budgetOf(subject)} slots and the fleet holds ${fleetOf(subject)} of them: with slots left, raise poolSize.max or the weight of the workload; ` +
        `without, look for slow queries or leaked connections first, then raise ${settingOf(subject)}.`,
    },
  ];
}

function databaseAlerts(subject: Subject, settings: AlertSettings): Alert[] {
  const common = { name: "DatabaseUnhealthy", severity: "critical", holdsFor: "30s" } as const;
  const server = literal(subject.server);
  const alerts: Alert[] = [
    {
      ...common,
      source: "operator",
      expression: `${ofServer("poolwarden_database_up", subject)} == 0`,
      summary: `The operator cannot read the limits of ${server}.`,
      description:
        `The latest reading of ${server} failed. Sizes stay as they are and nothing grows (budget ${budgetOf(subject)} slots) until it works again; ` +
        "the condition DatabaseReachable of the policy says why it fails.",
    },
  ];
  if (settings.postgresExporter) {
    alerts.push({
      ...common,
      source: "exporter",
      expression: `${inNamespace("pg_up", subject)} == 0`,
      summary: `postgres_exporter in ${subject.namespace} cannot reach its server.`,
      description: `postgres_exporter {{ $labels.instance }} reports pg_up ${alertValue} since 30 s: the server is down, or refuses the exporter.`,
    });
  }
  if (settings.poolMetrics === "DbPool") {
    alerts.push({
      ...common,
      source: "pool",
      expression: `${inNamespace("database_health_status", subject)} != 1`,
      summary: `{{ $labels.pod }} in ${subject.namespace} finds its database unhealthy.`,
      description: `Pod {{ $labels.pod }} reports database_health_status ${alertValue} (1 is healthy) since 30 s.`,
    });
  }
  return alerts;
}

function budgetAlerts(subject: Subject, { usedPercent }: AlertSettings): Alert[] {
  const server = literal(subject.server);
  const fleet = ofServer("poolwarden_fleet_sessions", subject);
  const budget = ofServer("poolwarden_budget_slots", subject);
  return [
    {
      name: "PoolBudgetNearlyUsed",
      severity: "warning",
      holdsFor: "5m",
      expression: `100 * ${fleet} / ${budget} >= ${usedPercent}`,
      summary: `The pods hold ${alertValue} % of the budget of ${server}.`,
      description:
        `Managed pods have ${fleetOf(subject)} sessions open of a budget of ${budgetOf(subject)} slots on ${server}: ${alertValue} %, and ${usedPercent} % is the threshold. ` +
        `${settingOf(subject)} is ${slotsOf("poolwarden_max_connections", subject)}, foreign sessions take ${slotsOf("poolwarden_foreign_sessions", subject)}. ` +
        `More load will wait for connections: ${wayOutOf(subject)}.`,
    },
    {
      name: "PoolBudgetExceeded",
      severity: "critical",
      holdsFor: "5m",
      expression: `${ofServer("poolwarden_over_budget_slots", subject)} > 0`,
      summary: `What runs and may still start on ${server} is ${alertValue} slots over the budget.`,
      description:
        `In the worst case the fleet takes ${slotsOf("poolwarden_used_slots", subject)} slots of a budget of ${budgetOf(subject)}: ${alertValue} too many, and logins may be refused. ` +
        "Rollouts that repair it are under way or wait; the rows of the policy's status say which, and why.",
    },
    {
      name: "PoolPolicyInfeasible",
      severity: "warning",
      holdsFor: "5m",
      expression: `${ofPolicy("poolwarden_infeasible", subject)} == 1`,
      summary: `The floors of ${subject.namespace}/${subject.policy} do not fit the budget.`,
      description:
        `Even with every pool at its floor, the planned pods need more than the ${budgetOf(subject)} slots of ${server}. ` +
        `Lower a floor (poolSize.min), plan for fewer pods, or raise ${settingOf(subject)}.`,
    },
    {
      name: "ForeignSessionsGrowing",
      severity: "warning",
      holdsFor: "10m",
      expression: foreignGrowth(subject),
      summary: `Sessions of nobody's pods on ${server} grew by ${alertValue} within an hour.`,
      description:
        `${slotsOf("poolwarden_foreign_sessions", subject)} sessions on ${server} belong to no managed pod, ${alertValue} more than an hour ago (alert above 5 % of the capacity of ${slotsOf("poolwarden_capacity_slots", subject)}). ` +
        "They cut the budget of the fleet. The ledger of the policy names the largest groups.",
    },
  ];
}

/** Only a pooler has a server behind it. */
function tierAlerts(subject: Subject): Alert[] {
  if (subject.engine !== "PgBouncer") return [];
  const may = ofPolicy("poolwarden_behind_may_open_slots", subject, "behind");
  const has = ofPolicy("poolwarden_behind_slots", subject, "behind");
  return [
    {
      name: "ServerBehindTooSmall",
      severity: "warning",
      holdsFor: "10m",
      expression: `${may} - ${has} > 0`,
      summary: `The pooler ${literal(subject.server)} may open more connections than {{ $labels.behind }} has.`,
      description:
        `All pods of the pooler together may open ${alertValue} connections more to {{ $labels.behind }} than it has for applications (+Inf: without a limit). ` +
        "Beyond that, the server refuses logins of the pooler, and its clients wait in vain. " +
        `The finding ServerBehindTooSmall of ${subject.namespace}/${subject.policy} says which max_db_connections fits.`,
    },
  ];
}

function growthAlerts(subject: Subject): Alert[] {
  const policy = `${subject.namespace}/${subject.policy}`;
  return [
    {
      name: "PoolGrowthBlocked",
      severity: "info",
      holdsFor: "1h",
      expression: `${ofPolicy("poolwarden_growth_waiting", subject)} > 0`,
      summary: `${alertValue} workloads of ${policy} have waited an hour for larger pools.`,
      description:
        `${alertValue} grants are below the share because the slots are not free: ${slotsOf("poolwarden_used_slots", subject)} of ${budgetOf(subject)} slots of ${literal(subject.server)} are spoken for. ` +
        "Usually a rollout is stuck, or pods started without a size; the rows of the status say which.",
    },
    {
      name: "PodsStartedUnsized",
      severity: "warning",
      holdsFor: "10m",
      expression: `${ofPolicy("poolwarden_unsized_pods", subject, "workload")} > 0`,
      summary: `${alertValue} pods of {{ $labels.workload }} in ${subject.namespace} run with a size of their own.`,
      description:
        `${alertValue} pods of {{ $labels.workload }} were started while the admission policy was not in effect (for up to half a minute after an API server starts, it is not). They hold what their template says and may exceed the plan: ` +
        "check that the MutatingAdmissionPolicy and its binding `poolwarden` are installed, then restart the workload.",
    },
    {
      name: "PodsWaitingForSlots",
      severity: "warning",
      holdsFor: "5m",
      expression: `${ofPolicy("poolwarden_waiting_pods", subject, "workload")} > 0`,
      summary: `${alertValue} new pods of {{ $labels.workload }} in ${subject.namespace} wait for slots.`,
      description:
        `${alertValue} pods of {{ $labels.workload }} are held by the scheduling gate poolwarden.dev/slots: their slots are not there. ` +
        "The finding PodsWaiting of the policy says how many slots they need, since when, and who holds them.",
    },
    {
      name: "PodsNotFollowing",
      severity: "warning",
      holdsFor: "10m",
      expression: `${ofPolicy("poolwarden_not_following_pods", subject, "workload")} > 0`,
      summary: `${alertValue} pods of {{ $labels.workload }} in ${subject.namespace} do not follow their pool size.`,
      description:
        `${alertValue} pods of {{ $labels.workload }} do not have the pool size that they were told: they hold more sessions, or, for PgBouncer, the admin console does not answer. ` +
        "They count with what they may hold, so others get less. The finding NotFollowing of the policy says which pod and why.",
    },
  ];
}

function decisionAlerts(subject: Subject): Alert[] {
  const policy = `${subject.namespace}/${subject.policy}`;
  const decidedAt = ofPolicy("poolwarden_policy_last_decision_timestamp_seconds", subject);
  return [
    {
      name: "PoolPolicyNotReconciled",
      severity: "warning",
      holdsFor: "5m",
      expression: `time() - ${decidedAt} > ${oldAfterSeconds}`,
      summary: `${policy} was last decided on ${alertValue} s ago.`,
      description:
        `The operator runs, but has decided nothing about ${policy} for {{ $value | humanizeDuration }} (usual: every ${usualIntervalSeconds} s at least). ` +
        "Sizes stay as they are. Its log and the condition Ready say what is in the way.",
    },
    absentAlert(`Nothing decides about ${policy}`),
  ];
}

function foreignGrowth(subject: Subject): string {
  const series = `poolwarden_foreign_sessions{server=${quote(subject.server)}}`;
  const growth = `${ofServer("poolwarden_foreign_sessions", subject)} - min by (server) (min_over_time(${series}[1h]))`;
  return `${growth} > 0.05 * ${ofServer("poolwarden_capacity_slots", subject)}`;
}

/** As the server calls it. */
function settingOf({ engine = usualEngine }: Subject): string {
  return engines[engine].connectionsSetting;
}

function wayOutOf(subject: Subject): string {
  const { pooler } = engines[subject.engine ?? usualEngine];
  const raise = `raise ${settingOf(subject)}`;
  return pooler === undefined ? raise : `${raise}, or put a ${pooler} in front`;
}

function slotsOf(metric: string, subject: Subject): string {
  return numberOf(ofServer(metric, subject));
}

function budgetOf(subject: Subject): string {
  return slotsOf("poolwarden_budget_slots", subject);
}

function fleetOf(subject: Subject): string {
  return slotsOf("poolwarden_fleet_sessions", subject);
}
