// What makes the pools of a limit ask for less: only what works for at least one of them. A lower
// poolSize.min frees nothing of a pool that is only counted, or whose template keeps it up, and a
// lower maxReplicas nothing where no autoscaler is planned by.

import { podsKind } from "../../api/keys.ts";
import { oncePer } from "../once-per.ts";
import type { Position } from "../demand/position.ts";

type Positions = readonly Position[];

/**
 * `a lower poolSize.min, fewer planned pods (replicas), `; empty where nothing does. Once for all
 * policies of a server: each of thousands is told it.
 */
export const waysToAskLess = oncePer((positions: Positions): string => {
  const asking = positions.filter(isAsking);
  const sized = asking.filter(({ managed }) => managed);
  return listed([
    ...(sized.some(mayBeSmaller) ? ["a lower poolSize.min"] : []),
    ...(sized.some(isKeptUp) ? ["a smaller minimum in the template (MinimumInTemplate)"] : []),
    ...(sized.length < asking.length ? ["smaller pools where Poolwarden sets no size"] : []),
    ...fewerPods(asking),
  ]);
});

/** Where not even pools of 1 fit. */
export const waysToPlanLess = oncePer((positions: Positions): string =>
  listed(fewerPods(positions.filter(isAsking))),
);

function listed(ways: readonly string[]): string {
  return ways.map((way) => `${way}, `).join("");
}

function isAsking({ heldOnly, pool, plannedPods }: Position): boolean {
  return !heldOnly && pool.exists && plannedPods > 0;
}

function mayBeSmaller({ sizing: { floor }, pool: { leastPoolSize = 1 } }: Position): boolean {
  return floor > Math.ceil(leastPoolSize);
}

function isKeptUp({ sizing: { floor }, pool: { leastPoolSize = 0 } }: Position): boolean {
  return floor > 1 && floor <= Math.ceil(leastPoolSize);
}

const fieldsOfPods = ["replicas", "maxReplicas", "maxPods"] as const;

function fewerPods(positions: Positions): string[] {
  const said = new Set(positions.map(fieldOfPods));
  const fields = fieldsOfPods.filter((field) => said.has(field));
  return fields.length === 0 ? [] : [`fewer planned pods (${fields.join(", ")})`];
}

/** What says how many are planned for (planned-pods.ts). */
function fieldOfPods({ pool, workload }: Position): (typeof fieldsOfPods)[number] {
  const { autoscalerMaxReplicas: most, plannedPods, maxPods = 0, replicas } = pool;
  if (workload.kind === podsKind) return "maxPods";
  if (most !== undefined && plannedPods !== "Current")
    return most < replicas ? "replicas" : "maxReplicas";
  return maxPods > replicas ? "maxPods" : "replicas";
}
