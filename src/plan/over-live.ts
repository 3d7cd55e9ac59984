// Manifests put over what runs, as `kubectl apply` and the controllers do it: what a manifest does
// not say stays (replicas that an autoscaler sets, entries that we wrote), a template that changes
// replaces the pods, another number of replicas starts or ends some.

import { at, list } from "../adapters/kubernetes/raw-values.ts";
import { fieldManager, kind as policyKind } from "../api/group.ts";
import { readWorkloadKey, workloadKeyOf } from "../api/keys.ts";
import { parseSpec } from "../api/poolpolicy.ts";
import { workloadKindNames } from "../api/workload-kinds.ts";
import type { WorkloadKey } from "../domain/facts/facts.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type {
  EnvEntry,
  ObservedAutoscaler,
  ObservedPolicy,
  ObservedWorkload,
} from "../observed.ts";
import { isContained } from "./contained.ts";
import { raiseToLeast } from "./least-replicas.ts";
import { claimedIn, leavingOf } from "./leaving.ts";
import { merged } from "./merged-entries.ts";
import { type ManifestStores, storesOf } from "./manifest-stores.ts";
import { idOf, type ManifestObject } from "./objects.ts";
import { saidBefore } from "./said-before.ts";
import { restartPods, scalePods } from "./started-pods.ts";
import { isTakenBack } from "./taken-back.ts";

/** How what is applied starts pods at once. */
export type Start = "created" | "scaled" | "rolled";

/** What applying one manifest does by itself. */
export interface Applied {
  /** `Deployment shop/web` */
  readonly object: string;
  readonly message: string;
  /** Whose pods start at once because of it. */
  readonly starts?: readonly (readonly [WorkloadKey, Start])[];
}

export interface OverLive {
  readonly manifests: readonly ManifestObject[];
  readonly live: readonly ManifestObject[];
}

/** Changes the stores. Objects that the manifests leave as they are are not told. */
export function applyOver(
  stores: ManifestStores,
  { manifests, live }: OverLive,
  nowMs: number,
): readonly Applied[] {
  const wanted = storesOf(manifests);
  const before = new Map(live.map((object) => [idOf(object), object]));
  const said = new Map(manifests.map((object) => [idOf(object), object]));
  const claimed = claimedIn(stores);
  const applied = [
    ...[...wanted.policies.values()].flatMap((policy) => applyPolicy(stores, policy)),
    ...[...wanted.autoscalers.values()].flatMap((one) => applyAutoscaler(stores, one)),
    ...workloadKindNames.flatMap((kind) =>
      [...wanted[kind].values()].flatMap((workload) => {
        const id = idOf(workload);
        const raws = { raw: said.get(id)?.raw, liveRaw: before.get(id)?.raw };
        return applyWorkload(stores, { workload, nowMs, ...raws });
      }),
    ),
    ...manifests.flatMap((one) => applyLeast(stores, one, nowMs)),
  ];
  return [...applied, ...leavingOf(stores, claimed, claimedIn(stores))];
}

function applyLeast(stores: ManifestStores, one: ManifestObject, nowMs: number): Applied[] {
  const raised = raiseToLeast(stores, one);
  if (!raised) return [];
  const { key, from, to } = raised;
  scalePods(stores, key, nowMs);
  const message = `scales ${plainKey(key)} from ${from} to ${sayCount(to, "pod")}, its minimum`;
  return [
    { object: `${one.kind} ${one.namespace}/${one.name}`, message, starts: [[key, "scaled"]] },
  ];
}

function plainKey(key: WorkloadKey): string {
  const { namespace, kind, name } = readWorkloadKey(key);
  return `${kind} ${namespace}/${name}`;
}

function applyPolicy({ policies }: ManifestStores, policy: ObservedPolicy): Applied[] {
  const object = `${policyKind} ${policy.key}`;
  const there = policies.get(policy.key);
  if (!there) {
    policies.set(policy);
    return [{ object, message: "is created" }];
  }
  if (isSameSpec(policy.spec, there.spec)) return [];
  const { uid, status, resourceVersion } = there;
  policies.set({
    ...{ ...policy, uid, status, generation: there.generation + 1 },
    resourceVersion: `${resourceVersion}+`,
  });
  return [{ object, message: "is changed" }];
}

/** With the defaults of the CRD in both. */
function isSameSpec(a: unknown, b: unknown): boolean {
  const [one, other] = [a, b].map((raw) => {
    const parsed = parseSpec(raw);
    return "spec" in parsed ? parsed.spec : raw;
  });
  return isContained(one, other) && isContained(other, one);
}

function applyAutoscaler({ autoscalers }: ManifestStores, one: ObservedAutoscaler): Applied[] {
  const object = `HorizontalPodAutoscaler ${one.key}`;
  const there = autoscalers.get(one.key);
  autoscalers.set(one);
  const most = `at most ${sayCount(one.maxReplicas, "pod")}`;
  if (!there) return [{ object, message: `is created: ${most}` }];
  const [target, before] = [one, there].map(sayTarget);
  if (target !== before) {
    return [{ object, message: `scales ${target}, before ${before}: ${most}` }];
  }
  if (there.maxReplicas === one.maxReplicas) return [];
  return [{ object, message: `allows ${most}, before ${there.maxReplicas}` }];
}

function sayTarget({ targetKind, targetName }: ObservedAutoscaler): string {
  return `${targetKind} ${targetName}`;
}

interface WorkloadChange {
  readonly workload: ObservedWorkload;
  readonly nowMs: number;
  readonly raw: unknown;
  readonly liveRaw: unknown;
}

function applyWorkload(stores: ManifestStores, change: WorkloadChange): Applied[] {
  const { workload, nowMs } = change;
  const object = `${workload.kind} ${workload.key}`;
  const there = stores[workload.kind].get(workload.key);
  const key = workloadKeyOf(workload);
  if (!there) {
    stores[workload.kind].set(workload);
    scalePods(stores, key, nowMs);
    const message = `is created with ${sayCount(workload.replicas, "pod")}`;
    return [{ object, message, starts: [[key, "created"]] }];
  }
  const difference = differenceOf(change, there);
  const after = overLive(workload, there, difference);
  stores[workload.kind].set(after);
  scalePods(stores, key, nowMs);
  if (difference.isRolled && heldBack(after) === undefined) restartPods(stores, key, nowMs);
  return saidOf(object, { there, after, ...difference });
}

interface Difference {
  readonly isRolled: boolean;
  /** `unsaid`: the manifest said them before and says them no more, which is the default. */
  readonly replicas: "said" | "unsaid" | "kept";
  /** Of the objects as they were applied before. */
  readonly before: unknown;
}

function differenceOf(
  { workload, raw, liveRaw }: Pick<WorkloadChange, "workload" | "raw" | "liveRaw">,
  there: ObservedWorkload,
): Difference {
  const before = saidBefore(liveRaw);
  const [said, now, running] = [before, raw, liveRaw].map(templateOf);
  const loses =
    said === undefined ? losesEntries(workload, there) : isTakenBack(said, now, running);
  const unsaid = at(before, "spec", "replicas") === undefined ? "kept" : "unsaid";
  const replicas = typeof at(raw, "spec", "replicas") === "number" ? "said" : unsaid;
  return { isRolled: loses || !isContained(now, running), replicas, before };
}

function saidOf(
  object: string,
  change: Difference & {
    readonly there: ObservedWorkload;
    readonly after: ObservedWorkload;
  },
): Applied[] {
  const { there, after, isRolled, replicas } = change;
  const why = replicas === "unsaid" ? `: ${unsaidReplicas}` : "";
  const scaled =
    there.replicas === after.replicas
      ? []
      : [`is scaled from ${there.replicas} to ${sayCount(after.replicas, "pod")}${why}`];
  const held = heldBack(after);
  const effect =
    held === undefined ? "which replaces its pods" : `and keeps its pods until ${held}`;
  const rolled = isRolled ? [`gets another template, ${effect}`] : [];
  const message = [...scaled, ...rolled].join("; ");
  const key = workloadKeyOf(after);
  const starts: NonNullable<Applied["starts"]> = [
    ...(after.replicas > there.replicas ? [[key, "scaled"] as const] : []),
    ...(isRolled && held === undefined ? [[key, "rolled"] as const] : []),
  ];
  return message === "" ? [] : [{ object, message, starts }];
}

/** Until when no pod gets another template; undefined: nothing holds that up. */
function heldBack({ paused, strategy }: ObservedWorkload): string | undefined {
  if (paused) return "it is resumed";
  return strategy === "OnDelete" ? "they are deleted" : undefined;
}

/** `kubectl apply` and Helm remove a field that they have set. */
const unsaidReplicas =
  "its manifest no longer says replicas, and the default is 1. To keep them, say replicas";

function overLive(
  workload: ObservedWorkload,
  there: ObservedWorkload,
  { isRolled, replicas, before }: Difference,
): ObservedWorkload {
  const { uid, resourceVersion, generation, annotations, envManagers, ownedByUs } = there;
  return {
    ...workload,
    ...{ uid, resourceVersion: `${resourceVersion}+`, envManagers },
    ...(ownedByUs === undefined ? {} : { ownedByUs }),
    generation: isRolled ? generation + 1 : generation,
    observedGeneration: isRolled ? generation + 1 : generation,
    replicas: replicas === "kept" ? there.replicas : workload.replicas,
    annotations: { ...annotations, ...workload.annotations },
    templateAnnotations: { ...there.templateAnnotations, ...workload.templateAnnotations },
    containers: workload.containers.map((container) => ({
      ...container,
      env: merged(stayingEntries(there, container.name, before), container.env),
    })),
  };
}

/** Entries that we wrote into a template stay where somebody else applies it. */
function ownEntries({ containers, envManagers }: ObservedWorkload, name: string): EnvEntry[] {
  const env = containers.find((container) => container.name === name)?.env ?? [];
  return env.filter((entry) => envManagers[`${name}/${entry.name}`]?.includes(fieldManager));
}

/** Those, and entries that no manifest had: `kubectl set env` writes such. */
function stayingEntries(there: ObservedWorkload, name: string, before: unknown): EnvEntry[] {
  const own = ownEntries(there, name);
  const containers = list(at(before, "spec", "template", "spec", "containers"));
  const said = containers.find((one) => at(one, "name") === name);
  if (said === undefined) return own;
  const names = new Set(list(at(said, "env")).map((entry) => at(entry, "name")));
  const env = there.containers.find((container) => container.name === name)?.env ?? [];
  return env.filter((entry) => own.includes(entry) || !names.has(entry.name));
}

/** A variable that the manifest does not have any more, and that others than we had written. */
function losesEntries(workload: ObservedWorkload, there: ObservedWorkload): boolean {
  return there.containers.some(({ name, env }) => {
    const own = new Set(ownEntries(there, name).map((entry) => entry.name));
    const now = workload.containers.find((container) => container.name === name)?.env ?? [];
    const names = new Set(now.map((entry) => entry.name));
    return env.some((entry) => !names.has(entry.name) && !own.has(entry.name));
  });
}

function templateOf(raw: unknown): unknown {
  return at(raw, "spec", "template");
}
