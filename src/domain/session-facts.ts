// What has to be known beside the sessions themselves to say whose they are, and who may be told.

/** A time within which an address was the fleet's, both ends included; open while it still is. */
export interface AddressSpan {
  readonly fromMs: number;
  readonly untilMs: number;
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
