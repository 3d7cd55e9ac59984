// Anybody in the cluster's network may ask for a page, as often as they like, and making one takes
// the only thread. So a page that was made is everybody's for a while, also while it is being made.

import type { Clock } from "../ports.ts";
import type { Page } from "./http-server.ts";

/** The page that `make` makes, at most once in `sharedForMs`. One that failed is made again. */
export function sharedPage(
  make: () => Page | Promise<Page>,
  clock: Pick<Clock, "monotonicMs">,
  sharedForMs: number,
): () => Promise<Page> {
  let last: { readonly page: Promise<Page>; readonly madeAtMs: number } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (last && nowMs - last.madeAtMs < sharedForMs) return last.page;
    const page = (async () => await make())();
    const made = { page, madeAtMs: nowMs };
    last = made;
    page.catch(() => {
      if (last === made) last = undefined;
    });
    return page;
  };
}
