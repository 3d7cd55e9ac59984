// What was decided on running and waiting pods of pools on several servers, as one of the servers
// tells it: of its own pools, by their places there. A live pool is on one server, but pods may
// wait behind a gate that their pool had before it was on another one as well. Each of them starts
// once, and is told of once: by the server on which the policy of its pool counts.

import type { PolicyKey } from "../facts/facts.ts";
import type { Position } from "../demand/position.ts";
import type { ResizeDecisions } from "./resizes.ts";

/** By index among all pools that were decided on: the place on the server. */
type Places = ReadonlyMap<number, number>;

export function liveOn(
  { resizes, releases, lackingSlots, excessSlots, areMoreRefused, unfitting }: ResizeDecisions,
  places: Places,
  policies: ReadonlySet<PolicyKey>,
): ResizeDecisions {
  const own = <T extends Act>(acts: readonly T[]): readonly T[] =>
    acts.flatMap((act) => {
      const index = places.get(act.index);
      const isOwn = policies.has(act.position.policy.key);
      return index === undefined || !isOwn ? [] : [{ ...act, index }];
    });
  return {
    ...{ resizes: own(resizes), releases: own(releases), areMoreRefused },
    unfitting: new Set([...unfitting].flatMap((index) => places.get(index) ?? [])),
    lackingSlots: byPlace(lackingSlots, places),
    excessSlots: byPlace(excessSlots, places),
  };
}

interface Act {
  readonly index: number;
  readonly position: Position;
}

function byPlace(slots: ReadonlyMap<number, number>, places: Places): ReadonlyMap<number, number> {
  return new Map(
    [...slots].flatMap(([index, count]) => {
      const place = places.get(index);
      return place === undefined ? [] : [[place, count] as const];
    }),
  );
}
