// What entries that pick pods by their labels will pick, as far as the manifests show it: nothing,
// because the labels stand at another place; more pods than planned; or larger pools than counted.

import { at, list } from "../adapters/kubernetes/raw-values.ts";
import { kind as policyKind } from "../api/group.ts";
import { isPodsEntry, podsEntryName, type PodsEntry } from "../api/pods-entry.ts";
import { parseSpec, type PoolPolicySpec, type WorkloadEntry } from "../api/poolpolicy.ts";
import { sizingOf } from "../api/sizing.ts";
import { workloadKindOf } from "../api/workload-kinds.ts";
import type { Position } from "../domain/demand/position.ts";
import { oncePer, oncePerName } from "../domain/once-per.ts";
import type { ManifestObject, Objects } from "./objects.ts";
import { type Labels, type PodTemplate, podTemplateIn } from "./pod-templates.ts";

interface Picking {
  readonly policy: string;
  readonly spec: PoolPolicySpec;
  readonly entry: PodsEntry<WorkloadEntry>;
}

type Manifests = Pick<Objects, "objects" | "templates">;

/** By namespace. Few policies pick pods: none of the others asks for thousands of templates. */
const templatesNear = oncePer((given: Manifests) =>
  oncePerName((namespace) => templatesIn(given, namespace)),
);

/** `isOverLive`: what an entry picks may run in the cluster. */
export function pickingNotes(given: Manifests, isOverLive: boolean): readonly string[] {
  const { objects, templates } = given;
  const policies = objects.filter(({ kind }) => kind === policyKind);
  const near = templatesNear(given);
  return policies.flatMap((policy) => {
    const unsized = templates.filter(({ namespace }) => namespace === policy.namespace);
    return [
      ...pickingsOf(policy).flatMap((picking) =>
        notesOn(picking, near(policy.namespace), isOverLive),
      ),
      ...notSized(policy, unsized),
    ];
  });
}

/** Those of workloads too. */
function templatesIn(
  { objects, templates }: Pick<Objects, "objects" | "templates">,
  namespace: string,
): readonly PodTemplate[] {
  const own = objects.filter(
    (one) => one.namespace === namespace && workloadKindOf(one.kind) !== undefined,
  );
  const others = templates.filter((one) => one.namespace === namespace);
  return [...others, ...own.flatMap((one) => podTemplateIn(one, one.raw) ?? [])];
}

/** The reserve is for those: they end, or are for a moment. */
const passingKinds = ["Job", "CronJob", "Pod"];

/** What a selector or a name would pick if it were of a kind that is sized. */
function notSized(policy: ManifestObject, templates: readonly PodTemplate[]): readonly string[] {
  const parsed = parseSpec(policy.raw["spec"]);
  if ("problem" in parsed) return [];
  const { workloads } = parsed.spec;
  const counted = workloads.filter(isPodsEntry<WorkloadEntry>).map(({ pods }) => pods.matchLabels);
  const sizing = workloads.filter(({ pods }) => pods === undefined);
  return templates.flatMap(({ kind, name, labels, labelsBeside }) => {
    const own = labelsBeside.at(-1)?.labels ?? {};
    const isMeant = sizing.some((entry) => isOf(entry, { name, labels: own }));
    const isCounted = counted.some((wanted) => hasAll(labels, wanted));
    if (!isMeant || isCounted || passingKinds.includes(kind)) return [];
    return [
      `policy ${policy.namespace}/${policy.name}: ${kind} ${name} is what an entry asks for, but only ` +
        "Deployments and StatefulSets are sized: its connections are not counted. Pick its pods by " +
        "their labels in an entry of their own (workloads[].pods)",
    ];
  });
}

function isOf(
  { selector, name }: WorkloadEntry,
  one: Pick<PodTemplate, "name" | "labels">,
): boolean {
  if (selector === undefined) return name === one.name;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const isAny = Object.keys(matchLabels).length === 0;
  return !isAny && matchExpressions.length === 0 && hasAll(one.labels, matchLabels);
}

function pickingsOf({ namespace, name, raw }: ManifestObject): Picking[] {
  const parsed = parseSpec(raw["spec"]);
  if ("problem" in parsed) return [];
  const { spec } = parsed;
  const entries = spec.workloads.filter(isPodsEntry<WorkloadEntry>);
  return entries.map((entry) => ({ policy: `${namespace}/${name}`, spec, entry }));
}

function notesOn(picking: Picking, all: readonly PodTemplate[], isOverLive: boolean): string[] {
  const { policy, entry } = picking;
  const wanted = entry.pods.matchLabels;
  const picked = all.filter(({ labels }) => hasAll(labels, wanted));
  const whose = `policy ${policy}, pods of ${podsEntryName(entry)}`;
  const notes =
    picked.length > 0
      ? [...tooMany(picking, picked), ...larger(picking, picked)]
      : nonePicked(wanted, all, isOverLive);
  return notes.map((note) => `${whose}: ${note}`);
}

export function hasAll(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function nonePicked(wanted: Labels, all: readonly PodTemplate[], isOverLive: boolean): string[] {
  const said = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
  const none = `no pod template among the manifests has the labels ${said.join(", ")}`;
  for (const { kind, name, labelsBeside, path } of all) {
    const found = labelsBeside.find(({ labels }) => hasAll(labels, wanted));
    const has = `${kind} ${name} has them on ${found?.where ?? ""}`;
    if (found) return [`${none}; ${has}: its pods get those of ${path}.metadata.labels`];
  }
  return isOverLive ? [] : [none];
}

function tooMany({ entry }: Picking, picked: readonly PodTemplate[]): string[] {
  const pods = picked.reduce((sum, { parallelism = 0 }) => sum + parallelism, 0);
  const maxPods = entry.maxPods ?? 0;
  if (pods <= maxPods) return [];
  const whose = picked.map(({ kind, name }) => `${kind} ${name}`).join(", ");
  return [
    `${whose}: ${pods} pods at once by parallelism, and maxPods is ${maxPods}: raise maxPods`,
  ];
}

function larger({ spec, entry }: Picking, picked: readonly PodTemplate[]): string[] {
  const { maxSizeName, unmanagedPoolSize } = sizingOf(spec, entry);
  return picked.flatMap(({ kind, name, spec: pod }) => {
    const size = list(at(pod, "containers")).reduce<number>(
      (most, container) => Math.max(most, sizeIn(container, maxSizeName)),
      0,
    );
    if (size <= unmanagedPoolSize) return [];
    return [
      `${kind} ${name} sets ${maxSizeName} to ${size}, and unmanagedPoolSize is ` +
        `${unmanagedPoolSize}: a pod that nobody has sized counts too low, so set it to ${size}`,
    ];
  });
}

/** Whether a template among the manifests, whose pods the entry picks, names its variable. */
export function isSaidInTemplates(
  { policy, pool, sizing, workload }: Position,
  objects: Manifests,
): boolean {
  const wanted = policy.spec.workloads[pool.entry]?.pods?.matchLabels;
  if (wanted === undefined) return false;
  const picked = templatesNear(objects)(workload.namespace).filter(({ labels }) =>
    hasAll(labels, wanted),
  );
  return picked.some(({ spec }) =>
    list(at(spec, "containers")).some((container) =>
      list(at(container, "env")).some((one) => at(one, "name") === sizing.maxSizeName),
    ),
  );
}

/** 0 where it says no number. */
function sizeIn(container: unknown, name: string): number {
  const entry = list(at(container, "env")).findLast((one) => at(one, "name") === name);
  const value = at(entry, "value");
  return typeof value === "string" && /^[0-9]{1,7}$/.test(value) ? Number(value) : 0;
}
