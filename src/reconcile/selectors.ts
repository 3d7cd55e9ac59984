// Whether a policy's entry matches a workload, as Kubernetes label selectors do.

import type { WorkloadEntry } from "../api/poolpolicy.ts";
import type { ObservedWorkload } from "../observed.ts";

type Requirement = NonNullable<NonNullable<WorkloadEntry["selector"]>["matchExpressions"]>[number];

/** By kind and name, or by the workload's own labels (not those of its pods). */
export function matchesEntry(entry: WorkloadEntry, workload: ObservedWorkload): boolean {
  if (entry.name !== undefined) {
    return entry.name === workload.name && (entry.kind ?? "Deployment") === workload.kind;
  }
  if (!entry.selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = entry.selector;
  const isOfKind = entry.kind === undefined || entry.kind === workload.kind;
  return (
    isOfKind &&
    Object.entries(matchLabels).every(([key, value]) => labelOf(workload, key) === value) &&
    matchExpressions.every((requirement) => meets(workload, requirement))
  );
}

function meets(workload: ObservedWorkload, { key, operator, values = [] }: Requirement): boolean {
  const value = labelOf(workload, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

function labelOf({ labels }: ObservedWorkload, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
