// Whether a policy's entry matches a workload, as Kubernetes label selectors do. A selector may be
// large and is asked of every workload, so what it demands of one label is put together once: then
// each label costs one look into a set, however much is said of it. And what is met by a label that
// is not there is asked of the labels that are.

import { usualKind } from "../../api/workload-kinds.ts";
import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import type { ObservedWorkload } from "../../observed.ts";

/** By kind and name, or by the workload's own labels (not those of its pods). */
export type Matcher = (workload: Pick<ObservedWorkload, "kind" | "name" | "labels">) => boolean;

export function matcherOf({ name, kind, selector, pods }: WorkloadEntry): Matcher {
  // It picks no workload, whatever its pods are called.
  if (pods !== undefined) return () => false;
  if (name !== undefined) {
    return (workload) => name === workload.name && (kind ?? usualKind) === workload.kind;
  }
  if (!selector) return () => false;
  const isSelected = labelMatcherOf(selector);
  return ({ kind: itsKind, labels }) =>
    (kind === undefined || kind === itsKind) && isSelected(labels);
}

/** By the labels of a workload, or of a pod. */
export function labelMatcherOf(selector: Selector): (labels: Labels) => boolean {
  const [required, others] = partitioned(demandsOf(selector));
  return (labels) => required.every((demand) => isMet(demand, labels)) && areMet(others, labels);
}

type Labels = ObservedWorkload["labels"];

/** What a selector demands of one label. */
interface Demand {
  readonly key: string;
  mustExist: boolean;
  mustBeAbsent: boolean;
  oneOf: ReadonlySet<string> | undefined;
  noneOf: Set<string> | undefined;
}

type Selector = NonNullable<WorkloadEntry["selector"]>;
type Requirement = NonNullable<Selector["matchExpressions"]>[number];

/** Those that only a label that is there can meet, and the others. */
function partitioned(
  demands: ReadonlyMap<string, Demand>,
): readonly [readonly Demand[], ReadonlyMap<string, Demand>] {
  const required = [...demands.values()].filter(({ mustExist }) => mustExist);
  const others = [...demands].filter(([, { mustExist }]) => !mustExist);
  return [required, new Map(others)];
}

function demandsOf({
  matchLabels = {},
  matchExpressions = [],
}: Selector): ReadonlyMap<string, Demand> {
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
  return demands;
}

function nothingOf(key: string): Demand {
  return { key, mustExist: false, mustBeAbsent: false, oneOf: undefined, noneOf: undefined };
}

function add(demand: Demand, { operator, values = [] }: Requirement): void {
  const { oneOf } = demand;
  switch (operator) {
    case "In":
      demand.mustExist = true;
      demand.oneOf = new Set(oneOf ? values.filter((value) => oneOf.has(value)) : values);
      break;
    case "NotIn":
      demand.noneOf ??= new Set();
      for (const value of values) demand.noneOf.add(value);
      break;
    case "Exists":
      demand.mustExist = true;
      break;
    case "DoesNotExist":
      demand.mustBeAbsent = true;
  }
}

function isMet({ key, mustExist, mustBeAbsent, oneOf, noneOf }: Demand, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (value === undefined) return !mustExist;
  return !mustBeAbsent && oneOf?.has(value) !== false && noneOf?.has(value) !== true;
}

/** Of demands that an absent label meets: the fewer of them and of the labels are gone through. */
function areMet(demands: ReadonlyMap<string, Demand>, labels: Labels): boolean {
  if (demands.size === 0) return true;
  const keys = keysOf(labels);
  if (keys.length > demands.size) return [...demands.values()].every((one) => isMet(one, labels));
  return keys.every((key) => {
    const demand = demands.get(key);
    return demand === undefined || isMet(demand, labels);
  });
}

const knownKeys = new WeakMap<Labels, readonly string[]>();

/** Labels of a cached object never change, and every entry of every policy asks. */
function keysOf(labels: Labels): readonly string[] {
  const known = knownKeys.get(labels);
  if (known) return known;
  const keys = Object.keys(labels);
  knownKeys.set(labels, keys);
  return keys;
}
