// The alerts of the operator itself, for those who run it: the same for every installation, so they
// are a file that the chart ships. None of them is urgent by itself, because sizes stay as they are
// while nobody decides; two leaders are, because they could write against each other.
//
// Labels that Prometheus gives to a scraped pod (namespace, pod, instance) tell installations and
// replicas apart.

import { type Alert, buildRule, usualRunbookBaseUrl } from "./alert.ts";
import { alertValue, isAbsent, oldAfterSeconds } from "./promql.ts";

/** All alerts of the operator, in the order of the reference. */
export const operatorAlerts: readonly Alert[] = [
  absentAlert("Nothing decides"),
  {
    name: "PoolwardenNoLeader",
    severity: "warning",
    holdsFor: "5m",
    expression: "max by (namespace) (poolwarden_leader{}) == 0",
    summary: "No Poolwarden in {{ $labels.namespace }} leads.",
    description:
      "Operators run in {{ $labels.namespace }} and none of them has the Lease, so nothing is decided and sizes stay as they are. " +
      "Taking over takes one lease duration; longer means that the Lease cannot be read or written, or is held by somebody who does not run.",
  },
  {
    name: "PoolwardenTwoLeaders",
    severity: "critical",
    holdsFor: "2m",
    expression: "sum by (namespace) (poolwarden_leader{}) > 1",
    summary: `${alertValue} operators in {{ $labels.namespace }} take themselves to be the leader.`,
    description:
      `${alertValue} operators in {{ $labels.namespace }} decide at the same time and may write against each other: leader election is switched off with more than one replica, or they have different Leases. ` +
      "Scale to one replica, then mend the settings.",
  },
  {
    name: "PoolwardenReconcileFailing",
    severity: "warning",
    holdsFor: "10m",
    expression:
      "sum by (namespace, controller, result) " +
      '(increase(poolwarden_reconcile_total{result!~"done|after"}[10m])) > 5',
    summary: "The {{ $labels.controller }} reconciler fails again and again: {{ $labels.result }}.",
    description:
      `${alertValue} runs of the {{ $labels.controller }} reconciler ended with {{ $labels.result }} within 10 min. Each is tried again with growing delays up to a minute; what it could not do stays as it was. ` +
      'The log has a line "reconcile failed" with key and cause for each.',
  },
  {
    name: "PoolwardenFault",
    severity: "warning",
    holdsFor: "0m",
    expression:
      "sum by (namespace, controller, result) " +
      '(increase(poolwarden_reconcile_total{result=~"UNEXPECTED|INVARIANT_VIOLATED"}[15m])) > 0',
    summary: "A fault of the operator: {{ $labels.result }} in {{ $labels.controller }}.",
    description:
      `The {{ $labels.controller }} reconciler has met ${alertValue} times what its authors held to be impossible. Its writes for that key stop; the others go on. ` +
      'The log line "reconcile failed: a fault of the operator" is what a report needs.',
  },
  {
    name: "PoolwardenReconcileStuck",
    severity: "warning",
    holdsFor: "1m",
    expression: "max by (namespace, pod, controller) (poolwarden_reconcile_running_seconds{}) > 60",
    summary: "A run of the {{ $labels.controller }} reconciler does not end.",
    description:
      `A run of the {{ $labels.controller }} reconciler in {{ $labels.pod }} has been under way for ${alertValue} s; every request that it makes has a limit far below. ` +
      "Beyond 120 s the liveness probe fails and the pod is started anew.",
  },
  {
    name: "PoolwardenCacheStale",
    severity: "warning",
    holdsFor: "5m",
    expression: "min by (namespace, pod, kind) (poolwarden_cache_synced{}) == 0",
    summary: "The cache of {{ $labels.kind }} objects in {{ $labels.pod }} is not up to date.",
    description:
      "{{ $labels.pod }} cannot list or watch {{ $labels.kind }} objects, or has heard nothing for 3 min. Nothing is decided until it can: sizes stay as they are. " +
      "The page /readyz and the log name the cause: a missing right, or an API server that does not answer.",
  },
  {
    name: "PoolwardenDatabaseUnreachable",
    severity: "warning",
    holdsFor: "15m",
    expression: "max by (namespace, server) (poolwarden_database_up{}) == 0",
    summary: "{{ $labels.server }} has not been readable for 15 min.",
    description:
      "No reading of {{ $labels.server }} has worked for 15 min. Its policies keep their sizes and nothing grows. " +
      "The condition DatabaseReachable of each policy on it has the cause.",
  },
  {
    name: "PoolwardenWritesRefused",
    severity: "warning",
    holdsFor: "15m",
    expression:
      "sum by (namespace, kind, outcome) " +
      '(increase(poolwarden_writes_total{outcome=~"forbidden|invalid"}[15m])) > 0',
    summary: "The API server refuses writes of {{ $labels.kind }}: {{ $labels.outcome }}.",
    description:
      `${alertValue} writes of {{ $labels.kind }} were refused within 15 min ({{ $labels.outcome }}). Each is tried again, at most once a minute. ` +
      "A finding of the policy names object and cause: a right that is missing, or an admission webhook that says no.",
  },
  {
    name: "PoolwardenNotReconciling",
    severity: "warning",
    holdsFor: "5m",
    expression:
      "count(time() - max by (namespace, exported_namespace, policy) " +
      `(poolwarden_policy_last_decision_timestamp_seconds{}) > ${oldAfterSeconds})`,
    summary: `${alertValue} policies have not been decided on for long.`,
    description:
      `The operator runs, but has decided nothing about ${alertValue} policies for more than four reading intervals, and 10 min at least. Their sizes stay as they are. ` +
      "Log and /readyz say what is in the way.",
  },
  {
    name: "PoolwardenRestarting",
    severity: "warning",
    holdsFor: "0m",
    expression:
      "changes(process_start_time_seconds{}[1h]) > 3 and " +
      "on (namespace, pod, instance) last_over_time(poolwarden_leader{}[1h])",
    summary: "{{ $labels.pod }} was started anew again and again.",
    description:
      `{{ $labels.pod }} in {{ $labels.namespace }} was started ${alertValue} times within an hour. Each new start has to read everything before it decides. ` +
      "kubectl logs --previous says how it ended: a lost Lease, memory, a failing probe.",
  },
];

/** That there is no operator; `missed` is what it would have done. */
export function absentAlert(missed: string): Alert {
  return {
    name: "PoolwardenAbsent",
    severity: "warning",
    holdsFor: "10m",
    expression: isAbsent,
    summary: "No Poolwarden is scraped.",
    description:
      `${missed}: grants stay in force and pods start as they did, but changes of replicas, limits and foreign sessions are not followed. ` +
      "Start the operator, or let Prometheus scrape it.",
  };
}

/** A rule file of Prometheus, and the spec of a PrometheusRule. */
export function buildOperatorRules(): object {
  const rules = operatorAlerts.map((alert) => buildRule(alert, {}, usualRunbookBaseUrl));
  return { groups: [{ name: "poolwarden/operator", rules }] };
}
