// Many things of several owners, in one order: the first of each, then the second of each. However
// many somebody has, between two of another's there is one of his at most.

/**
 * Within an owner in the order given. `waits`: by what owners take turns, the smallest first;
 * without it, in the order given.
 */
export function inTurns<T>(
  items: readonly T[],
  ownerOf: (item: T) => string,
  waits: (item: T) => number = () => 0,
): T[] {
  const before = new Map<string, number>();
  const turns = items.map((item) => {
    const owner = ownerOf(item);
    const turn = before.get(owner) ?? 0;
    before.set(owner, turn + 1);
    return { item, turn, waits: waits(item) };
  });
  return turns.toSorted((a, b) => a.turn - b.turn || a.waits - b.waits).map(({ item }) => item);
}
