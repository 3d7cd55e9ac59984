// Anybody in the cluster's network may ask for a page, as often as they like, and making one takes
// the only thread. So a page that was made is everybody's for a while, also while it is being made.

import type { Clock } from "../ports.ts";
import type { Page } from "./http-server.ts";

/** Of the time between two makings at most a twentieth is spent on them. */
const timesItsCost = 20;
/** However long it took: whoever looks at a page at night must not see one of an hour ago. */
const longestSharedMs = 30_000;

interface Made {
  readonly page: Promise<Page>;
  /** By the monotonic clock; infinite while it is being made. */
  sharedUntilMs: number;
}

/**
 * The page that `make` makes. It is shared for `sharedForMs` after it was made, and longer where it
 * took long to make. One that failed is made again.
 */
export function sharedPage(
  make: () => Page | Promise<Page>,
  clock: Pick<Clock, "monotonicMs">,
  sharedForMs: number,
): () => Promise<Page> {
  let last: Made | undefined;
  return () => {
    const beganMs = clock.monotonicMs();
    if (last && beganMs < last.sharedUntilMs) return last.page;
    const made: Made = { page: (async () => await make())(), sharedUntilMs: Infinity };
    last = made;
    made.page.then(
      () => {
        const endedMs = clock.monotonicMs();
        const longerMs = Math.min(timesItsCost * (endedMs - beganMs), longestSharedMs);
        made.sharedUntilMs = endedMs + Math.max(sharedForMs, longerMs);
      },
      () => {
        if (last === made) last = undefined;
      },
    );
    return made.page;
  };
}
