// Whose slots they are, for people: own workloads by name, those of other policies by the policy,
// which lists them in its own status.

import { poolNameIn } from "../../api/keys.ts";
import { nameFew } from "./fold-findings.ts";
import type { Holder } from "../decide/holders.ts";
import { oncePer } from "../once-per.ts";
import { heldSlots, type Position } from "../demand/position.ts";

/**
 * `Deployment/web`, `Deployment/web/replica` of a further pool, or `a workload of policy
 * shop/orders` to anybody but its own policy.
 */
export function sayOwner({ pool, policy }: Position, reader: string): string {
  if (policy.key === reader) return poolNameIn(pool.poolKey);
  return `a workload of policy ${policy.key}`;
}

/** Its bare name for its own policy's readers. */
export function sayName(position: Position, reader: string): string {
  const { workload, policy } = position;
  return policy.key === reader ? workload.name : sayOwner(position, reader);
}

/** What is stuck names pods: it is for those who may see them. */
export function sayRolling(position: Position, reader: string): string {
  const name = sayName(position, reader);
  const { stuck, paused } = position.workload;
  if (position.policy.key !== reader || (stuck === undefined && !paused)) return name;
  return `${name}, which ${stuck === undefined ? "is paused" : `is blocked: ${stuck}`}`;
}

/** What pods of policies without a place hold: `Deployment/web (120)`; empty if nothing. */
export function sayHeldOnly(positions: readonly Position[], reader: string): string {
  return nameFew(
    largestHeldOnly(positions),
    (one) => `${sayOwner(one, reader)} (${heldSlots(one)})`,
  );
}

/** The same for all readers. */
const largestHeldOnly = oncePer((positions: readonly Position[]): readonly Position[] => {
  const holders = positions.filter((one) => one.heldOnly && heldSlots(one) > 0);
  return holders.sort((a, b) => heldSlots(b) - heldSlots(a));
});

/**
 * Who holds slots that somebody waits for: `: held by Deployment/worker (6 beyond its share)`, the
 * most first; empty where nobody does.
 */
export function sayHolders(holders: readonly Holder[], reader: string, before = ": "): string {
  const names = nameFew(holders, (holder) => sayHolder(holder, reader));
  return names === "" ? "" : `${before}held by ${names}`;
}

function sayHolder({ slots, position, why }: Holder, reader: string): string {
  if (why === "nameless")
    return `sessions of which the server does not say whose they are (${slots})`;
  if (why === "unclear")
    return `sessions that may be of pods that are gone, until all pods are ready (${slots})`;
  if (!position) return `sessions of pods that are gone (${slots})`;
  const owner = sayOwner(position, reader);
  if (why === "leaving") return `old and terminating pods of ${owner} (${slots})`;
  return `${owner} (${slots}${why === "above its share" ? " beyond its share" : ""})`;
}
