// The PrometheusRule of one policy. It is owned by the policy, so that it goes when the policy
// goes, and lies in its namespace, so that the team that owns the policy gets its alerts.

import { apiVersion, kind, ruleLabel } from "../api/group.ts";
import type { PolicyFacts, ServerKey } from "../domain/facts/facts.ts";
import type { Manifest } from "../ports.ts";
import { buildRule } from "./alert.ts";
import { alertsOf } from "./alerts.ts";

/** What of a policy its alert rules are made of. */
export type RuledPolicy = Pick<PolicyFacts, "namespace" | "name" | "uid" | "engine"> & {
  readonly spec: Pick<PolicyFacts["spec"], "alerts" | "database">;
};

/** The PrometheusRule (`monitoring.coreos.com/v1`) with the alerts that the policy asks for. */
export function buildPrometheusRule(
  policy: RuledPolicy,
  server: ServerKey,
  runbookBaseUrl: string,
): Manifest {
  const { namespace, name, uid, spec } = policy;
  const labels = { namespace, policy: name };
  const engine = policy.engine ?? spec.database.engine;
  const alerts = alertsOf({ namespace, policy: name, server, engine }, spec.alerts);
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: {
      namespace,
      name: ruleName(policy),
      labels: {
        "app.kubernetes.io/managed-by": "poolwarden",
        ...spec.alerts.labels,
        [ruleLabel]: uid,
      },
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    spec: {
      groups: [
        {
          name: `poolwarden/${namespace}/${name}`,
          rules: alerts.map((alert) => buildRule(alert, labels, runbookBaseUrl)),
        },
      ],
    },
  };
}

const nameLimitCharacters = 253;

/** Not `poolwarden-`: the chart could have made a rule of that name for its own release. */
const namePrefix = "poolpolicy-";

/** Of the policy's PrometheusRule, which stands beside it. */
export function ruleName({ name: policyName, uid }: Pick<RuledPolicy, "name" | "uid">): string {
  const name = `${namePrefix}${policyName}`;
  if (name.length <= nameLimitCharacters) return name;
  return `${name.slice(0, nameLimitCharacters - 37)}-${uid.slice(0, 36)}`;
}
