// Sessions whose origin our login may not see. Those of a role that a policy names may be the
// fleet's: as many as its pods could hold, and of each role as many as pods of the namespaces could
// hold whose policies name it. What is beyond that is foreign. Where an answer was longer than what
// is read, nothing is known of some but their number: they may be those of any pod.

import type { PolicyFacts, SessionGroup, SessionSample } from "../facts/facts.ts";

/**
 * By role: the namespaces whose policies name it, those with the fewest other roles first. A
 * bounded namespace has to log in with the role.
 */
export type RoleOwners = ReadonlyMap<string, readonly string[]>;

export function roleOwners(policies: readonly PolicyFacts[]): RoleOwners {
  const rolesOf = new Map<string, Set<string>>();
  for (const { namespace, role } of policies) {
    if (role === undefined) continue;
    rolesOf.set(namespace, (rolesOf.get(namespace) ?? new Set<string>()).add(role));
  }
  const owners = new Map<string, string[]>();
  for (const [namespace, roles] of [...rolesOf].sort(([, a], [, b]) => a.size - b.size)) {
    for (const role of roles) owners.set(role, [...(owners.get(role) ?? []), namespace]);
  }
  return owners;
}

/** What pods could hold of one sample, less what was taken. */
export class Holdable {
  readonly #owners: RoleOwners;
  readonly #leftOf: Map<string, number> | undefined;
  #left: number;

  /** `seenSlots`: sessions at addresses of the fleet. */
  constructor(owners: RoleOwners, sample: SessionSample, seenSlots: number) {
    const { fleetSlots = Infinity, fleetSlotsOf } = sample;
    this.#owners = owners;
    this.#leftOf = fleetSlotsOf && new Map(fleetSlotsOf);
    this.#left = Math.max(0, fleetSlots - seenSlots);
  }

  /** The same of sessions of which nobody knows whose they are. */
  takeAnybodys({ count }: Pick<SessionGroup, "count">): number {
    const taken = this.#left === Infinity ? 0 : Math.min(count, this.#left);
    this.#left -= taken;
    return taken;
  }

  /** How many of these sessions are the fleet's; they are not there for others any more. */
  take({ user, count }: SessionGroup): number {
    let taken = 0;
    const most = Math.min(count, this.#left);
    for (const namespace of this.#owners.get(user) ?? []) {
      const left = this.#leftOf ? (this.#leftOf.get(namespace) ?? 0) : Infinity;
      const more = Math.min(left, most - taken);
      this.#leftOf?.set(namespace, left - more);
      taken += more;
    }
    this.#left -= taken;
    return taken;
  }
}
