// The budget as a sum that a person can check against the server: it begins with the limit that
// binds, and names each number that is taken from it as the server or the policy names it.

import { type Capacity, foreignWithin } from "../supply/capacity.ts";

/** `max_connections 60 - superuser_reserved_connections 3 - reserve 10 - foreign sessions 1` … */
export function sayBudget(capacity: Capacity, foreignSlots: number, ownSessions: number): string {
  const { slots, reserveSlots } = capacity;
  const within = foreignWithin(capacity, foreignSlots);
  const isShort = slots < reserveSlots + within + ownSessions;
  const own = ownSessions === 0 ? "" : ` - own session ${ownSessions}`;
  const nothing = isShort ? ", which leaves nothing" : "";
  return (
    `${sayLimit(capacity)} - reserve ${reserveSlots} - ` +
    `${sayForeign(capacity, foreignSlots, within)}${own}${nothing}`
  );
}

function sayLimit(capacity: Capacity): string {
  const { maxConnections, undeclaredSlots, withheld, cut, slots, boundBy } = capacity;
  const { connectionsSetting } = capacity.engine;
  if (cut) return `${slots} (${boundBy})`;
  const limit = maxConnections - undeclaredSlots;
  const reserved = withheld.filter((one) => one.slots > 0);
  const isServers = boundBy === connectionsSetting;
  const told = isServers ? `${connectionsSetting} ${limit}` : `${limit} (${boundBy})`;
  return [told, ...reserved.map((one) => `${one.by} ${one.slots}`)].join(" - ");
}

/** Outside of a declared part, or of a role's limit, others take nothing from it. */
function sayForeign({ cut, engine }: Capacity, foreignSlots: number, within: number): string {
  const outside = foreignSlots - within;
  if (outside === 0) return `foreign sessions ${within}`;
  const limit = cut ? (cut.setting ?? engine.loginLimit) : "declared limit";
  return `foreign sessions ${within} (of ${foreignSlots}: ${outside} fit outside the ${limit})`;
}
