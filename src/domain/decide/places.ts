// Where each of many stands in several lists of them: a workload is a member of several limits, and
// each limit knows its members by their place in its own list.

export interface Place<List> {
  readonly list: List;
  /** In `list.indexes`. */
  readonly place: number;
}

/** By index, the places in those lists that have it, in the order of the lists. */
export function placesOf<List extends { readonly indexes: readonly number[] }>(
  lists: readonly List[],
): ReadonlyMap<number, readonly Place<List>[]> {
  const places = new Map<number, Place<List>[]>();
  for (const list of lists) {
    list.indexes.forEach((index, place) => {
      const known = places.get(index) ?? [];
      known.push({ list, place });
      places.set(index, known);
    });
  }
  return places;
}
