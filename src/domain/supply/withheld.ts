// Slots that a server keeps from ordinary logins, each under the name of the setting that does so:
// the budget, the ledger and the limits go by this list and need not know what kind of server it
// is.

import type { Engine } from "../../api/engines.ts";

export interface Withheld {
  /** As the server calls it, such as `superuser_reserved_connections`. */
  readonly by: string;
  readonly slots: number;
}

/** The engine's defaults, for servers that are declared and not read. */
export function usuallyWithheld({ withheld }: Pick<Engine, "withheld">): readonly Withheld[] {
  return withheld.map(({ by, usualSlots }) => ({ by, slots: usualSlots }));
}

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
