// What the fleet could hold is kept with each reading, by namespace, policy and node: hundreds of
// maps for each server. Mostly they say what those of a reading before say, so equal ones are one.

import type { HeldBy } from "../../domain/facts/session-facts.ts";
import type { ByAddress } from "../../domain/supply/sessions-beyond.ts";
import type { HeldSlots } from "./held-slots.ts";

type Counts = ReadonlyMap<string, number>;

/** What is kept with one reading. */
export interface FleetOfSample {
  readonly beyond?: ByAddress;
  readonly held?: HeldSlots;
  readonly fleetSlotsOf?: Counts;
  readonly fleetSlotsBy?: HeldBy;
  readonly claimed?: Counts;
  readonly unheldBefore?: Counts;
  readonly mostUnheldBefore?: Counts;
  readonly unreadySlotsOf?: Counts;
}

export function mapsOf(sample: FleetOfSample): Counts[] {
  const { beyond, claimed, unheldBefore, mostUnheldBefore, unreadySlotsOf } = sample;
  const { held, fleetSlotsOf, fleetSlotsBy } = sample;
  const all = [beyond, claimed, unheldBefore, mostUnheldBefore, unreadySlotsOf, held?.byNamespace];
  return [
    ...all,
    held?.by.policy,
    held?.by.node,
    fleetSlotsOf,
    fleetSlotsBy?.policy,
    fleetSlotsBy?.node,
  ].filter((map) => map !== undefined);
}

/** Each map is compared with those of so many readings: whoever changes all the time is charged. */
const readingsCompared = 20;

/** Equal maps of `samples`, and those that are added, as one. */
export class SharedMaps {
  readonly #known: Set<Counts>;

  constructor(samples: readonly FleetOfSample[]) {
    this.#known = new Set(samples.slice(-readingsCompared).flatMap(mapsOf));
  }

  /** The one that is known already, where there is one. */
  of(map: Counts): Counts {
    for (const one of this.#known) if (isSame(one, map)) return one;
    this.#known.add(map);
    return map;
  }

  by({ policy, node }: HeldBy): HeldBy {
    return { policy: this.of(policy), node: this.of(node) };
  }
}

function isSame(one: Counts, other: Counts): boolean {
  return one.size === other.size && [...one].every(([name, count]) => other.get(name) === count);
}
