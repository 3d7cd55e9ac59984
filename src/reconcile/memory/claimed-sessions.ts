// Sessions that were known as the fleet's by their login, by the latest reading of each name of a
// server. The server may keep those of a lost node for hours, long after the window in which their
// pods count: while it shows as many at the same address without a break, they are no strangers'.
// As foreign ones they would cut the budget by what the room for rollouts covers already. Of former
// readings only the sums are kept: a server may show thousands of addresses.

import type { ServerKey, SessionGroup, SessionSample } from "../../domain/facts/facts.ts";
import { add } from "../../domain/supply/held-by.ts";
import type { Claimed, Unheld } from "../../domain/supply/matched-sessions.ts";
import { keepOnly } from "./asking-order.ts";

export class ClaimedSessions {
  readonly #latest = new Map<ServerKey, ReadonlyMap<string, number>>();
  readonly #unheld = new Map<ServerKey, Unheld>();

  /** How many of them a new reading shows still, by login. */
  among(name: ServerKey, sessions: readonly SessionGroup[]): ReadonlyMap<string, number> {
    const left = new Map(this.#latest.get(name));
    const found = new Map<string, number>();
    for (const group of left.size === 0 ? [] : sessions) {
      const slots = Math.min(group.count, left.get(keyOf(group)) ?? 0);
      if (slots === 0) continue;
      add(left, keyOf(group), -slots);
      add(found, group.user, slots);
    }
    return found;
  }

  /** The sums of what a reading shows, by login. */
  note(name: ServerKey, claimed: readonly Claimed[], unheld: Unheld): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    const latest = new Map<string, number>();
    for (const { group, slots } of claimed) {
      if (slots === 0) continue;
      add(latest, keyOf(group), slots);
      add(sums, group.user, slots);
    }
    this.#latest.set(name, latest);
    this.#unheld.set(name, unheld);
    return sums;
  }

  /** How many of the latest reading no pod held when it was sorted, by login. */
  unheldOf(name: ServerKey): Pick<SessionSample, "unheldBefore" | "mostUnheldBefore"> {
    const { known, most } = this.#unheld.get(name) ?? {};
    return { ...(known && { unheldBefore: known }), ...(most && { mostUnheldBefore: most }) };
  }

  keepNames(names: ReadonlySet<ServerKey>): void {
    keepOnly(this.#latest, names);
    keepOnly(this.#unheld, names);
  }
}

/** A name on a server has no zero byte. */
function keyOf({ user, address = "" }: SessionGroup): string {
  return [user, address].join("\0");
}
