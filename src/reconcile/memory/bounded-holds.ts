// For how long namespaces on a server wait for another one: 30 s at most in any 10 min, whatever
// tenants do. After that only that namespace itself waits. A tenant may have many namespaces, so
// those without a quota share the time of the server. One with a quota delays nobody beside it,
// and has a time of its own for what is its own.

import type { ServerKey } from "../../domain/facts/facts.ts";
import { isBounded, type QuotaSetting } from "../../domain/supply/quota-settings.ts";

const holdMs = 30_000;
const holdAgainMs = 10 * 60_000;

/** Where, and when. */
export interface HoldScene {
  readonly server: ServerKey;
  readonly namespaceQuotas: readonly QuotaSetting[];
  readonly monotonicMs: number;
}

export class BoundedHolds {
  readonly #heldSince = new Map<string, number>();

  /** Whether others wait for the namespace now; the first time that it is asked begins the hold. */
  isHold(namespace: string, { server, namespaceQuotas, monotonicMs }: HoldScene): boolean {
    this.#forget(monotonicMs);
    const whose = isBounded(namespace, namespaceQuotas) ? `${server} ${namespace}` : server;
    const heldSinceMs = this.#heldSince.get(whose) ?? monotonicMs;
    this.#heldSince.set(whose, heldSinceMs);
    return monotonicMs - heldSinceMs < holdMs;
  }

  #forget(monotonicMs: number): void {
    for (const [whose, sinceMs] of this.#heldSince) {
      if (monotonicMs - sinceMs >= holdAgainMs) this.#heldSince.delete(whose);
    }
  }
}
