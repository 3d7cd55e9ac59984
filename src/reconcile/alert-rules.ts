// One PrometheusRule per policy, written when it is not there or says something else. Where the API
// is not installed that is a finding, and everything else works.

import type { PolicyFacts, PolicyKey, ServerKey } from "../domain/facts.ts";
import type { Clock, Cluster, Failure, Manifest } from "../ports.ts";
import { buildPrometheusRule } from "../render/prometheus-rule.ts";
import type { Notes } from "./notes.ts";

const topic = "alert rules";
const failedRetryMs = 5 * 60_000;

interface Written {
  /** What the rule was made of: rendered anew only when that is another, not with each decision. */
  readonly source: Source;
  readonly text: string;
  readonly retryAtMs: number;
}

type Source = Pick<PolicyFacts, "uid"> & {
  readonly alerts: PolicyFacts["spec"]["alerts"];
  readonly server: ServerKey;
};

export class AlertRules {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #notes: Notes;
  readonly #runbookBaseUrl: string;
  readonly #written = new Map<PolicyKey, Written>();

  constructor(parts: {
    readonly cluster: Cluster;
    readonly clock: Clock;
    readonly notes: Notes;
    readonly runbookBaseUrl: string;
  }) {
    this.#runbookBaseUrl = parts.runbookBaseUrl;
    this.#cluster = parts.cluster;
    this.#clock = parts.clock;
    this.#notes = parts.notes;
  }

  /** Writes or removes the policy's rule if it is not as it should be. */
  async keep(policy: PolicyFacts, server: ServerKey): Promise<void> {
    const { alerts } = policy.spec;
    const { enabled } = alerts;
    const source = { uid: policy.uid, alerts, server };
    const last = this.#written.get(policy.key);
    const nowMs = this.#clock.monotonicMs();
    const isDue = last === undefined || nowMs >= last.retryAtMs;
    if (!isDue && isSameSource(source, last.source)) return;
    const manifest = buildPrometheusRule(policy, server, this.#runbookBaseUrl);
    const text = JSON.stringify({ enabled, manifest });
    if (!isDue && last.text === text) {
      this.#written.set(policy.key, { ...last, source });
      return;
    }
    const failure = await this.#write(manifest, enabled);
    const retryAtMs = failure ? nowMs + failedRetryMs : Number.POSITIVE_INFINITY;
    this.#written.set(policy.key, { source, text, retryAtMs });
    this.#notes.set(policy.key, topic, failure && findingOf(failure));
  }

  async #write(manifest: Manifest, enabled: boolean): Promise<Failure | undefined> {
    const outcome = enabled
      ? await this.#cluster.apply(manifest, { force: true })
      : await this.#cluster.remove(manifest);
    return outcome.kind === "ok" ? undefined : outcome;
  }
}

function isSameSource(a: Source, b: Source): boolean {
  return a.alerts === b.alerts && a.server === b.server && a.uid === b.uid;
}

function findingOf(failure: Failure): ReturnType<Notes["of"]>[number] {
  if (failure.kind === "absent") {
    const message =
      "the PrometheusRule API (monitoring.coreos.com/v1) is not installed: no alert rules are written; " +
      "install the Prometheus operator, or set spec.alerts.enabled to false";
    return { reason: "RuleNotInstalled", severity: "info", message };
  }
  const reason = failure.kind === "forbidden" ? "Forbidden" : "WriteFailed";
  return {
    reason,
    severity: "degraded",
    message: `writing the PrometheusRule: ${failure.message}`,
  };
}
