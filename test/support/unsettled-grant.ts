// A grant beside what the memory of grants adds to it.

import type { GrantFacts } from "../../src/domain/facts/facts.ts";

/** What is remembered of the grant that stood there before. */
export function unsettledOf(grant: GrantFacts | undefined): Partial<GrantFacts> {
  if (grant?.unsettledUntilMs === undefined) return {};
  const { unsettledUntilMs, settlingPoolSize, unsettledPoolSize = settlingPoolSize } = grant;
  return { unsettledUntilMs, unsettledPoolSize };
}
