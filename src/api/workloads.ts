// The entries of a policy's `workloads`, and what all of them may say together. Each selector has
// its bounds, but a hundred of the largest would be a megabyte that is kept, and asked of every
// workload of the namespace.

import { z } from "zod";
import { furtherPoolsMax } from "./group.ts";
import { mainPool } from "./keys.ts";
import { isPodsEntry, podsEntryName, type PodsEntry } from "./pods-entry.ts";
import type { Rule } from "./rules.ts";
import { ruled } from "./rules.ts";
import { workloadEntry } from "./workload-entry.ts";

type Entries = readonly z.output<typeof workloadEntry>[];

/** Labels, expressions and values: a policy of a hundred teams with three labels each has 300. */
const demandsMax = 1_000;

const selectorsTogether: Rule<Entries> = {
  cel:
    "self.map(entry, has(entry.selector) ? " +
    "(has(entry.selector.matchLabels) ? size(entry.selector.matchLabels) : 0) + " +
    "(has(entry.selector.matchExpressions) ? entry.selector.matchExpressions.map(one, " +
    "has(one.values) ? 1 + size(one.values) : 1).sum() : 0) : 0).sum() " +
    `<= ${demandsMax}`,
  message: `the selectors of all entries together have more than ${demandsMax} labels, expressions and values: say less, or make it several policies`,
  holds: (entries) => demandsIn(entries) <= demandsMax,
};

/** Each is a row and a grant of its own for every workload that it picks. */
const poolEntriesMax = furtherPoolsMax;

const furtherPoolsTogether: Rule<Entries> = {
  cel: `self.filter(entry, has(entry.pool) && entry.pool != '${mainPool}').size() <= ${poolEntriesMax}`,
  message: `more than ${poolEntriesMax} entries name a pool other than ${mainPool}: use fewer, or make it several policies`,
  holds: (entries) => entries.filter(isFurther).length <= poolEntriesMax,
};

function isFurther({ pool = mainPool }: Entries[number]): boolean {
  return pool !== mainPool;
}

/** The API server looks through them for each new pod. */
const podsEntriesMax = furtherPoolsMax;

const podsTogether: Rule<Entries> = {
  cel: `self.filter(entry, has(entry.pods)).size() <= ${podsEntriesMax}`,
  message: `more than ${podsEntriesMax} entries pick pods by labels: use fewer, or make it several policies`,
  holds: (entries) => entries.filter(isPodsEntry).length <= podsEntriesMax,
};

/** In CEL every pair of entries would cost more than a whole schema may: the operator says it. */
function areNamesTold(entries: Entries): boolean {
  const picked = entries.filter(isPodsEntry);
  const byName = Map.groupBy(picked, podsEntryName);
  return [...byName.values()].every((alike) => {
    return alike.every((one) => alike[0] && arePodsAlike(one, alike[0]));
  });
}

const twoOfOneName =
  "two entries have one name for pods of different labels: give each entry with pods a name of its own";

function arePodsAlike({ pods: one }: PodsEntry, { pods: other }: PodsEntry): boolean {
  const labels = Object.entries(one.matchLabels);
  const isAlike = labels.every(([key, value]) => other.matchLabels[key] === value);
  return isAlike && labels.length === Object.keys(other.matchLabels).length;
}

function demandsIn(entries: Entries): number {
  const counts = entries.map(({ selector: { matchLabels = {}, matchExpressions = [] } = {} }) => {
    const values = matchExpressions.map((one) => 1 + (one.values ?? []).length);
    return Object.keys(matchLabels).length + sum(values);
  });
  return sum(counts);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

const list = z.array(workloadEntry).min(1).max(100).refine(areNamesTold, { error: twoOfOneName });

/** Zod schema of the list. */
export const workloads = ruled(list, [selectorsTogether, furtherPoolsTogether, podsTogether]);
