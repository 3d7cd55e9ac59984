// PodDisruptionBudgets, in a plan over what runs: what they say of pods that the operator would
// evict one by one. A rollout never asks them, whoever starts it. Whether one allows an eviction is
// worked out as its controller does where all pods are healthy; that it allows none just now is
// what its status says.

import {
  at,
  count,
  fields,
  labelMap,
  list,
  longest,
  text,
} from "../adapters/kubernetes/raw-values.ts";
import { readWorkloadKey } from "../api/keys.ts";
import type { WorkloadEntry } from "../api/poolpolicy.ts";
import { percentCeil } from "../domain/demand/slots.ts";
import type { WorkloadKey } from "../domain/facts/facts.ts";
import { sayCount } from "../domain/words/say-count.ts";
import { labelMatcherOf } from "../reconcile/observe/selectors.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import { budgetKind, idOf, type ManifestObject } from "./objects.ts";
import { workloadsIn } from "./started-pods.ts";

export interface Guarded {
  /** Undefined: they may not be listed. */
  readonly live: readonly ManifestObject[] | undefined;
  /** Those that are applied: the status of one that runs says nothing of them. */
  readonly manifests: readonly ManifestObject[];
  /** Whose templates say what labels the pods have. */
  readonly objects: readonly ManifestObject[];
  /** With the replicas that are wanted at that moment. */
  readonly stores: ManifestStores;
}

/** What budgets say of evicting pods of a workload, to stand behind it; empty: nothing. */
export type Guarding = (workload: WorkloadKey) => string;

export function guardingOf({ live, manifests, objects, stores }: Guarded): Guarding {
  const applied = new Set(manifests.map(idOf));
  const running = (live ?? []).filter((one) => !applied.has(idOf(one)));
  const budgets = [...manifests, ...running].map(budgetOf);
  const labels = new Map(objects.map((one) => [idOf(one), podLabelsOf(one)]));
  const labelsOf: LabelsOf = (one) => labels.get(idOf(one)) ?? {};
  const unlisted = live ? "" : "; the PodDisruptionBudgets of the cluster cannot be listed";
  return (key) => {
    const workload = readWorkloadKey(key);
    const guards = budgets.filter((one) => isOver(one, workload, labelsOf));
    const podsIn = (budget: DisruptionBudget): number =>
      workloadsIn(stores)
        .filter((one) => isOver(budget, one, labelsOf))
        .reduce((sum, { replicas }) => sum + replicas, 0);
    return guards.length === 0 ? unlisted : sayGuards(guards, podsIn);
  };
}

interface DisruptionBudget {
  readonly namespace: string;
  readonly name: string;
  readonly matches: (labels: Labels) => boolean;
  /** Pods, or a percentage of them. */
  readonly minAvailable: number | string | undefined;
  readonly maxUnavailable: number | string | undefined;
  /** Its controller has found that not enough pods are healthy. */
  readonly allowsNoneNow: boolean;
}

type Selector = NonNullable<WorkloadEntry["selector"]>;
type Labels = Readonly<Record<string, string>>;
type Named = Pick<ManifestObject, "kind" | "namespace" | "name">;
type LabelsOf = (workload: Named) => Labels;

function budgetOf({ namespace, name, raw }: ManifestObject): DisruptionBudget {
  const { selector, ...spec } = fields(raw["spec"]);
  const [minAvailable, maxUnavailable] = [spec["minAvailable"], spec["maxUnavailable"]].map(amount);
  const allowed = at(raw["status"], "disruptionsAllowed");
  const matches = labelMatcherOf(selectorOf(selector));
  return {
    ...{ namespace, name, minAvailable, maxUnavailable, allowsNoneNow: allowed === 0 },
    matches: (labels) => selector !== undefined && matches(labels),
  };
}

function amount(value: unknown): number | string | undefined {
  return typeof value === "number" ? value : text(value, longest.label);
}

function selectorOf(selector: unknown): Selector {
  const { matchLabels, matchExpressions } = fields(selector);
  return {
    matchLabels: labelMap(matchLabels),
    matchExpressions: list(matchExpressions) as Selector["matchExpressions"],
  };
}

function podLabelsOf({ raw }: ManifestObject): Labels {
  return labelMap(at(raw, "spec", "template", "metadata", "labels"));
}

function isOver(budget: DisruptionBudget, workload: Named, labelsOf: LabelsOf): boolean {
  return budget.namespace === workload.namespace && budget.matches(labelsOf(workload));
}

function sayGuards(
  guards: readonly DisruptionBudget[],
  podsIn: (budget: DisruptionBudget) => number,
): string {
  const [only, ...others] = guards;
  if (!only) return "";
  if (others.length > 0) {
    const names = guards.map(({ name }) => name).join(", ");
    return `; nobody can evict them while several PodDisruptionBudgets select them (${names}): keep only one of them`;
  }
  const rule = neverAllows(only, podsIn(only));
  if (rule !== undefined) {
    return (
      `; this and the next steps wait: ${budgetKind} ${only.name} never allows it (${rule}). ` +
      "Allow one eviction there, or delete the pods yourself"
    );
  }
  return only.allowsNoneNow
    ? `; this waits while ${budgetKind} ${only.name} allows none, as now`
    : `, within ${budgetKind} ${only.name}`;
}

/** Also where all pods are healthy; undefined: it allows one. */
function neverAllows(
  { minAvailable, maxUnavailable }: DisruptionBudget,
  pods: number,
): string | undefined {
  if (maxUnavailable !== undefined) {
    return podsOf(maxUnavailable, pods) > 0 ? undefined : `maxUnavailable is ${maxUnavailable}`;
  }
  if (minAvailable === undefined) return "it says neither maxUnavailable nor minAvailable";
  if (podsOf(minAvailable, pods) < pods) return undefined;
  return `minAvailable is ${minAvailable}, of ${sayCount(pods, "pod")}`;
}

/** A percentage rounds up, as its controller does. */
function podsOf(value: number | string, pods: number): number {
  if (typeof value !== "string") return count(value, 0);
  return percentCeil(pods, Number.parseInt(value, 10) || 0);
}
