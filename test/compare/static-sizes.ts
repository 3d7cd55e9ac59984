// Sizes written into the templates, as a careful platform team would work them out: shared by the
// same fairness and the same weights as Poolwarden's, for every autoscaler's maximum, with room for
// so many rollouts or none. So that the comparison shows what following the fleet is worth, and not
// that somebody can divide better.

import { poolKeyOf } from "../../src/api/keys.ts";
import type { ShareRequest } from "../../src/domain/demand/share-request.ts";
import { allocate } from "../../src/domain/decide/shares.ts";
import { aSizing } from "../support/builders.ts";
import { declaredBudget, type Service } from "./services.ts";

/** Pool size of each service, by name. */
export function staticSizes(
  services: Iterable<Service>,
  rollouts: number,
): ReadonlyMap<string, number> {
  const requests = [...services].map(requestOf).sort((a, b) => (a.key < b.key ? -1 : 1));
  const terms = { budgetSlots: declaredBudget, rolloutsMax: rollouts, basis: "Workload" } as const;
  const { poolSizes, missingSlots } = allocate(requests, terms);
  if (missingSlots > 0) throw new Error(`the floors need ${missingSlots} slots more`);
  return new Map(requests.map(({ key }, index) => [key, poolSizes[index] ?? 0]));
}

function requestOf({ name, max, weight }: Service): ShareRequest {
  const sizing = aSizing({ weight });
  const { floor, ceiling } = sizing;
  return { key: poolKeyOf(name), sizing, plannedPods: max, roomPods: max, floor, ceiling };
}
