// What the fleet's pods can hold, and whose they are. Where a login may not see the origin of
// sessions, those of an application's role are taken for the fleet's as far as pods could hold
// them: pods of the namespaces whose policies name that role. Else a policy could claim the
// sessions of others by naming their role.

import type { PoolFacts } from "../../domain/facts/facts.ts";
import { slotsPerPod } from "../../domain/demand/slots.ts";

export interface HeldSlots {
  readonly all: number;
  readonly byNamespace: ReadonlyMap<string, number>;
}

/** And by whom. */
export interface Holding extends HeldSlots {
  readonly workloads?: readonly PoolFacts[];
}

export const nothingHeld: HeldSlots = { all: 0, byNamespace: new Map() };

/** What its pods hold by their own sizes, leaving ones included. */
export function heldSlotsOf(workloads: readonly PoolFacts[]): Holding {
  let all = 0;
  const byNamespace = new Map<string, number>();
  for (const { namespace, sizing, pods } of workloads) {
    const slots = pods.reduce((sum, { own }) => sum + slotsPerPod(sizing, own.poolSize), 0);
    all += slots;
    byNamespace.set(namespace, (byNamespace.get(namespace) ?? 0) + slots);
  }
  return { all, byNamespace, workloads };
}

/** The most of several moments, each namespace by itself. */
export function mostHeld(moments: readonly HeldSlots[]): HeldSlots {
  const byNamespace = new Map<string, number>();
  for (const [namespace, slots] of moments.flatMap((moment) => [...moment.byNamespace])) {
    byNamespace.set(namespace, Math.max(slots, byNamespace.get(namespace) ?? 0));
  }
  return { all: Math.max(0, ...moments.map(({ all }) => all)), byNamespace };
}
