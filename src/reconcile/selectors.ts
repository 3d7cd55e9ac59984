// Whether a policy's entry matches a workload, as Kubernetes label selectors do. A selector may be
// large and is asked of every workload, so what it demands of one label is put together once: then
// each label costs one look into a set, however much is said of it.

import type { WorkloadEntry } from "../api/poolpolicy.ts";
import type { ObservedWorkload } from "../observed.ts";

/** By kind and name, or by the workload's own labels (not those of its pods). */
export type Matcher = (workload: Pick<ObservedWorkload, "kind" | "name" | "labels">) => boolean;

export function matcherOf({ name, kind, selector }: WorkloadEntry): Matcher {
  if (name !== undefined) {
    return (workload) => name === workload.name && (kind ?? "Deployment") === workload.kind;
  }
  if (!selector) return () => false;
  const demands = demandsOf(selector);
  return (workload) =>
    (kind === undefined || kind === workload.kind) &&
    demands.every((demand) => isMet(demand, workload.labels));
}

/** What a selector demands of one label. */
interface Demand {
  readonly key: string;
  mustExist: boolean;
  mustBeAbsent: boolean;
  oneOf: ReadonlySet<string> | undefined;
  readonly noneOf: Set<string>;
}

type Selector = NonNullable<WorkloadEntry["selector"]>;
type Requirement = NonNullable<Selector["matchExpressions"]>[number];

function demandsOf({ matchLabels = {}, matchExpressions = [] }: Selector): readonly Demand[] {
  const demands = new Map<string, Demand>();
  const asExpressions = Object.entries(matchLabels).map(([key, value]): Requirement => {
    return { key, operator: "In", values: [value] };
  });
  for (const requirement of [...asExpressions, ...matchExpressions]) {
    const { key } = requirement;
    const demand = demands.get(key) ?? nothingOf(key);
    demands.set(key, demand);
    add(demand, requirement);
  }
  return [...demands.values()];
}

function nothingOf(key: string): Demand {
  return { key, mustExist: false, mustBeAbsent: false, oneOf: undefined, noneOf: new Set() };
}

function add(demand: Demand, { operator, values = [] }: Requirement): void {
  const { oneOf } = demand;
  switch (operator) {
    case "In":
      demand.mustExist = true;
      demand.oneOf = new Set(oneOf ? values.filter((value) => oneOf.has(value)) : values);
      break;
    case "NotIn":
      for (const value of values) demand.noneOf.add(value);
      break;
    case "Exists":
      demand.mustExist = true;
      break;
    case "DoesNotExist":
      demand.mustBeAbsent = true;
  }
}

function isMet(
  { key, mustExist, mustBeAbsent, oneOf, noneOf }: Demand,
  labels: ObservedWorkload["labels"],
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (value === undefined) return !mustExist;
  return !mustBeAbsent && oneOf?.has(value) !== false && !noneOf.has(value);
}
