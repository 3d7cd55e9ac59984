// Shares: integer weighted max-min fairness with a floor and a ceiling per workload, within several
// limits.
//   maximise the smallest share-per-weight, then the next, subject to
//   in each limit: sum over its members of planned pods x slots of the share
//                  + room for rollouts <= slots of the limit
//   floor <= share <= ceiling
// The room grows with the shares, yet each sum stays monotone: filling.ts counts on it.

import { type ShareRequest, type LimitOfRequests, totalSlots } from "../demand/share-request.ts";
import { fill } from "./filling.ts";
import type { Basis } from "./levels.ts";

/** `budgetSlots` and `rolloutsMax` are the server's. */
export interface ShareTerms {
  readonly budgetSlots: number;
  readonly rolloutsMax: number;
  readonly basis: Basis;
}

export interface Shares {
  /** Pool size for each request, in the order of the requests. */
  readonly poolSizes: readonly number[];
  /** Slots that the floors ask for beyond the budget; 0 when they fit. */
  readonly missingSlots: number;
}

/**
 * Requests must be sorted by key: ties are broken by position. Floors that do not fit the server
 * are an answer; those that do not fit one of `limits` stay as they are.
 */
export function allocate(
  requests: readonly ShareRequest[],
  terms: ShareTerms,
  limits: readonly LimitOfRequests[] = [],
): Shares {
  const floors = requests.map((request) => request.floor);
  const missingSlots = Math.max(0, totalSlots(requests, floors, terms) - terms.budgetSlots);
  if (missingSlots > 0) return { poolSizes: floors, missingSlots };
  const { budgetSlots: slots, rolloutsMax } = terms;
  const server = { slots, rolloutsMax, indexes: [...requests.keys()] };
  return { poolSizes: fill(requests, [server, ...limits], terms.basis), missingSlots: 0 };
}
