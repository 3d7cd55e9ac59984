// Pods that wait behind our gate and belong to no policy any more: it was deleted, or selects their
// workload no longer, or somebody has put the gate into a template of his own. Nobody decides on
// their slots, so they start at once, with the size that the API server gave them at their
// creation. Those of a policy's workloads are released by the decision on its server. Like the
// release of workloads it is told from what the cluster says, and done by whoever leads next.

import { poolSizeLimit } from "../api/workload-entry.ts";
import { poolSizeIn } from "./sizes/said-size.ts";
import type { ObservedPod } from "../observed.ts";
import type { Clock, Cluster, Log } from "../ports.ts";
import { after, done, type Result } from "../runtime/result.ts";
import { releaseAnnotations } from "./apply/release-pods.ts";
import { byNamespace, type Caches, workloadNamed } from "./caches.ts";
import { claimsOn } from "./observe/claims.ts";
import { podPickers } from "./observe/pod-pickers.ts";
import { knowledgeOf } from "./release-reconciler.ts";
import type { PolicyBook } from "./resolve/policy-book.ts";

export interface GateReleaseParts {
  readonly caches: Caches;
  readonly book: PolicyBook;
  readonly cluster: Pick<Cluster, "releasePod">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
  /** The operator's owner allows that pods are patched. */
  readonly mayResize: boolean;
}

const notKnownRetryMs = 1_000;
const failedRetryMs = 10_000;
/** Pods of a workload that was deleted are deleted as well, a moment later, and must not start. */
const patienceMs = 15_000;
/** In one run: the queue gives others their turn between two of them. */
const atOnceMax = 100;

export class GateReleases {
  readonly #parts: GateReleaseParts;
  /** Of pods that are nobody's, by namespace and uid: since when. */
  readonly #since = new Map<string, ReadonlyMap<string, number>>();

  constructor(parts: GateReleaseParts) {
    this.#parts = parts;
  }

  /** Of one namespace. */
  async reconcile(namespace: string): Promise<Result> {
    const waiting = this.#parts.caches.pods.byIndex(byNamespace, namespace).filter(isWaiting);
    if (waiting.length === 0) {
      this.#since.delete(namespace);
      return done;
    }
    const knowledge = knowledgeOf(namespace, this.#parts);
    if (knowledge !== "whole") return knowledge === "soon" ? after(notKnownRetryMs) : done;
    const nobodys = this.#nobodysAmong(namespace, waiting);
    const due = this.#waitedLong(namespace, nobodys);
    const result = await this.#releaseAll(namespace, due);
    return result === done && nobodys.length > due.length ? after(notKnownRetryMs) : result;
  }

  async #releaseAll(namespace: string, due: readonly ObservedPod[]): Promise<Result> {
    const { log, mayResize } = this.#parts;
    if (due.length > 0 && !mayResize) {
      log.warn(
        { namespace, pods: due.length },
        "pods wait behind the gate, and may not be released",
      );
      return done;
    }
    let isDone = due.length <= atOnceMax;
    for (const pod of due.slice(0, atOnceMax)) isDone = (await this.#release(pod)) && isDone;
    return isDone ? done : after(due.length > atOnceMax ? 0 : failedRetryMs);
  }

  #waitedLong(namespace: string, nobodys: readonly ObservedPod[]): readonly ObservedPod[] {
    const nowMs = this.#parts.clock.nowMs();
    const before = this.#since.get(namespace);
    const since = new Map(nobodys.map(({ uid }) => [uid, before?.get(uid) ?? nowMs]));
    this.#since.set(namespace, since);
    return nobodys.filter(({ uid }) => nowMs >= (since.get(uid) ?? nowMs) + patienceMs);
  }

  /** Policies are asked once for each workload: it may have thousands of pods. */
  #nobodysAmong(namespace: string, waiting: readonly ObservedPod[]): readonly ObservedPod[] {
    const { caches, book } = this.#parts;
    const policies = book.inNamespace(namespace);
    const pickers = podPickers(policies);
    const byWorkload = Map.groupBy(waiting, ({ workload }) => workload);
    return [...byWorkload].flatMap(([key, pods]) => {
      const workload = key === undefined ? undefined : workloadNamed(caches, key);
      if (workload && claimsOn([workload], policies).has(workload)) return [];
      return pods.filter(({ labels }) => pickers.of(labels).length === 0);
    });
  }

  async #release(pod: ObservedPod): Promise<boolean> {
    const { cluster, clock, log } = this.#parts;
    const { key, uid, gate } = pod;
    if (!gate) return true;
    const annotations = releaseAnnotations(uid, sizeOf(pod), clock.nowMs());
    const outcome = await cluster.releasePod({ key, uid }, { gate, annotations });
    const { kind } = outcome;
    if (kind === "ok") log.info({ pod: key }, "a pod of no policy was released from the gate");
    else log.debug({ pod: key, kind, detail: outcome.message }, "not released yet");
    return kind === "ok" || kind === "conflict";
  }
}

function isWaiting({ gate, terminating }: ObservedPod): boolean {
  return gate !== undefined && !terminating;
}

/** What the API server gave it, or the least: its variable must not be empty. */
function sizeOf({ poolSizeAnnotation = "" }: ObservedPod): number {
  const poolSize = poolSizeIn(poolSizeAnnotation);
  return poolSize !== undefined && poolSize >= 1 && poolSize <= poolSizeLimit ? poolSize : 1;
}
