// What the fleet's pods can hold, and whose they are. Where a login may not see the origin of
// sessions, those of an application's role are taken for the fleet's as far as pods could hold
// them: pods of the namespaces whose policies name that role. Else a policy could claim the
// sessions of others by naming their role.

import type { PodFacts, PoolFacts } from "../../domain/facts/facts.ts";
import type { HeldBy } from "../../domain/facts/session-facts.ts";
import { add, heldBy, newestPodMs } from "../../domain/supply/held-by.ts";
import { slotsPerPod } from "../../domain/demand/slots.ts";

export interface HeldSlots {
  readonly all: number;
  readonly byNamespace: ReadonlyMap<string, number>;
  readonly by: HeldBy;
  /** By UID: pods that are not ready, which may have opened none of their sessions. */
  readonly unready: ReadonlyMap<string, UnreadyPod>;
  /** When the youngest of these pods was created. */
  readonly newestPodMs: number;
}

interface UnreadyPod {
  readonly policy: string;
  readonly slots: number;
}

/** And by whom. */
export interface Holding extends HeldSlots {
  readonly workloads?: readonly PoolFacts[];
  /** Which of these addresses pods have for themselves, the fleet's or not. */
  readonly hadByPods?: (addresses: ReadonlySet<string>) => Iterable<string>;
}

export const nothingHeld: HeldSlots = {
  all: 0,
  byNamespace: new Map(),
  by: { policy: new Map(), node: new Map() },
  unready: new Map(),
  newestPodMs: -Infinity,
};

/** What its pods hold by their own sizes, leaving ones included. */
export function heldSlotsOf(workloads: readonly PoolFacts[]): Holding {
  let all = 0;
  const unready = new Map<string, UnreadyPod>();
  const byNamespace = new Map<string, number>();
  for (const { namespace, policy, sizing, pods } of workloads) {
    const slotsOf = (some: readonly PodFacts[]): number =>
      some.reduce((sum, { own }) => sum + slotsPerPod(sizing, own.poolSize), 0);
    const slots = slotsOf(pods);
    all += slots;
    for (const pod of pods) {
      if (pod.unready === true) unready.set(pod.uid, { policy, slots: slotsOf([pod]) });
    }
    byNamespace.set(namespace, (byNamespace.get(namespace) ?? 0) + slots);
  }
  const youngest = { newestPodMs: newestPodMs(workloads) };
  return { all, byNamespace, by: heldBy(workloads), unready, ...youngest, workloads };
}

/** The most of several moments, each namespace, policy and node by itself. */
export function mostHeld(moments: readonly HeldSlots[]): HeldSlots {
  return {
    all: Math.max(0, ...moments.map(({ all }) => all)),
    byNamespace: mostOf(moments.map(({ byNamespace }) => byNamespace)),
    by: {
      policy: mostOf(moments.map(({ by }) => by.policy)),
      node: mostOf(moments.map(({ by }) => by.node)),
    },
    unready: new Map(moments.flatMap(({ unready }) => [...unready])),
    newestPodMs: Math.max(...moments.map((moment) => moment.newestPodMs)),
  };
}

/** By policy. One that was not ready, and another one that is not by now, may both have none. */
export function unreadySlotsOf({ unready }: HeldSlots): ReadonlyMap<string, number> {
  const slotsOf = new Map<string, number>();
  for (const { policy, slots } of unready.values()) add(slotsOf, policy, slots);
  return slotsOf;
}

function mostOf(moments: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const moment of moments) {
    for (const [name, slots] of moment) most.set(name, Math.max(slots, most.get(name) ?? 0));
  }
  return most;
}
