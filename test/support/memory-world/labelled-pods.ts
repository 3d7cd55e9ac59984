// Pods that no Deployment makes, as the API server would size them: by the labels that entries of
// a policy name, unless the policy has a grant for the workload that made them.

import { mainPool, podsKind, podsNameOf, poolKeyOf, poolNameIn } from "../../../src/api/keys.ts";
import { isPodsEntry, podsEntryName, type PodsEntry } from "../../../src/api/pods-entry.ts";
import {
  poolPolicySpec,
  type Grant,
  type PoolPolicyStatus,
  type WorkloadEntry,
} from "../../../src/api/poolpolicy.ts";
import type { ObservedContainer, ObservedPod, ObservedPolicy } from "../../../src/observed.ts";
import type { MemoryWorld } from "./world.ts";
import { aContainer } from "./world.ts";

export interface LabelledPod {
  readonly labels: Readonly<Record<string, string>>;
  /** What its owner's template says; default: 20 in container app. */
  readonly containers?: readonly ObservedContainer[];
  /** Kind/name. */
  readonly owner?: string;
}

let podsMade = 0;

/** It starts; the key of the pod. */
export function startPod(world: MemoryWorld, name: string, given: LabelledPod): string {
  const { labels, containers = [aContainer(20)], owner = "Job/nightly" } = given;
  podsMade += 1;
  const key = `shop/${name}`;
  const started: ObservedPod = {
    ...{ key, uid: `${name}-${podsMade}`, resourceVersion: world.stores.nextVersion() },
    workload: `shop/${owner}`,
    addresses: [`10.9.${Math.floor(podsMade / 250)}.${podsMade % 250}`],
    ...{ revision: "", labels, createdAtMs: world.nowMs, terminating: false, finished: false },
    ...{ containers, poolSizeAnnotation: undefined },
  };
  world.stores.pods.set(admitted(world, started));
  return key;
}

/** All of its containers have ended. */
export function finishPod(world: MemoryWorld, key: string): void {
  const pod = world.stores.pods.get(key);
  if (pod) world.stores.pods.set({ ...pod, finished: true });
}

function admitted(world: MemoryWorld, pod: ObservedPod): ObservedPod {
  const isInstalled = world.stores.admissionPolicies.get("poolwarden") !== undefined;
  if (!isInstalled || !world.controller.admits) return pod;
  return [...world.stores.policies.values()].reduce(admittedBy, pod);
}

function admittedBy(pod: ObservedPod, policy: ObservedPolicy): ObservedPod {
  const { mode, workloads } = poolPolicySpec.parse(policy.spec);
  const { delivery, grants = {} } = (policy.status ?? {}) as PoolPolicyStatus;
  if (mode !== "Enforce" || policy.deleting || delivery !== "Admission") return pod;
  const maker = (pod.workload ?? "").slice("shop/".length);
  if (Object.keys(grants).some((name) => name === maker || name.startsWith(`${maker}/`))) {
    return pod;
  }
  return entriesFor(pod, workloads).reduce((sized, entry) => {
    const pool = entry.pool ?? mainPool;
    const name = podsNameOf(policy.name, podsEntryName(entry));
    const grant = grants[poolNameIn(poolKeyOf(`shop/${podsKind}/${name}`, pool))];
    return grant ? withGrant(sized, pool, grant) : sized;
  }, pod);
}

/** The first that matches, and those of its name for other pools. */
function entriesFor(
  { labels = {} }: ObservedPod,
  entries: readonly WorkloadEntry[],
): readonly PodsEntry<WorkloadEntry>[] {
  const matching = entries
    .filter(isPodsEntry)
    .filter(({ pods }) => Object.entries(pods.matchLabels).every(([key, v]) => labels[key] === v));
  const [first] = matching;
  const named = first && podsEntryName(first);
  const alike = entries.filter(isPodsEntry).filter((one) => podsEntryName(one) === named);
  const byPool = Map.groupBy(alike, ({ pool = mainPool }) => pool);
  return [...byPool.values()].flatMap(([one]) => one ?? []);
}

function withGrant(pod: ObservedPod, pool: string, grant: Grant): ObservedPod {
  const isSized =
    pool === mainPool
      ? pod.poolSizeAnnotation !== undefined
      : Object.hasOwn(pod.furtherPoolSizes ?? {}, pool);
  const target = targetOf(pod.containers, grant);
  if (isSized || target === undefined) return pod;
  const containers = pod.containers.map((one) =>
    one.name === target ? { ...one, env: withEntries(one, grant) } : one,
  );
  const size = String(grant.poolSize);
  if (pool === mainPool) return { ...pod, containers, poolSizeAnnotation: size };
  return { ...pod, containers, furtherPoolSizes: { ...pod.furtherPoolSizes, [pool]: size } };
}

function withEntries({ env }: ObservedContainer, grant: Grant): ObservedContainer["env"] {
  const names = new Set(grant.env.map(({ name }) => name));
  return [...grant.env, ...env.filter(({ name }) => !names.has(name))];
}

/** As the grant says; else the one that sets the variable, else the only one. */
function targetOf(containers: readonly ObservedContainer[], grant: Grant): string | undefined {
  if (grant.container !== "") {
    return containers.find(({ name }) => name === grant.container)?.name;
  }
  const names = new Set(grant.env.map(({ name }) => name));
  const setting = containers.filter(({ env }) => env.some(({ name }) => names.has(name)));
  const among = setting.length === 0 ? containers : setting;
  return among.length === 1 ? among[0]?.name : undefined;
}
