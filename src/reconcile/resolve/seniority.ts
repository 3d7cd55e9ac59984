// Whose login is believed first where one name leads each login to a server of its own, as a router
// does: after a start of the operator nobody remembers which server was found there first. Names of
// policies are their tenants' choice. What their statuses say of a reading, and when they were
// made, is not: so a login that had read the server before the start comes first, and then the
// login of the oldest policy.

import type { ServerKey } from "../../domain/facts/facts.ts";
import type { ObservedPolicy } from "../../observed.ts";

/** What the policy was when this process looked at it first. */
export interface Seniority {
  readonly createdAtMs: number;
  /** The server that its own login had read. */
  readonly hadRead: ServerKey | undefined;
}

type Ranked = { readonly server: ServerKey | undefined; readonly seniority?: Seniority };

export function seniorityOf({ createdAtMs, status }: ObservedPolicy): Seniority {
  const { server, loginWorked } = (status ?? {}) as Record<string, unknown>;
  const hadRead = loginWorked === true && typeof server === "string" ? server : undefined;
  return { createdAtMs: createdAtMs ?? Infinity, hadRead };
}

/** Those of equal rank in the order given. */
export function seniorFirst<T extends Ranked>(policies: readonly T[]): readonly T[] {
  const hadRead = ({ server, seniority }: T): boolean =>
    server !== undefined && seniority?.hadRead === server;
  const createdAtMs = ({ seniority }: T): number => seniority?.createdAtMs ?? Infinity;
  return policies.toSorted((a, b) => {
    if (hadRead(a) !== hadRead(b)) return hadRead(a) ? -1 : 1;
    const [one, other] = [createdAtMs(a), createdAtMs(b)];
    return one === other ? 0 : one - other;
  });
}
