// Levels: how much everybody has per weight, in whole numbers. A level is a whole number of
// 1/weightMax units, so that it stays an exact integer: at level L a workload of weight w is
// entitled to L x w / weightMax, in slots of all its pods (basis Workload) or in pool size of each
// pod (basis Pod).

import type { ShareRequest } from "../demand/share-request.ts";
import { divideCeil, slotsPerPod } from "../demand/slots.ts";

/** What weights speak of. */
export type Basis = "Workload" | "Pod";

export interface Levels {
  /** At which everybody has the ceiling. */
  readonly highest: number;
  poolSizeAt(request: ShareRequest, level: number): number;
}

export function levelsOf(requests: readonly ShareRequest[], basis: Basis): Levels {
  const weightMax = requests.reduce((most, { sizing }) => Math.max(most, sizing.weight), 1);
  const highest = requests.reduce(
    (most, request) => Math.max(most, amountOf(request, request.ceiling, basis) * weightMax),
    0,
  );
  const poolSizeAt = (request: ShareRequest, level: number): number => {
    const entitled = divideCeil(level * request.sizing.weight, weightMax);
    return clamp(poolSizeFor(request, entitled, basis), request.floor, request.ceiling);
  };
  return { highest, poolSizeAt };
}

/** Orders two requests by what they have per weight. Exact: products, no quotients. */
export function comparePerWeight(
  [left, leftSize]: readonly [ShareRequest, number],
  [right, rightSize]: readonly [ShareRequest, number],
  basis: Basis,
): number {
  return (
    amountOf(left, leftSize, basis) * right.sizing.weight -
    amountOf(right, rightSize, basis) * left.sizing.weight
  );
}

/** What a share amounts to in the unit that weights speak of. */
function amountOf(request: ShareRequest, poolSize: number, basis: Basis): number {
  if (basis === "Pod") return poolSize;
  return request.plannedPods * slotsPerPod(request.sizing, poolSize);
}

/** The smallest pool size that amounts to at least `entitled`. */
function poolSizeFor(request: ShareRequest, entitled: number, basis: Basis): number {
  if (basis === "Pod") return entitled;
  if (request.plannedPods === 0) return request.floor;
  const { extraConnectionsPerPod, processesPerPod } = request.sizing;
  const perPod = divideCeil(entitled, request.plannedPods);
  return divideCeil(perPod - extraConnectionsPerPod, processesPerPod);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
