// The sessions that a server shows, and what has to be known beside them to say whose they are, and
// who may be told.

/** Sessions that look alike: one row of the grouped pg_stat_activity. */
export interface SessionGroup {
  readonly user: string;
  readonly database: string;
  readonly applicationName: string;
  /**
   * Client address without a port; empty for a unix socket; undefined where our role may not see
   * it.
   */
  readonly address: string | undefined;
  readonly count: number;
}

/** Sessions of the operator that log in alike. */
export type OwnSessions = Pick<SessionGroup, "user" | "database" | "count">;

/** A time within which an address was the fleet's, both ends included; open while it still is. */
export interface AddressSpan {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What pods could hold. */
export interface HeldBy {
  readonly policy: ReadonlyMap<string, number>;
  /** By the address of the node that they run on. */
  readonly node: ReadonlyMap<string, number>;
}

/** A login that worked when it was tried last: what its namespace may be told of the sessions. */
export interface Sight {
  readonly namespace: string;
  /** The name under which its URI knows the server: who lies under another name sees only that. */
  readonly name?: string;
  readonly role: string;
  /** False: of sessions of other roles it is not shown where they come from. */
  readonly seesAllSessions: boolean;
}

/** Sessions of one login at one address, and how many of them were at work at that moment. */
export interface ClientsAtWork {
  readonly user: string;
  readonly address: string;
  readonly sessions: number;
  /** By the engine's own word; see `atWork` in engines.ts. */
  readonly atWork: number;
}

/** What a look at a server brings. */
export interface WorkSeen {
  /** Undefined where the engine does not show it, or where it could not be asked. */
  readonly clients: readonly ClientsAtWork[] | undefined;
  /** For how long it kept the only thread, in milliseconds. */
  readonly busyMs: number;
}
