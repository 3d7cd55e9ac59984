// What was decided on rolls of pools on several servers, as one of the servers tells it: of its own
// pools, by their places there. A roll is started, and a pod evicted, once: by the server on which
// the policy of the pool counts that asks for it.

import type { PolicyKey } from "../facts/facts.ts";
import type { RollDecisions, WaitingRoll } from "./rolls.ts";
import type { Wish } from "./wishes.ts";

/** By index among all pools that were decided on: the place on the server. */
type Places = ReadonlyMap<number, number>;

export function rollsOn(
  { roll, eviction, waiting, obstacles }: RollDecisions,
  places: Places,
  policies: ReadonlySet<PolicyKey>,
): RollDecisions {
  const own = (wish: Wish | undefined): Wish | undefined =>
    wish && policies.has(wish.position.policy.key) ? placed(wish, places) : undefined;
  const evicted = own(eviction?.wish);
  return {
    roll: own(roll),
    eviction: eviction && evicted && { ...eviction, wish: evicted },
    waiting: waiting.flatMap((one): WaitingRoll[] => {
      const wish = placed(one.wish, places);
      return wish ? [{ ...one, wish }] : [];
    }),
    obstacles: new Map(
      [...obstacles].flatMap(([index, obstacle]) => {
        const place = places.get(index);
        return place === undefined ? [] : [[place, obstacle] as const];
      }),
    ),
  };
}

function placed(wish: Wish, places: Places): Wish | undefined {
  const index = places.get(wish.index);
  if (index === undefined) return undefined;
  const { beside, ...asking } = wish;
  if (!beside) return { ...asking, index };
  const others = beside.map((part) => ({ ...part, index: places.get(part.index) ?? elsewhere }));
  return { ...asking, index, beside: others };
}

/** No place: these pools are on another server, and come along because their pods do. */
const elsewhere = -1;
