// Whom this process has served, for the turns of namespaces: whatever has become of the workload.

/** When a namespace was last served on a server, in ms since the epoch. */
export interface ServedFacts {
  readonly rolledAtMs?: number;
  readonly evictedAtMs?: number;
  /** The key of the workload whose pod it was. */
  readonly evictedOf?: string;
}
