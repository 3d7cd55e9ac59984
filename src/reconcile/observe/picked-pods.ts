// Pods that entries pick by the pods' own labels, whatever made them: a Job, an Argo Rollout, a
// driver that starts executors. Nothing in the API says how many of them there may be or what they
// are made from, so what an entry picks counts as one workload, planned by its maxPods. Each pod
// belongs to one of these at most: where a workload that made it is selected by a policy of the
// server, to that one; else of a policy's entries to the first that matches. Where two policies
// have it, on one server or on two, that is said.

import { podsKind, podsNameOf, readObjectKey } from "../../api/keys.ts";
import { mainPool } from "../../api/keys.ts";
import { isPodsEntry, podsEntryName, type PodsEntry } from "../../api/pods-entry.ts";
import type { PoolPolicySpec } from "../../api/poolpolicy.ts";
import type { Finding, PolicyKey } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { ObservedPod, PickedWorkload } from "../../observed.ts";
import type { Selection } from "./claims.ts";
import { asOneWorkload } from "./one-workload.ts";

/** The pods that entries of one name pick, as a workload. */
export interface PickedPods {
  readonly workload: PickedWorkload;
  /** One of each pool. */
  readonly claims: readonly Selection[];
  readonly pods: readonly ObservedPod[];
  /** What else wants these pods. */
  readonly findings: readonly Finding[];
}

interface Claimant {
  readonly key: PolicyKey;
  readonly spec: PoolPolicySpec;
}

/** The entries of one policy that have one name. */
interface Picking {
  readonly policy: PolicyKey;
  readonly name: string;
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly claims: readonly Selection[];
}

const pickingsOf = oncePer(({ workloads }: PoolPolicySpec) => {
  const entries = workloads.flatMap((entry, index) =>
    isPodsEntry(entry) ? [{ entry, index }] : [],
  );
  return [...Map.groupBy(entries, ({ entry }) => podsEntryName(entry))].map(([name, own]) => {
    const byPool = Map.groupBy(own, ({ entry }) => entry.pool ?? mainPool);
    const firsts = [...byPool].flatMap(([pool, [first]]) => (first ? [{ pool, ...first }] : []));
    return { name, labels: labelsOf(own[0]?.entry), firsts };
  });
});

function labelsOf(entry: PodsEntry | undefined): Picking["labels"] {
  return Object.entries(entry?.pods.matchLabels ?? {});
}

function pickingsIn(policies: readonly Claimant[]): readonly Picking[] {
  return policies.flatMap(({ key: policy, spec }) =>
    pickingsOf(spec).map(({ name, labels, firsts }) => {
      return { policy, name, labels, claims: firsts.map((one) => ({ ...one, policy, spec })) };
    }),
  );
}

/** Of each policy the entries that pick this pod, if nothing else has it. */
export function pickersOf(
  { labels }: Pick<ObservedPod, "labels">,
  policies: readonly Claimant[],
): readonly PolicyKey[] {
  return pickingsIn(policies)
    .filter((one) => matches(one, labels))
    .map(({ policy }) => policy);
}

function matches({ labels }: Picking, own: ObservedPod["labels"]): boolean {
  if (own === undefined || labels.length === 0) return false;
  return labels.every(([key, value]) => Object.hasOwn(own, key) && own[key] === value);
}

interface Known {
  /** Those that entries select, by their keys, and whose entries. */
  readonly workloads: ReadonlyMap<string, readonly PolicyKey[]>;
  readonly pods: () => readonly ObservedPod[];
  /** Policies of the server at hand: among several, a pod counts under one of these. */
  readonly isMember: (policy: PolicyKey) => boolean;
}

/** Of one namespace. An entry that nothing matches now is planned for all the same. */
export function pickedPods(policies: readonly Claimant[], known: Known): readonly PickedPods[] {
  const pickings = pickingsIn(policies);
  if (pickings.length === 0) return [];
  const sorted = sortedByPicking(pickings, known);
  return pickings.map((picking) => {
    const { pods, taken, contested } = sorted.get(picking) ?? nothing;
    const { namespace, name: policy } = readObjectKey(picking.policy);
    const name = podsNameOf(policy, picking.name);
    return {
      workload: asOneWorkload({ namespace, name, kind: podsKind }, pods),
      ...{ claims: picking.claims, pods },
      findings: [...ofWorkloads(taken), ...ofPolicies(picking.policy, contested)],
    };
  });
}

interface Sorted {
  readonly pods: ObservedPod[];
  /** Names of workloads that are selected, of which pods match as well. */
  readonly taken: Map<string, number>;
  /** Policies that pick some of the pods as well. */
  readonly contested: Map<PolicyKey, number>;
}

const nothing: Sorted = { pods: [], taken: new Map(), contested: new Map() };

function sortedByPicking(
  pickings: readonly Picking[],
  { workloads, pods, isMember }: Known,
): ReadonlyMap<Picking, Sorted> {
  const sorted = new Map<Picking, Sorted>(
    pickings.map((one) => [one, { pods: [], taken: new Map(), contested: new Map() }]),
  );
  for (const pod of pods()) {
    const matching = firstOfEachPolicy(pickings.filter((one) => matches(one, pod.labels)));
    const { workload = "" } = pod;
    const holders = workloads.get(workload) ?? [];
    if (holders.some(isMember)) {
      note(matching, workload, (one) => sorted.get(one)?.taken);
      continue;
    }
    const owner = matching.find(({ policy }) => isMember(policy)) ?? matching[0];
    if (owner) sorted.get(owner)?.pods.push(pod);
    const claimants = pod.finished ? [] : claimantsOf(matching, holders);
    for (const policy of claimants) note(matching, policy, (one) => sorted.get(one)?.contested);
  }
  return sorted;
}

/** Several of them: where its workload is selected on another server, it counts there and here. */
function claimantsOf(
  matching: readonly Picking[],
  holders: readonly PolicyKey[],
): readonly PolicyKey[] {
  const all = new Set([...matching.map(({ policy }) => policy), ...holders]);
  return all.size < 2 ? [] : [...all];
}

function firstOfEachPolicy(pickings: readonly Picking[]): readonly Picking[] {
  if (pickings.length < 2) return pickings;
  return [...Map.groupBy(pickings, ({ policy }) => policy).values()].flatMap(
    ([first]) => first ?? [],
  );
}

function note<K>(
  pickings: readonly Picking[],
  key: K,
  countsOf: (picking: Picking) => Map<K, number> | undefined,
): void {
  for (const picking of pickings) {
    const counts = countsOf(picking);
    counts?.set(key, (counts.get(key) ?? 0) + 1);
  }
}

function ofWorkloads(taken: Sorted["taken"]): Finding[] {
  if (taken.size === 0) return [];
  const count = [...taken.values()].reduce((sum, pods) => sum + pods, 0);
  const names = nameFew([...taken.keys()].sort(), (key) => key.slice(key.indexOf("/") + 1));
  const message =
    `${sayCount(count, "pod")} with its labels ${count === 1 ? "belongs" : "belong"} to ${names}, which an entry ` +
    "selects: they count there. To fix: give labels that only the other pods have";
  return [{ reason: "PodsOfWorkload", severity: "info", message }];
}

function ofPolicies(own: PolicyKey, contested: Sorted["contested"]): Finding[] {
  const others = [...contested.keys()].filter((policy) => policy !== own).sort();
  if (others.length === 0) return [];
  const count = contested.get(own) ?? 0;
  const message =
    `${sayCount(count, "pod")} with its labels ${count === 1 ? "is" : "are"} picked by ${nameFew(others)} as well: ` +
    "no size of these pods changes until only one policy picks them";
  return [{ reason: "ClaimedTwice", severity: "blocking", message }];
}
