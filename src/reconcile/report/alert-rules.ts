// One PrometheusRule per policy, written when it is not there or says something else. Whether it
// still stands is told by the watch: somebody who deletes it, or changes what is ours in it, finds
// it as it should be a moment later, and whoever keeps doing so is answered with growing delays.
// Where rules cannot be watched they are written once for each text. Where the API is not installed
// that is a finding, and everything else works. A rule has 20 KB and a tenant may have thousands:
// none is kept. What it is made of tells whether it is another, and it is rendered to be written.

import type { PolicyFacts, PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import type { ObservedAlertRule, ObservedObject } from "../../observed.ts";
import type { Clock, Cluster, Failure, Outcome, Store } from "../../ports.ts";
import { buildPrometheusRule, ruleName } from "../../render/prometheus-rule.ts";
import type { CarriedFindings } from "../memory/carried-findings.ts";
import { isOlder } from "../../runtime/resource-versions.ts";
import { isSameValue } from "../same-value.ts";

const topic = "alert rules";
const failedRetryMs = 5 * 60_000;
/** What we wrote and the watch has not shown for so long may be gone again. */
const unseenMs = 10_000;
const firstPauseMs = 1_000;
const pauseMaxMs = 5 * 60_000;

interface AlertRulesParts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly notes: CarriedFindings;
  readonly runbookBaseUrl: string;
  readonly store: Store<ObservedAlertRule>;
}

/** What a rule is made of: while this is the same, so is the rule. */
type Source = Pick<PolicyFacts, "uid" | "engine"> & {
  readonly alerts: PolicyFacts["spec"]["alerts"];
  readonly server: ServerKey;
};

/** The last write of a rule. */
interface Written {
  readonly source: Source;
  readonly atMs: number;
  readonly isFailed: boolean;
  /** Of the rule as we left it; undefined where it was removed. */
  readonly resourceVersion: string | undefined;
  /** How often others had undone it, each time shortly after our write. */
  readonly rewrites: number;
  /** Which fields were ours then; undefined until the watch has shown it. */
  ownFields?: string;
}

export class AlertRules {
  readonly #parts: AlertRulesParts;
  readonly #written = new Map<PolicyKey, Written>();

  constructor(parts: AlertRulesParts) {
    this.#parts = parts;
  }

  /** One that fails takes no other's place: the rule that was written longest ago comes first. */
  longestAgoFirst(policies: readonly PolicyFacts[]): readonly PolicyFacts[] {
    const atMs = ({ key }: PolicyFacts): number => this.#written.get(key)?.atMs ?? -1;
    return policies.toSorted((a, b) => atMs(a) - atMs(b));
  }

  /** Until the policy's rule is to be written or removed; Infinity: while nothing changes. */
  dueInMs(policy: PolicyFacts, server: ServerKey): number {
    const last = this.#lastOf(policy, server);
    return last ? this.#dueAtMs(last, policy) - this.#parts.clock.monotonicMs() : 0;
  }

  /** Writes or removes the policy's rule. Resolves with when to look again, as `dueInMs`. */
  async write(policy: PolicyFacts, server: ServerKey): Promise<number> {
    const { clock, notes } = this.#parts;
    const before = this.#lastOf(policy, server);
    const nowMs = clock.monotonicMs();
    const outcome = await this.#send(policy, server);
    const isFailed = outcome.kind !== "ok";
    notes.set(policy.key, topic, isFailed ? findingOf(outcome) : undefined);
    const rewrites = before ? rewritesAfter(before, nowMs) : 0;
    const source = sourceOf(policy, server);
    this.#written.set(policy.key, { source, atMs: nowMs, rewrites, ...resultOf(outcome) });
    return isFailed ? failedRetryMs : Infinity;
  }

  /** Whose rules were written, or removed. */
  keys(): readonly PolicyKey[] {
    return [...this.#written.keys()];
  }

  forget(policy: PolicyKey): void {
    this.#written.delete(policy);
  }

  /** The last write of the rule as it is to be now. */
  #lastOf(policy: PolicyFacts, server: ServerKey): Written | undefined {
    const last = this.#written.get(policy.key);
    return last && isSameValue(last.source, sourceOf(policy, server)) ? last : undefined;
  }

  /** When it is to be written again, by the monotonic clock; Infinity where it stands. */
  #dueAtMs(written: Written, policy: PolicyFacts): number {
    if (written.isFailed) return written.atMs + failedRetryMs;
    const { store } = this.#parts;
    if (!store.synced) return Infinity;
    const state = stateOf(written, store.get(`${policy.namespace}/${ruleName(policy)}`));
    if (state === "inPlace") return Infinity;
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(written.rewrites, 20), pauseMaxMs);
    return written.atMs + Math.max(pauseMs, state === "unseen" ? unseenMs : 0);
  }

  async #send(
    policy: PolicyFacts,
    server: ServerKey,
  ): Promise<Outcome<ObservedObject | undefined>> {
    const { cluster, runbookBaseUrl } = this.#parts;
    const manifest = buildPrometheusRule(policy, server, runbookBaseUrl);
    if (!policy.spec.alerts.enabled) return await cluster.remove(manifest);
    return await cluster.apply(manifest, { force: true });
  }
}

function sourceOf({ uid, spec, engine }: PolicyFacts, server: ServerKey): Source {
  return { uid, alerts: spec.alerts, server, engine: engine ?? spec.database.engine };
}

/** `unseen`: the cache may not know of our write yet. Notes what it shows of it. */
function stateOf(
  written: Written,
  cached: ObservedAlertRule | undefined,
): "inPlace" | "unseen" | "changed" {
  const { resourceVersion = "", source } = written;
  if (!source.alerts.enabled) return cached ? "unseen" : "inPlace";
  if (!cached) return written.ownFields === undefined ? "unseen" : "changed";
  if (cached.resourceVersion === resourceVersion) written.ownFields = cached.ownFields;
  else if (isOlder(cached.resourceVersion, resourceVersion)) return "unseen";
  return cached.ownFields === written.ownFields ? "inPlace" : "changed";
}

function resultOf(
  outcome: Outcome<ObservedObject | undefined>,
): Pick<Written, "isFailed" | "resourceVersion"> {
  if (outcome.kind !== "ok") return { isFailed: true, resourceVersion: undefined };
  return { isFailed: false, resourceVersion: outcome.value?.resourceVersion };
}

/** What stood for two of the longest pauses was let be. */
function rewritesAfter({ rewrites, atMs, isFailed }: Written, nowMs: number): number {
  return isFailed || nowMs - atMs > 2 * pauseMaxMs ? 0 : rewrites + 1;
}

function findingOf(failure: Failure): ReturnType<CarriedFindings["of"]>[number] {
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
