// A workload that no policy enforces any more (its policy is gone or only observes, or its labels
// have changed) is released: what we wrote keeps its value, so that no pod is replaced, and belongs
// to nobody, so that no other tool meets a conflict with us. It is told from what the cluster says,
// not from the event: if we were away meanwhile, it is done when we are back. There is no finalizer
// for it, because an uninstall must never hang on us.

import { workloadKeyOf } from "../api/keys.ts";
import { mayBeGranted, ownNames } from "../api/granted-names.ts";
import { fieldManager } from "../api/group.ts";
import { isNumberOrEmpty } from "../api/size-text.ts";
import type { PolicyKey, WorkloadKey } from "../domain/facts/facts.ts";
import type { EnvEntry, ObservedWorkload } from "../observed.ts";
import type { Cluster, KubernetesEvent, Log } from "../ports.ts";
import { after, done, type Result } from "../runtime/result.ts";
import { areSynced, type Caches, workloadNamed, workloadsIn } from "./caches.ts";
import { type Selection, claimsOn } from "./observe/claims.ts";
import { isCurrent, type PolicyBook } from "./resolve/policy-book.ts";
import { workloadReference } from "./report/regarding.ts";

export interface ReleaseParts {
  readonly caches: Caches;
  readonly book: PolicyBook;
  readonly cluster: Pick<Cluster, "release" | "createEvent">;
  readonly log: Log;
}

const notKnownRetryMs = 1_000;
const failedRetryMs = 5_000;

export class ReleaseReconciler {
  readonly #parts: ReleaseParts;

  constructor(parts: ReleaseParts) {
    this.#parts = parts;
  }

  /** Workloads of a namespace that are to be released, as far as is known now. */
  dueIn(namespace: string): WorkloadKey[] {
    const { caches, book } = this.#parts;
    const owned = workloadsIn(caches, namespace)
      .flat()
      .filter(({ ownedByUs }) => ownedByUs);
    if (owned.length === 0 || knowledgeOf(namespace, this.#parts) !== "whole") return [];
    const claims = claimsOn(owned, book.inNamespace(namespace));
    return owned
      .filter((workload) => this.#whyRelease(workload, claims.get(workload)) !== undefined)
      .map(workloadKeyOf);
  }

  async reconcile(key: WorkloadKey): Promise<Result> {
    const { caches, book } = this.#parts;
    const workload = workloadNamed(caches, key);
    if (!workload?.ownedByUs) return done;
    const knowledge = knowledgeOf(workload.namespace, this.#parts);
    if (knowledge !== "whole") return knowledge === "soon" ? after(notKnownRetryMs) : done;
    const claims = claimsOn([workload], book.inNamespace(workload.namespace)).get(workload);
    const reason = this.#whyRelease(workload, claims);
    return reason === undefined ? done : await this.#release(workload, reason);
  }

  async #release(workload: ObservedWorkload, reason: string): Promise<Result> {
    const { cluster, log } = this.#parts;
    const key = workloadKeyOf(workload);
    const outcome = await cluster.release(key);
    if (outcome.kind !== "ok") {
      log.debug({ workload: key, kind: outcome.kind, detail: outcome.message }, "not released yet");
      return after(failedRetryMs);
    }
    // Released before, and the cache has not seen it yet.
    if (!outcome.value) return done;
    const message = `${reason}: ${sayKept(workload)}, and Poolwarden manages no field of it any more`;
    log.info({ workload: key, detail: message }, "workload released");
    await cluster.createEvent(eventOn(workload, message));
    return done;
  }

  /** Undefined where our fields are needed. */
  #whyRelease(workload: ObservedWorkload, claims: readonly Selection[] = []): string | undefined {
    const claimants = claims.flatMap(({ policy }) => this.#parts.book.get(policy) ?? []);
    const [first] = claimants;
    if (!first) return "no PoolPolicy selects it any more";
    const enforcing = claimants.filter(({ spec }) => spec.mode === "Enforce");
    if (enforcing.length === 0) return `PoolPolicy ${first.key} only observes it`;
    const isNeeded = !enforcing.every(({ key, spec }) => {
      return spec.delivery !== "Template" && this.#deliveryOf(key) === "Admission";
    });
    if (isNeeded || ownEntries(workload).length === 0) return undefined;
    return `PoolPolicy ${first.key} delivers through the API server now`;
  }

  #deliveryOf(policy: PolicyKey): unknown {
    const status = this.#parts.caches.policies.get(policy)?.status;
    return (status as { readonly delivery?: unknown } | undefined)?.delivery;
  }
}

/** A policy that cannot be read may claim anything: whoever mends it wakes us. */
export function knowledgeOf(
  namespace: string,
  { caches, book }: Pick<ReleaseParts, "caches" | "book">,
): "whole" | "soon" | "partial" {
  const policies = [...caches.policies.values()].filter((policy) => {
    return policy.namespace === namespace && !policy.deleting;
  });
  if (!areSynced(caches) || policies.some(({ key }) => !book.hasSeen(key))) return "soon";
  const known = policies.map((policy) => ({ policy, resolved: book.get(policy.key) }));
  if (known.some(({ policy, resolved }) => resolved && !isCurrent(resolved, policy))) return "soon";
  return known.every(({ resolved }) => resolved) ? "whole" : "partial";
}

/** The template's entries that are ours. */
function ownEntries({ containers, envManagers }: ObservedWorkload): string[] {
  return containers.flatMap(({ name: container, env }) =>
    env
      .filter(({ name }) => envManagers[`${container}/${name}`]?.includes(fieldManager))
      .map(sayEntry),
  );
}

/** Anybody may write under our name, and not only what we would: a password has no value here. */
function sayEntry({ name, value = "" }: EnvEntry): string {
  const isSize = mayBeGranted(name) && isNumberOrEmpty(value);
  return isSize || ownNames.has(name) ? `${name}=${value}` : name;
}

function sayKept(workload: ObservedWorkload): string {
  const entries = ownEntries(workload).join(", ");
  return entries === ""
    ? "annotations of the pod template stay"
    : `${entries} stay in the template`;
}

function eventOn(workload: ObservedWorkload, note: string): KubernetesEvent {
  const { kind, name } = workload;
  const regarding = workloadReference(workload);
  const message = `${kind}/${name}: ${note}; no pod was changed`;
  return { regarding, type: "Normal", reason: "Released", action: "Release", message };
}
