// When an address was the fleet's.

import type { AddressSpan } from "../facts/session-facts.ts";

/** Nearly always there is one span. */
export function isWithin(spans: readonly AddressSpan[], atMs: number): boolean {
  for (const { fromMs, untilMs } of spans) if (fromMs <= atMs && atMs <= untilMs) return true;
  return false;
}
