// Shares by use (demand: Share): what nobody uses goes to those who need it. First everybody's fair
// share is worked out, by weights alone. A pool whose use is known is then held to the size that is
// recommended for it, and what that leaves is shared once more, by the same fairness. Nobody gets
// less than his fair share but for want of use, so the smaller of what a pool needs and its fair
// share is a floor. Budgets and limits are what they were. Where floors do not fit a limit, its
// members stay at what they have without their use.

import { type ShareRequest } from "../demand/share-request.ts";
import { idOf, membersAmong } from "../supply/limit.ts";
import { allocateWithin, type LimitedShares, type LimitTerms } from "./limit-shares.ts";
import type { ShareTerms } from "./shares.ts";

/** By the index of a request: the size that its use asks for; undefined: it is not known. */
export type WantedSizes = readonly (number | undefined)[];

export interface SharesByUse extends LimitedShares {
  /** With the bounds that their use puts on them. */
  readonly requests: readonly ShareRequest[];
}

export interface LimitsOfShares {
  readonly terms: ShareTerms;
  readonly limits: readonly LimitTerms[];
}

export function allocateByUse(
  requests: readonly ShareRequest[],
  wanted: WantedSizes,
  { terms, limits }: LimitsOfShares,
): SharesByUse {
  const fair = allocateWithin(requests, terms, limits);
  if (!isKnown(wanted) || fair.missingSlots > 0) return { ...fair, requests };
  const pinned = membersOfLacking(requests, limits, fair);
  const bounded = requests.map((request, index) => {
    const share = fair.poolSizes[index] ?? request.floor;
    if (pinned.has(index)) return { ...request, floor: share, ceiling: share };
    return boundedByUse(request, share, wanted[index]);
  });
  const shares = allocateWithin(bounded, terms, limits);
  return { ...shares, lacking: fair.lacking, requests: bounded };
}

export function isKnown(wanted: WantedSizes): boolean {
  return wanted.some((size) => size !== undefined);
}

function boundedByUse(
  request: ShareRequest,
  fairShare: number,
  wanted: number | undefined,
): ShareRequest {
  const { floor, ceiling, plannedPods, fixed } = request;
  if (fixed === true || plannedPods === 0) return request;
  if (wanted === undefined) return { ...request, floor: fairShare };
  const most = Math.min(ceiling, Math.max(floor, wanted));
  return { ...request, floor: Math.min(fairShare, most), ceiling: most };
}

function membersOfLacking(
  requests: readonly ShareRequest[],
  limits: readonly LimitTerms[],
  { lacking }: LimitedShares,
): ReadonlySet<number> {
  const membersOf = membersAmong(requests.map(({ key }) => key));
  return new Set(limits.filter((limit) => lacking.has(idOf(limit))).flatMap(membersOf));
}
