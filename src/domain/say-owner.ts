// Whose slots they are, for people: own workloads by name, those of other policies by the policy,
// which lists them in its own status.

import { nameFew } from "./fold-findings.ts";
import type { Plan } from "./plan.ts";
import { heldSlots, type Position, slotsAbove } from "./position.ts";

/** `Deployment/web`, or `a workload of policy shop/orders` to anybody but its own policy. */
export function sayOwner({ workload, policy }: Position, reader: string): string {
  if (policy.key === reader) return `${workload.kind}/${workload.name}`;
  return `a workload of policy ${policy.key}`;
}

/** What pods of policies without a place hold: `Deployment/web (120)`; empty if nothing. */
export function sayHeldOnly(positions: readonly Position[], reader: string): string {
  const holders = positions.filter((one) => one.heldOnly && heldSlots(one) > 0);
  const largest = holders.toSorted((a, b) => heldSlots(b) - heldSlots(a));
  return nameFew(largest.map((one) => `${sayOwner(one, reader)} (${heldSlots(one)})`));
}

type Held = Pick<Plan, "positions" | "shares" | "foreign">;

/**
 * Who holds slots that somebody waits for: `: held by Deployment/worker (6 beyond its share)`, the
 * most first; empty where nobody does.
 */
export function sayHolders(
  { positions, shares, foreign }: Held,
  reader: string,
  before = ": ",
): string {
  const holders = positions.flatMap((position, index) => {
    const who = sayOwner(position, reader);
    const beyond = slotsAbove(position, shares.poolSizes[index] ?? 0);
    const staying = position.heldOnly
      ? { slots: heldSlots(position), text: who, note: "" }
      : { slots: beyond, text: who, note: " beyond its share" };
    return [staying, { slots: position.leavingSlots, text: `leaving pods of ${who}`, note: "" }];
  });
  const ghosts = { slots: foreign.ghostSlots, text: "sessions of pods that are gone", note: "" };
  const told = [...holders, ghosts].filter(({ slots }) => slots > 0);
  told.sort((a, b) => b.slots - a.slots);
  const names = nameFew(told.map(({ slots, text, note }) => `${text} (${slots}${note})`));
  return names === "" ? "" : `${before}held by ${names}`;
}
