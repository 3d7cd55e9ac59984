// What a template says by itself is the same for each decision and for each of its pods: it is
// worked out once. What it refers to, a key of a ConfigMap for example, each may have read anew.

import type { Reference, Resolve } from "./variable-values.ts";

/** The same, worked out now where nothing has to be looked up for it, and else at each call. */
export function onceAlone<T>(workOut: (resolve: Resolve) => T): (resolve: Resolve) => T {
  const { refers, found } = saidAlone(workOut);
  return refers ? workOut : () => found;
}

/** What comes out while nothing is known of what is referred to, if anything is. */
export function saidAlone<T>(workOut: (resolve: Resolve) => T): {
  readonly refers: boolean;
  readonly found: T;
} {
  const referred: Reference[] = [];
  const found = workOut((reference) => {
    referred.push(reference);
    return undefined;
  });
  return { refers: referred.length > 0, found };
}
