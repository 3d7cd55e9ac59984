// What is known of policies that nobody has looked at yet.

/** One that was just made, perhaps anew: its pods may count on the server. */
export interface AwaitedPolicy {
  /** Its key. */
  readonly policy: string;
  /** Growth of everybody waits for it. */
  readonly holdsUpAll: boolean;
  /** The most that the account of its namespace came to lately. */
  readonly lateSlots: number;
  /** Names of the CONNECTION LIMITs in which its namespace counted lately. */
  readonly lateLimits: readonly string[];
}
