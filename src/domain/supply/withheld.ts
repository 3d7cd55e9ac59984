// Slots that a server keeps from ordinary logins, each under the name of the setting that does so:
// the budget, the ledger and the limits go by this list and need not know what kind of server it
// is.

import type { ServerWord } from "../facts/facts.ts";

export interface Withheld {
  /** As the server calls it, such as `superuser_reserved_connections`. */
  readonly by: string;
  readonly slots: number;
}

type Reserved = Pick<ServerWord, "superuserReservedConnections" | "reservedConnections">;

/** Of PostgreSQL; `reserved_connections` are there from version 16 on. */
export function withheldBy(reserved: Reserved): readonly Withheld[] {
  return [
    { by: "superuser_reserved_connections", slots: reserved.superuserReservedConnections },
    { by: "reserved_connections", slots: reserved.reservedConnections },
  ];
}

/** PostgreSQL's defaults, for servers that are declared and not read. */
export const usuallyWithheld = withheldBy({
  superuserReservedConnections: 3,
  reservedConnections: 0,
});

interface OfServer {
  readonly maxConnections: number;
  readonly withheld: readonly Withheld[];
}

/** What the server has for applications, whatever policies and roles make of it. */
export function ordinarySlots({ maxConnections, withheld }: OfServer): number {
  return Math.max(
    0,
    withheld.reduce((left, { slots }) => left - slots, maxConnections),
  );
}
