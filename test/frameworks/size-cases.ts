// Where a size may be set, each with what comes of it in a real process. Poolwarden's own variable
// stands first where it is there, as the API server puts it. docs/frameworks says the same.

/** A container as a manifest has it, which both the process and Poolwarden's reader are given. */
export interface Container {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

/** "nothing": it does not start. "no limit": as many as are asked for. */
export type Size = number | "nothing" | "no limit";

export interface SizeCase {
  readonly says: string;
  readonly container: Container;
  /** What the real pool ends up with. */
  readonly opens: Size;
  /** What Poolwarden counts, where that differs: what it cannot see, or counts to be safe. */
  readonly counts?: Size;
  /** The process does not read the variable that Poolwarden writes: `SizeOverridden`. */
  readonly isOverridden?: true;
}

export type Pair = readonly [name: string, value: string];

export function env(...pairs: readonly Pair[]): Container {
  return { env: pairs.map(([name, value]) => ({ name, value })) };
}

/** What Poolwarden has written. */
export const given = 12;
/** What is set elsewhere. */
export const other = 40;
/** What stands in a file or in the code. */
export const unseen = 33;
