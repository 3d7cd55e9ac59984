// Which pods the clients of a sample are. A pod is known by its own address, so what is behind
// address translation, or has the address of its node, is told of nobody. Where a pod has several
// pools on one server their sessions look alike, unless their policies name different roles.

import type { ClientsAtWork, PodFacts, PolicyFacts, PoolFacts, PoolKey } from "../facts/facts.ts";
import type { PodSlots } from "./said-use.ts";
import { poolSlots } from "./slots.ts";

export interface Fleet {
  readonly policies: readonly Pick<PolicyFacts, "key" | "spec">[];
  readonly workloads: readonly PoolFacts[];
}

/** One pool of one pod. */
export interface PodPool {
  readonly pool: PoolFacts;
  readonly pod: PodFacts;
  /** As its policy names it: sessions of others at the address are not the pool's. */
  readonly role: string | undefined;
  readonly isWatched: boolean;
}

export type PodsByAddress = ReadonlyMap<string, readonly PodPool[]>;

/** Pods that have an address of their own and do not end. */
export function podsByAddress({ policies, workloads }: Fleet): PodsByAddress {
  const byKey = new Map(policies.map((one) => [one.key, one]));
  const found = new Map<string, PodPool[]>();
  for (const pool of workloads) {
    const policy = byKey.get(pool.policy);
    const known = { pool, role: policy?.spec.database.role };
    const isWatched = policy !== undefined && isUseWatched(policy);
    for (const pod of pool.pods.filter(isTold)) {
      const one = { ...known, pod, isWatched };
      for (const address of pod.addresses) addTo(found, address, one);
    }
  }
  return found;
}

export function isUseWatched({ spec }: Pick<PolicyFacts, "spec">): boolean {
  return spec.demand !== "Ignore";
}

/** The smallest of its pods that are watched; undefined where there is none. */
export function podSlotsOf({
  pods,
  sizing,
}: Pick<PoolFacts, "pods" | "sizing">): PodSlots | undefined {
  const sizes = pods.filter(isTold).map(({ own }) => own.poolSize);
  if (sizes.length === 0) return undefined;
  const smallest = sizes.reduce((a, b) => Math.min(a, b));
  return { slots: poolSlots(sizing, smallest), extraSlots: sizing.extraConnectionsPerPod };
}

function isTold({ isOnHostNetwork, terminating }: PodFacts): boolean {
  return isOnHostNetwork !== true && !terminating;
}

function addTo<K, T>(found: Map<K, T[]>, key: K, one: T): void {
  const known = found.get(key);
  if (known) known.push(one);
  else found.set(key, [one]);
}

/** Those of one pod that are told apart from each other, by the roles of their policies. */
export function toldApart<T extends Pick<PodPool, "role">>(pools: readonly T[]): readonly T[] {
  if (pools.length <= 1) return pools;
  const byRole = Map.groupBy(pools, ({ role }) => role);
  if (byRole.has(undefined)) return [];
  return [...byRole.values()].flatMap((own) => (own.length === 1 ? own : []));
}

/** The pools of one pod at one moment. */
export interface PodSample {
  /** Its uid. */
  readonly pod: string;
  readonly atWork: number;
  /** Of its pools, by their size now. */
  readonly slots: number;
}

/** By pool: what each of its pods that shows a session has at work. */
export function samplesOf(
  clients: readonly ClientsAtWork[],
  pods: PodsByAddress,
): ReadonlyMap<PoolKey, readonly PodSample[]> {
  const atWork = new Map<PodPool, number>();
  for (const client of clients) {
    for (const one of toldApart(pods.get(client.address) ?? [])) {
      if (!one.isWatched || !isOfRole(client, one)) continue;
      atWork.set(one, (atWork.get(one) ?? 0) + client.atWork);
    }
  }
  const found = new Map<PoolKey, PodSample[]>();
  for (const [one, count] of atWork) addTo(found, one.pool.poolKey, sampleOf(one, count));
  return found;
}

function sampleOf({ pool: { sizing }, pod: { uid, own } }: PodPool, atWork: number): PodSample {
  return { pod: uid, atWork, slots: poolSlots(sizing, own.poolSize) };
}

function isOfRole({ user }: ClientsAtWork, { role }: PodPool): boolean {
  return role === undefined || user === role;
}
