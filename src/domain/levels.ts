// Levels: how much everybody has per weight, in whole numbers. A level is a whole number of
// 1/weightMax units, so that it stays an exact integer: at level L a workload of weight w is
// entitled to L x w / weightMax, in slots of all its pods (basis Workload) or in pool size of each
// pod (basis Pod).

import type { Claim } from "./claim.ts";
import { divideCeil, slotsPerPod } from "./slots.ts";

/** What weights speak of. */
export type Basis = "Workload" | "Pod";

export interface Levels {
  /** At which everybody has the ceiling. */
  readonly highest: number;
  poolSizeAt(claim: Claim, level: number): number;
}

export function levelsOf(claims: readonly Claim[], basis: Basis): Levels {
  const weightMax = claims.reduce((most, { sizing }) => Math.max(most, sizing.weight), 1);
  const highest = claims.reduce(
    (most, claim) => Math.max(most, amountOf(claim, claim.ceiling, basis) * weightMax),
    0,
  );
  const poolSizeAt = (claim: Claim, level: number): number => {
    const entitled = divideCeil(level * claim.sizing.weight, weightMax);
    return clamp(poolSizeFor(claim, entitled, basis), claim.floor, claim.ceiling);
  };
  return { highest, poolSizeAt };
}

/** Orders two claims by what they have per weight. Exact: products, no quotients. */
export function comparePerWeight(
  [left, leftSize]: readonly [Claim, number],
  [right, rightSize]: readonly [Claim, number],
  basis: Basis,
): number {
  return (
    amountOf(left, leftSize, basis) * right.sizing.weight -
    amountOf(right, rightSize, basis) * left.sizing.weight
  );
}

/** What a share amounts to in the unit that weights speak of. */
function amountOf(claim: Claim, poolSize: number, basis: Basis): number {
  if (basis === "Pod") return poolSize;
  return claim.plannedPods * slotsPerPod(claim.sizing, poolSize);
}

/** The smallest pool size that amounts to at least `entitled`. */
function poolSizeFor(claim: Claim, entitled: number, basis: Basis): number {
  if (basis === "Pod") return entitled;
  if (claim.plannedPods === 0) return claim.floor;
  const { extraConnectionsPerPod, processesPerPod } = claim.sizing;
  const perPod = divideCeil(entitled, claim.plannedPods);
  return divideCeil(perPod - extraConnectionsPerPod, processesPerPod);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
