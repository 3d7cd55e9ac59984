// A workload is replaced with all of its pools: a roll or an eviction that one of them asks for
// brings the others along. What it adds, and whether it may be, is asked of all of them together.

import type { Position } from "../demand/position.ts";

/** One pool of the pods that are replaced, and the size that its next pods get. */
export interface PoolPart {
  /** Among all of the server. */
  readonly index: number;
  readonly position: Position;
  readonly poolSize: number;
  /** It asked for the act itself. */
  readonly isAsking?: true;
}

/** An act on a workload, named by the pool that asks for it most. */
export interface WholeAct extends PoolPart {
  /** The other pools of its pods on the server; absent where there are none. */
  readonly beside?: readonly PoolPart[];
}

/** The pool that asks, and those beside it. */
export function partsOf(act: WholeAct): readonly PoolPart[] {
  return act.beside === undefined ? [act] : [act, ...act.beside];
}

/** The part of the pool at `index`, if the act is of its workload. */
export function partAt(act: WholeAct | undefined, index: number): PoolPart | undefined {
  return act && partsOf(act).find((part) => part.index === index);
}

/** The sum over all pools of the pods. */
export function sumOfParts(act: WholeAct, slotsOf: (part: PoolPart) => number): number {
  return partsOf(act).reduce((sum, part) => sum + slotsOf(part), 0);
}
