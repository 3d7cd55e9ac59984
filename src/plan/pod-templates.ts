// Pod templates of whatever is among the manifests beside the workloads that are sized: Jobs,
// CronJobs, DaemonSets, and any other kind that has one where most have it. Entries that pick pods
// by their labels are held against them, because what they pick is in no other way seen in a plan.

import { at, count, labelMap, list } from "../adapters/kubernetes/raw-values.ts";

export type Labels = Readonly<Record<string, string>>;

export interface PodTemplate {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of its pods. */
  readonly labels: Labels;
  /** Of the object itself, and of the Job that a CronJob makes: nobody's pods have them. */
  readonly labelsBeside: readonly { readonly where: string; readonly labels: Labels }[];
  /** Field path of `labels`. */
  readonly path: string;
  /** Of the pods. */
  readonly spec: unknown;
  /** How many pods run at once, where the object says it. */
  readonly parallelism: number | undefined;
}

interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Undefined of a kind that makes no pods. */
export function podTemplateIn(named: Named, value: unknown): PodTemplate | undefined {
  const isCron = named.kind === "CronJob";
  const owner = isCron ? at(value, "spec", "jobTemplate") : value;
  const template = named.kind === "Pod" ? value : at(owner, "spec", "template");
  const spec = at(template, "spec");
  if (list(at(spec, "containers")).length === 0) return undefined;
  const own = { where: "itself", labels: labelsOf(value) };
  const job = { where: "its Job", labels: labelsOf(owner) };
  return {
    ...named,
    ...{ labels: labelsOf(template), labelsBeside: isCron ? [job, own] : [own], spec },
    path: isCron ? "spec.jobTemplate.spec.template" : "spec.template",
    parallelism: isCron || named.kind === "Job" ? parallelismOf(owner) : undefined,
  };
}

function labelsOf(value: unknown): Labels {
  return labelMap(at(value, "metadata", "labels"));
}

/** No more pods than are wanted at all. */
function parallelismOf(job: unknown): number {
  const completions = count(at(job, "spec", "completions"), Infinity);
  return Math.min(count(at(job, "spec", "parallelism"), 1), completions);
}
