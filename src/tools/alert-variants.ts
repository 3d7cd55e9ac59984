// Every alert that there can be: those of policies with each of their settings, and those of the
// operator. The reference, the runbooks and the tests that hold them to each other go through this
// list, so that an alert cannot be forgotten by one of them.

import type { EngineName } from "../api/engines.ts";
import { poolPolicySpec } from "../api/poolpolicy.ts";
import type { Alert } from "../render/alert.ts";
import { alertsOf, type AlertSettings } from "../render/alerts.ts";
import { operatorAlerts } from "../render/operator-alerts.ts";
import type { Subject } from "../render/promql.ts";

export interface Variant {
  readonly alert: Alert;
  /** The setting of the policy that it needs, if any. */
  readonly needs: string | undefined;
}

interface Setting extends Pick<Variant, "needs"> {
  readonly alerts?: Partial<AlertSettings>;
  readonly engine?: EngineName;
}

export const needsDbPool = "alerts.poolMetrics: DbPool";

const settings: readonly Setting[] = [
  { needs: undefined },
  { needs: "alerts.poolMetrics: Micrometer", alerts: { poolMetrics: "Micrometer" } },
  { needs: needsDbPool, alerts: { poolMetrics: "DbPool" } },
  { needs: "alerts.postgresExporter: true", alerts: { postgresExporter: true } },
  { needs: "database.engine: PgBouncer", engine: "PgBouncer" },
];

/** Every alert of a policy once; one that some settings share is of the first. */
export function policyVariants(subject: Subject): readonly Variant[] {
  const plain = poolPolicySpec.shape.alerts.parse(undefined);
  const seen = new Set<string>();
  return settings.flatMap(({ needs, alerts, engine }) =>
    alertsOf({ ...(engine && { engine }), ...subject }, { ...plain, ...alerts }).flatMap(
      (alert) => {
        if (seen.has(alert.expression)) return [];
        seen.add(alert.expression);
        return [{ alert, needs }];
      },
    ),
  );
}

/** All of them; a name may stand there several times. */
export function allAlerts(subject: Subject): readonly Alert[] {
  return [...policyVariants(subject).map(({ alert }) => alert), ...operatorAlerts];
}
