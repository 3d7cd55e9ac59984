// From a change in a cache to the servers that have to be decided anew. Events carry nothing but a
// key: what to do is read from the caches later, so that a burst of events costs one decision.

import { workloadKindNames } from "./api/workload-kinds.ts";
import type { Informers } from "./informers.ts";
import { namespaceOf, workloadKeyOf } from "./api/keys.ts";
import type { ServerKey } from "./domain/facts/facts.ts";
import type {
  ObservedAutoscaler,
  ObservedPod,
  ObservedPolicy,
  ObservedPresence,
  ObservedWorkload,
} from "./observed.ts";
import { type Caches, workloadNamed } from "./reconcile/caches.ts";
import { hasConsoles } from "./reconcile/observe/console-entries.ts";
import { claimsOn } from "./reconcile/observe/claims.ts";
import { pickersOf } from "./reconcile/observe/picked-pods.ts";
import { isSameValue } from "./reconcile/same-value.ts";
import type { PolicyBook } from "./reconcile/resolve/policy-book.ts";
import { specsOfNow } from "./reconcile/observe/spec-of-now.ts";
import type { WorkQueue } from "./runtime/work-queue.ts";

/** Events that belong together (a rollout, a scaling) come within this time of each other. */
const batchMs = 50;

/**
 * At least this long after a decision on a server until the next: what comes in between (a rollout
 * pod by pod, our own status) costs one decision together.
 */
export const decisionPauseMs = 250;

export interface Queues {
  readonly policies: WorkQueue;
  readonly databases: WorkQueue;
  /** Servers that are looked at between two readings. */
  readonly looks: WorkQueue;
  readonly servers: WorkQueue;
  /** Workloads that may have to be released, and namespaces with such workloads or pods. */
  readonly releases: WorkQueue;
  /** Pods of poolers with a console, and namespaces with such pods. */
  readonly consoles: WorkQueue;
}

export function wakeOnChanges(
  informers: Informers,
  caches: Caches,
  { book, queues }: { readonly book: PolicyBook; readonly queues: Queues },
): void {
  // Servers that are decided together have one key.
  const unitKeyOf = (server: ServerKey): ServerKey => book.unitOf(server)[0] ?? server;
  const wakeServers = (servers: Iterable<string | undefined>): void => {
    const named = [...servers].filter((server) => server !== undefined);
    const units = new Set([...new Set(named)].map((server) => unitKeyOf(book.canonical(server))));
    for (const unit of units) queues.servers.addAfter(unit, batchMs);
  };
  const wakeNamespace = (namespace: string): void => {
    wakeServers(book.inNamespace(namespace).map(({ server }) => server));
  };
  const wakeWorkload = (workload: ObservedWorkload | undefined): void => {
    if (workload) wakeServers(serversOf(workload, { book, caches }));
  };

  informers.policies.onChange((before, after) => {
    const key = (after ?? before)?.key;
    if (key === undefined) return;
    if (isOtherSpec(before, after)) queues.policies.add(key);
    else wakeServers([book.get(key)?.server]);
  });
  for (const kind of workloadKindNames) {
    informers[kind].onChange((before, after) => {
      wakeWorkload(before);
      wakeWorkload(after);
      if (before && !after) wakeNamespace(before.namespace);
      if (after && isRelabelled(before, after)) queues.releases.add(releasesIn(after.namespace));
      // Its labels may have changed, or nobody may have released it while we were away.
      if (after?.ownedByUs) queues.releases.add(workloadKeyOf(after));
    });
  }
  informers.pods.onChange((before, after) => {
    if (isSamePod(before, after)) return;
    addPod(queues, { before, after }, { book, caches });
    for (const pod of [before, after]) if (pod) wakeServers(serversPicking(pod, { book, caches }));
    const key = (after ?? before)?.workload;
    if (key === undefined) return;
    const workload = workloadNamed(caches, key);
    if (workload) wakeWorkload(workload);
    else wakeNamespace(namespaceOf(key));
  });
  informers.replicaSets.onChange((before, after) => {
    // A new revision, or an old one that is the newest again; its pods tell the rest.
    if (after?.workload === undefined || before?.revisionNumber === after.revisionNumber) return;
    wakeWorkload(workloadNamed(caches, after.workload));
  });
  informers.autoscalers.onChange((before, after) => {
    if (isSameAutoscaler(before, after)) return;
    for (const one of [before, after]) {
      const target = one && targetOf(caches, one);
      // A custom resource, perhaps, that owns workloads.
      if (one && !target) wakeNamespace(one.namespace);
      wakeWorkload(target);
    }
  });
  for (const presence of [informers.admissionPolicies, informers.admissionBindings]) {
    presence.onChange((before, after) => {
      if (!isSamePresence(before, after)) wakeServers(book.servers());
    });
  }
  informers.alertRules.onChange((before, after) => {
    const rule = after ?? before;
    if (rule && before?.ownFields !== after?.ownFields) wakeNamespace(namespaceOf(rule.key));
  });
}

function isRelabelled(before: ObservedWorkload | undefined, after: ObservedWorkload): boolean {
  return before !== undefined && !isSameValue(before.labels, after.labels);
}

/** Of a whole namespace: policies that change a hundred times a second cost one look. */
export function releasesIn(namespace: string): string {
  return `${namespace}/`;
}

function serversOf(
  workload: ObservedWorkload,
  known: { readonly book: PolicyBook; readonly caches: Caches },
): (string | undefined)[] {
  const { book } = known;
  const claims = claimsOn([workload], specsOfNow(workload.namespace, known)).get(workload) ?? [];
  return claims.map(({ policy }) => book.get(policy)?.server);
}

function addPod(
  { consoles, releases }: Queues,
  { before, after }: { readonly [When in "before" | "after"]: ObservedPod | undefined },
  known: { readonly book: PolicyBook; readonly caches: Caches },
): void {
  const pod = after ?? before;
  if (!pod) return;
  const namespace = namespaceOf(pod.key);
  if (hasConsoles(namespace, known)) consoles.add(pod.key);
  // It may belong to no policy, and nobody decides on it then.
  if (after?.gate) releases.add(releasesIn(namespace));
}

/** Of policies that pick the pod by its labels. */
function serversPicking(
  pod: ObservedPod,
  known: { readonly book: PolicyBook; readonly caches: Caches },
): (string | undefined)[] {
  const specs = specsOfNow(namespaceOf(pod.key), known);
  return pickersOf(pod, specs).map((policy) => known.book.get(policy)?.server);
}

function targetOf(
  caches: Caches,
  { namespace, targetKind, targetName }: ObservedAutoscaler,
): ObservedWorkload | undefined {
  return workloadNamed(caches, `${namespace}/${targetKind}/${targetName}`);
}

/** A status alone, ours most of the time, changes no server and no secret. */
function isOtherSpec(
  before: ObservedPolicy | undefined,
  after: ObservedPolicy | undefined,
): boolean {
  return (
    before?.uid !== after?.uid ||
    before?.generation !== after?.generation ||
    before?.deleting !== after?.deleting
  );
}

/** It came or went, or acts on pods of other namespaces now. */
function isSamePresence(
  before: ObservedPresence | undefined,
  after: ObservedPresence | undefined,
): boolean {
  if (!before || !after) return false;
  return isSameList(before.namespaces ?? [everywhere], after.namespaces ?? [everywhere]);
}

/** Not a name that a namespace can have. */
const everywhere = "*";

/** Readiness and the like change nothing that is counted. */
function isSamePod(before: ObservedPod | undefined, after: ObservedPod | undefined): boolean {
  if (!before || !after) return false;
  return (
    before.uid === after.uid &&
    isSameList(before.addresses, after.addresses) &&
    before.terminating === after.terminating &&
    before.finished === after.finished &&
    before.labels === after.labels &&
    before.poolSizeAnnotation === after.poolSizeAnnotation &&
    (before.gate === undefined) === (after.gate === undefined) &&
    isSameValue(before.furtherPoolSizes, after.furtherPoolSizes)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function isSameAutoscaler(
  before: ObservedAutoscaler | undefined,
  after: ObservedAutoscaler | undefined,
): boolean {
  return (
    before?.maxReplicas === after?.maxReplicas &&
    before?.targetKind === after?.targetKind &&
    before?.targetName === after?.targetName
  );
}
