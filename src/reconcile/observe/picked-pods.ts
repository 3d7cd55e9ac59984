// Pods that entries pick by the pods' own labels, whatever made them: a Job, an Argo Rollout, a
// driver that starts executors. Nothing in the API says how many of them there may be or what they
// are made from, so what an entry picks counts as one workload, planned by its maxPods. Each pod
// belongs to one of these at most: where a workload that made it is selected by a policy of the
// server, to that one; else of a policy's entries to the first that matches. Where two policies
// have it, on one server or on two, that is said.

import { podsKind, podsNameOf, readObjectKey } from "../../api/keys.ts";
import type { Finding, PolicyKey } from "../../domain/facts/facts.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { ObservedPod, PickedWorkload } from "../../observed.ts";
import type { Selection } from "./claims.ts";
import { asOneWorkload } from "./one-workload.ts";
import { type Claimant, type Picking, podPickers, type PodPickers } from "./pod-pickers.ts";

/** The pods that entries of one name pick, as a workload. */
export interface PickedPods {
  readonly workload: PickedWorkload;
  /** One of each pool. */
  readonly claims: readonly Selection[];
  readonly pods: readonly ObservedPod[];
  /** What else wants these pods. */
  readonly findings: readonly Finding[];
}

/** Of each policy the entries that pick this pod, if nothing else has it. */
export function pickersOf(
  { labels }: Pick<ObservedPod, "labels">,
  policies: readonly Claimant[],
): readonly PolicyKey[] {
  return podPickers(policies)
    .of(labels)
    .map(({ policy }) => policy);
}

interface Known {
  /** Those that entries select, by their keys, and whose entries. */
  readonly workloads: () => ReadonlyMap<string, readonly PolicyKey[]>;
  readonly pods: () => readonly ObservedPod[];
  /** Policies of the server at hand: among several, a pod counts under one of these. */
  readonly isMember: (policy: PolicyKey) => boolean;
}

/** Of one namespace. An entry that nothing matches now is planned for all the same. */
export function pickedPods(policies: readonly Claimant[], known: Known): readonly PickedPods[] {
  const pickers = podPickers(policies);
  if (pickers.all.length === 0) return [];
  const sorted = sortedByPicking(pickers, known);
  return pickers.all.map((picking) => {
    const { pods, taken, contested } = sorted.get(picking) ?? nothingYet();
    const { namespace, name: policy } = readObjectKey(picking.policy);
    const name = podsNameOf(policy, picking.name);
    return {
      workload: asOneWorkload({ namespace, name, kind: podsKind }, pods),
      ...{ claims: picking.claims, pods },
      findings: [...ofWorkloads(taken), ...ofPolicies(contested)],
    };
  });
}

interface Sorted {
  readonly pods: ObservedPod[];
  /** Names of workloads that are selected, of which pods match as well. */
  readonly taken: Map<string, number>;
  readonly contested: Contested;
}

/** Pods that other policies pick as well. */
interface Contested {
  pods: number;
  /** A few of these policies. */
  readonly others: Set<PolicyKey>;
}

const nothingYet = (): Sorted => {
  return { pods: [], taken: new Map(), contested: { pods: 0, others: new Set() } };
};

function sortedByPicking(
  pickers: PodPickers,
  { workloads: workloadsNow, pods, isMember }: Known,
): ReadonlyMap<Picking, Sorted> {
  const workloads = workloadsNow();
  const sorted = new Map<Picking, Sorted>(pickers.all.map((one) => [one, nothingYet()]));
  const left = new Map<readonly Picking[], Map<readonly PolicyKey[], ObservedPod[]>>();
  for (const pod of pods()) {
    const matching = pickers.of(pod.labels);
    if (matching.length === 0) continue;
    const { workload = "" } = pod;
    const holders = workloads.get(workload) ?? noHolders;
    if (holders.some(isMember)) {
      for (const one of matching) noteTaken(sorted.get(one), workload);
      continue;
    }
    const alike = left.get(matching) ?? new Map<readonly PolicyKey[], ObservedPod[]>();
    left.set(matching, alike.set(holders, pushed(alike.get(holders), pod)));
  }
  for (const [matching, alike] of left) {
    for (const [holders, some] of alike) {
      giveTo({ matching, holders }, some, { sorted, isMember });
    }
  }
  return sorted;
}

/** Who wants the same pods, however many of them there are. */
interface Claimants {
  readonly matching: readonly Picking[];
  /** Policies of other servers that select the workload of these pods. */
  readonly holders: readonly PolicyKey[];
}

const noHolders: readonly PolicyKey[] = [];

function giveTo(
  claimants: Claimants,
  pods: readonly ObservedPod[],
  { sorted, isMember }: Pick<Known, "isMember"> & { readonly sorted: ReadonlyMap<Picking, Sorted> },
): void {
  const { matching } = claimants;
  const owner = matching.find(({ policy }) => isMember(policy)) ?? matching[0];
  for (const pod of pods) if (owner) sorted.get(owner)?.pods.push(pod);
  const all = policiesAmong(claimants);
  if (all.length > 1) noteContested(matching, all, { pods, sorted });
}

/** Where its workload is selected on another server, it counts there and here. */
function policiesAmong({ matching, holders }: Claimants): readonly PolicyKey[] {
  return [...new Set([...matching.map(({ policy }) => policy), ...holders])];
}

function pushed<T>(list: T[] | undefined, one: T): T[] {
  list?.push(one);
  return list ?? [one];
}

function noteTaken(found: Sorted | undefined, workload: string): void {
  found?.taken.set(workload, (found.taken.get(workload) ?? 0) + 1);
}

/** As many others as anybody is told of: each pod may be picked by thousands. */
const othersMax = 20;

function noteContested(
  matching: readonly Picking[],
  policies: readonly PolicyKey[],
  {
    pods,
    sorted,
  }: {
    readonly pods: readonly ObservedPod[];
    readonly sorted: ReadonlyMap<Picking, Sorted>;
  },
): void {
  const count = pods.filter(({ finished }) => !finished).length;
  if (count === 0) return;
  const few = policies.slice(0, othersMax + 1);
  for (const one of matching) {
    const contested = sorted.get(one)?.contested;
    if (!contested) continue;
    contested.pods += count;
    if (contested.others.size >= othersMax) continue;
    for (const policy of few) if (policy !== one.policy) contested.others.add(policy);
  }
}

function ofWorkloads(taken: Sorted["taken"]): Finding[] {
  if (taken.size === 0) return [];
  const count = [...taken.values()].reduce((sum, pods) => sum + pods, 0);
  const names = nameFew([...taken.keys()].sort(), (key) => key.slice(key.indexOf("/") + 1));
  const message =
    `${sayCount(count, "pod")} with its labels ${count === 1 ? "belongs" : "belong"} to ${names}, which an entry ` +
    "selects: they count there. To fix: name in pods.matchLabels a label that only the other pods have";
  return [{ reason: "PodsOfWorkload", severity: "info", message }];
}

function ofPolicies({ pods: count, others }: Contested): Finding[] {
  if (others.size === 0) return [];
  const names = [...others].sort();
  const told =
    names.length < othersMax ? nameFew(names) : `${names.slice(0, 3).join(", ")} and many more`;
  const message =
    `${sayCount(count, "pod")} with its labels ${count === 1 ? "is" : "are"} picked or selected by ${told} as well: ` +
    "no size of these pods changes until only one policy picks or selects them. To fix: name in " +
    "pods.matchLabels a label that only the pods of this entry have";
  return [{ reason: "ClaimedTwice", severity: "blocking", message }];
}
