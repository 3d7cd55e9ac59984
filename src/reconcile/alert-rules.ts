// One PrometheusRule per policy, written when it is not there or says something else. Whether it
// still stands is told by the watch: somebody who deletes it, or changes what is ours in it, finds
// it as it should be a moment later, and whoever keeps doing so is answered with growing delays.
// Where rules cannot be watched they are written once for each text. Where the API is not installed
// that is a finding, and everything else works.

import type { PolicyFacts, PolicyKey, ServerKey } from "../domain/facts.ts";
import type { ObservedAlertRule, ObservedObject } from "../observed.ts";
import type { Clock, Cluster, Failure, Manifest, Outcome, Store } from "../ports.ts";
import { buildPrometheusRule } from "../render/prometheus-rule.ts";
import type { Notes } from "./notes.ts";
import { isOlder } from "./resource-versions.ts";

const topic = "alert rules";
const failedRetryMs = 5 * 60_000;
/** What we wrote and the watch has not shown for so long may be gone again. */
const unseenMs = 10_000;
const firstPauseMs = 1_000;
const pauseMaxMs = 5 * 60_000;

interface AlertRulesParts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly notes: Notes;
  readonly runbookBaseUrl: string;
  readonly store: Store<ObservedAlertRule>;
}

/** What a rule is made of. */
type Source = Pick<PolicyFacts, "uid"> & {
  readonly alerts: PolicyFacts["spec"]["alerts"];
  readonly server: ServerKey;
};

/** A rule as it is to be: with `enabled` false, none. */
interface Wanted {
  /** It is rendered anew only when this is another, not with each decision. */
  readonly source: Source;
  readonly enabled: boolean;
  readonly manifest: Manifest;
  readonly text: string;
}

/** The last write of a rule. */
interface Written {
  wanted: Wanted;
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

  /**
   * Writes or removes the policy's rule if it is not as it should be. Resolves with when to look
   * again, in milliseconds; undefined: when something changes.
   */
  async keep(policy: PolicyFacts, server: ServerKey): Promise<number | undefined> {
    const { clock, notes } = this.#parts;
    const last = this.#written.get(policy.key);
    const wanted = this.#wanted(policy, server, last);
    const before = last?.wanted.text === wanted.text ? last : undefined;
    if (before) before.wanted = wanted;
    const nowMs = clock.monotonicMs();
    const dueAtMs = before ? this.#dueAtMs(before) : nowMs;
    if (dueAtMs > nowMs) return dueAtMs === Infinity ? undefined : dueAtMs - nowMs;
    const outcome = await this.#write(wanted);
    const isFailed = outcome.kind !== "ok";
    notes.set(policy.key, topic, isFailed ? findingOf(outcome) : undefined);
    const rewrites = before ? rewritesAfter(before, nowMs) : 0;
    this.#written.set(policy.key, { wanted, atMs: nowMs, rewrites, ...resultOf(outcome) });
    return isFailed ? failedRetryMs : undefined;
  }

  /** Whose rules were written, or removed. */
  keys(): readonly PolicyKey[] {
    return [...this.#written.keys()];
  }

  forget(policy: PolicyKey): void {
    this.#written.delete(policy);
  }

  #wanted(policy: PolicyFacts, server: ServerKey, last: Written | undefined): Wanted {
    const { alerts } = policy.spec;
    const source = { uid: policy.uid, alerts, server };
    if (last && isSameSource(last.wanted.source, source)) return last.wanted;
    const { enabled } = alerts;
    const manifest = buildPrometheusRule(policy, server, this.#parts.runbookBaseUrl);
    return { source, enabled, manifest, text: JSON.stringify({ enabled, manifest }) };
  }

  /** When it is to be written again, by the monotonic clock; Infinity where it stands. */
  #dueAtMs(written: Written): number {
    if (written.isFailed) return written.atMs + failedRetryMs;
    const { store } = this.#parts;
    if (!store.synced) return Infinity;
    const { namespace = "", name } = written.wanted.manifest.metadata;
    const state = stateOf(written, store.get(`${namespace}/${name}`));
    if (state === "inPlace") return Infinity;
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(written.rewrites, 20), pauseMaxMs);
    return written.atMs + Math.max(pauseMs, state === "unseen" ? unseenMs : 0);
  }

  async #write({ enabled, manifest }: Wanted): Promise<Outcome<ObservedObject | undefined>> {
    const { cluster } = this.#parts;
    if (!enabled) return await cluster.remove(manifest);
    return await cluster.apply(manifest, { force: true });
  }
}

function isSameSource(a: Source, b: Source): boolean {
  return a.alerts === b.alerts && a.server === b.server && a.uid === b.uid;
}

/** `unseen`: the cache may not know of our write yet. Notes what it shows of it. */
function stateOf(
  written: Written,
  cached: ObservedAlertRule | undefined,
): "inPlace" | "unseen" | "changed" {
  const { resourceVersion = "", wanted } = written;
  if (!wanted.enabled) return cached ? "unseen" : "inPlace";
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
