// Memories live as long as what they are of. Each names its keys, and once a minute those are
// forgotten whose policy or workload is not there any more: at once would be too soon for what is
// deleted and made anew, and never would fill the process with what came and went.

import {
  namespaceOf,
  podsKind,
  policyOfPods,
  poolIn,
  type PoolKey,
  readWorkloadKey,
  workloadOfPool,
} from "../../api/keys.ts";
import type { Clock } from "../../ports.ts";
import { type Caches, workloadNamed } from "../caches.ts";

/** What is remembered of each of many objects. */
export interface Memory {
  keys(): Iterable<string>;
  forget(key: string): void;
}

interface MemoryOfPools {
  keys(): Iterable<PoolKey>;
  forget(key: PoolKey): void;
}

export interface Memories {
  readonly ofPolicies: readonly Memory[];
  readonly ofWorkloads: readonly Memory[];
  readonly ofPools: readonly MemoryOfPools[];
}

const everyMs = 60_000;

export class ForgetGone {
  readonly #clock: Clock;
  #sweptAtMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does nothing within a minute after it did something. */
  run({ ofPolicies, ofWorkloads, ofPools }: Memories, caches: Caches): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sweptAtMs < everyMs) return;
    this.#sweptAtMs = nowMs;
    for (const memory of ofPolicies) keepOnly(memory, (key) => caches.policies.get(key));
    for (const memory of ofWorkloads) keepOnly(memory, (key) => pickedNamed(caches, key));
    const isNamed = namedIn(caches);
    for (const memory of ofPools) {
      keepOnly(memory, (key) => isNamed(key) && pickedNamed(caches, workloadOfPool(key)));
    }
  }
}

/** A policy of the namespace has an entry of the pool. People may give pools new names for ever. */
function namedIn({ policies }: Caches): (key: PoolKey) => boolean {
  const named = new Set(
    [...policies.values()].flatMap(({ namespace, spec }) => {
      return poolsIn(spec).map((pool) => `${namespace}/${String(pool)}`);
    }),
  );
  return (key) => {
    const pool = poolIn(key);
    return pool === undefined || named.has(`${namespaceOf(key)}/${pool}`);
  };
}

/** Of a spec as it is stored, which may be anything. */
function poolsIn(spec: unknown): readonly unknown[] {
  const { workloads } = Object(spec) as { readonly workloads?: unknown };
  if (!Array.isArray(workloads)) return [];
  return workloads.map((entry: unknown) => (Object(entry) as { readonly pool?: unknown }).pool);
}

/** Pods that an entry picks by their labels are there as long as its policy is. */
function pickedNamed(caches: Caches, key: string): unknown {
  const { namespace, kind, name } = readWorkloadKey(key);
  if (kind === podsKind) return caches.policies.get(`${namespace}/${policyOfPods(name)}`);
  return workloadNamed(caches, key);
}

function keepOnly<K extends string>(
  memory: { keys(): Iterable<K>; forget(key: K): void },
  find: (key: K) => unknown,
): void {
  for (const key of memory.keys()) if (!find(key)) memory.forget(key);
}
