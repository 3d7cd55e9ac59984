// How long a grant that shrank may be handed out as it was before: by the grant's own word, and
// by what this process has seen (src/reconcile/memory/grant-settlement.ts).

import type { GrantFacts } from "../facts/grant-facts.ts";

/** A larger size than `inForce` that a next pod may still be given somewhere. */
export function unsettledPart(
  grant: GrantFacts | undefined,
  inForce: number,
  nowMs: number,
): { readonly unsettledSize?: number } {
  const { settlingPoolSize = 0, unsettledUntilMs = 0 } = grant ?? {};
  const unsettledSize = grant?.unsettledPoolSize ?? settlingPoolSize;
  return nowMs < unsettledUntilMs && unsettledSize > inForce ? { unsettledSize } : {};
}

/** From when on surely no larger size than the grant is handed out, in ms since the epoch. */
export function settledAtMsOf({ settledAtMs, unsettledUntilMs = 0 }: GrantFacts): number {
  return Math.max(settledAtMs, unsettledUntilMs);
}
