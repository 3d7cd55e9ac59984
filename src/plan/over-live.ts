// Manifests put over what runs, as `kubectl apply` and the controllers do it: what a manifest does
// not say stays (replicas that an autoscaler sets, entries that we wrote), a template that changes
// replaces the pods, another number of replicas starts or ends some.

import { at, fields } from "../adapters/kubernetes/raw-values.ts";
import { fieldManager, kind as policyKind } from "../api/group.ts";
import { workloadKeyOf } from "../api/keys.ts";
import { workloadKindNames } from "../api/workload-kinds.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type {
  EnvEntry,
  ObservedAutoscaler,
  ObservedPolicy,
  ObservedWorkload,
} from "../observed.ts";
import { merged } from "./manifest-cluster.ts";
import { type ManifestStores, storesOf } from "./manifest-stores.ts";
import { idOf, type ManifestObject } from "./objects.ts";
import { restartPods, scalePods } from "./started-pods.ts";

/** What applying one manifest does by itself. */
export interface Applied {
  /** `Deployment shop/web` */
  readonly object: string;
  readonly message: string;
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
  return [
    ...[...wanted.policies.values()].flatMap((policy) => applyPolicy(stores, policy)),
    ...[...wanted.autoscalers.values()].flatMap((one) => applyAutoscaler(stores, one)),
    ...workloadKindNames.flatMap((kind) =>
      [...wanted[kind].values()].flatMap((workload) => {
        const id = idOf(workload);
        const raws = { raw: said.get(id)?.raw, liveRaw: before.get(id)?.raw };
        return applyWorkload(stores, { workload, nowMs, ...raws });
      }),
    ),
  ];
}

function applyPolicy({ policies }: ManifestStores, policy: ObservedPolicy): Applied[] {
  const object = `${policyKind} ${policy.key}`;
  const there = policies.get(policy.key);
  if (!there) {
    policies.set(policy);
    return [{ object, message: "is created" }];
  }
  if (isContained(policy.spec, there.spec) && isContained(there.spec, policy.spec)) return [];
  const { uid, status, resourceVersion } = there;
  policies.set({
    ...{ ...policy, uid, status, generation: there.generation + 1 },
    resourceVersion: `${resourceVersion}+`,
  });
  return [{ object, message: "is changed" }];
}

function applyAutoscaler({ autoscalers }: ManifestStores, one: ObservedAutoscaler): Applied[] {
  const object = `HorizontalPodAutoscaler ${one.key}`;
  const there = autoscalers.get(one.key);
  autoscalers.set(one);
  const most = `at most ${sayCount(one.maxReplicas, "pod")}`;
  if (!there) return [{ object, message: `is created: ${most}` }];
  if (there.maxReplicas === one.maxReplicas) return [];
  return [{ object, message: `allows ${most}, before ${there.maxReplicas}` }];
}

interface WorkloadChange {
  readonly workload: ObservedWorkload;
  readonly nowMs: number;
  readonly raw: unknown;
  readonly liveRaw: unknown;
}

function applyWorkload(stores: ManifestStores, change: WorkloadChange): Applied[] {
  const { workload, nowMs, raw, liveRaw } = change;
  const object = `${workload.kind} ${workload.key}`;
  const there = stores[workload.kind].get(workload.key);
  const key = workloadKeyOf(workload);
  if (!there) {
    stores[workload.kind].set(workload);
    scalePods(stores, key, nowMs);
    return [{ object, message: `is created with ${sayCount(workload.replicas, "pod")}` }];
  }
  const isRolled =
    !isContained(templateOf(raw), templateOf(liveRaw)) || losesEntries(workload, there);
  const saysReplicas = typeof at(raw, "spec", "replicas") === "number";
  const after = overLive(workload, there, { isRolled, saysReplicas });
  stores[workload.kind].set(after);
  scalePods(stores, key, nowMs);
  if (isRolled) restartPods(stores, key, nowMs);
  return saidOf(object, { there, after, isRolled });
}

function saidOf(
  object: string,
  change: {
    readonly there: ObservedWorkload;
    readonly after: ObservedWorkload;
    readonly isRolled: boolean;
  },
): Applied[] {
  const { there, after, isRolled } = change;
  const scaled =
    there.replicas === after.replicas
      ? []
      : [`is scaled from ${there.replicas} to ${sayCount(after.replicas, "pod")}`];
  const rolled = isRolled ? ["gets another template, which replaces its pods"] : [];
  const message = [...scaled, ...rolled].join("; ");
  return message === "" ? [] : [{ object, message }];
}

interface Difference {
  readonly isRolled: boolean;
  readonly saysReplicas: boolean;
}

function overLive(
  workload: ObservedWorkload,
  there: ObservedWorkload,
  { isRolled, saysReplicas }: Difference,
): ObservedWorkload {
  const { uid, resourceVersion, generation, annotations, envManagers, ownedByUs } = there;
  return {
    ...workload,
    ...{ uid, resourceVersion: `${resourceVersion}+`, envManagers },
    ...(ownedByUs === undefined ? {} : { ownedByUs }),
    generation: isRolled ? generation + 1 : generation,
    observedGeneration: isRolled ? generation + 1 : generation,
    replicas: saysReplicas ? workload.replicas : there.replicas,
    annotations: { ...annotations, ...workload.annotations },
    templateAnnotations: { ...there.templateAnnotations, ...workload.templateAnnotations },
    containers: workload.containers.map((container) => ({
      ...container,
      env: merged(ownEntries(there, container.name), container.env),
    })),
  };
}

/** Entries that we wrote into a template stay where somebody else applies it. */
function ownEntries({ containers, envManagers }: ObservedWorkload, name: string): EnvEntry[] {
  const env = containers.find((container) => container.name === name)?.env ?? [];
  return env.filter((entry) => envManagers[`${name}/${entry.name}`]?.includes(fieldManager));
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

/**
 * Everything that `given` says is so in `live`, which has defaults beside it. Lists of named items
 * (containers, variables, volumes) go by name, others by position.
 */
export function isContained(given: unknown, live: unknown): boolean {
  if (Array.isArray(given)) return Array.isArray(live) && isListContained(given, live);
  if (typeof given !== "object" || given === null) return given === live || given === null;
  const there = fields(live);
  return Object.entries(given).every(([name, value]) => {
    const list = there[name];
    // Entries that are missing are looked for by themselves: ours stay.
    if (name === "env" && Array.isArray(value) && Array.isArray(list)) {
      return value.every((item) => isContained(item, partner(item, list, 0)));
    }
    return isContained(value, list);
  });
}

function isListContained(given: readonly unknown[], live: readonly unknown[]): boolean {
  if (given.length !== live.length) return false;
  return given.every((item, position) => isContained(item, partner(item, live, position)));
}

function partner(item: unknown, live: readonly unknown[], position: number): unknown {
  const name = at(item, "name");
  if (typeof name !== "string") return live[position];
  return live.find((one) => at(one, "name") === name);
}
