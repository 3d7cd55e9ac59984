// What a person should know of how much pools are used: those that are far too large for what they
// do, those that are always full, and a server that has more at work than its cores can do. Each
// with the number to write. They speak of what is said in the rows, which seldom moves.

import { poolNameIn } from "../../api/keys.ts";
import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { Plan } from "../decide/plan.ts";
import { ownPools } from "../decide/pool-plan.ts";
import type { Position } from "../demand/position.ts";
import { isFarTooLarge, recommendedSize } from "../demand/recommended-size.ts";
import type { Finding, PolicyFacts, Snapshot } from "../facts/facts.ts";
import type { SaidUse } from "../facts/use-facts.ts";
import { oncePer } from "../once-per.ts";
import type { WorkloadFinding } from "../words/fold-findings.ts";
import { sayCount } from "../words/say-count.ts";
import { sizeOfRunning } from "./rows.ts";
import { usedBy } from "../supply/told-use.ts";

export function useFindings(plan: Plan, policy: PolicyFacts): WorkloadFinding[] {
  return ownPools(plan.pools, policy.key).flatMap((pool) => {
    const { position } = pool;
    const use = usedBy(plan.snapshot, position);
    if (use === undefined || typeof use === "string" || !position.workload.exists) return [];
    const size = sizeOfRunning(plan, pool);
    const finding = tooLarge(use, position, size) ?? alwaysFull(use, position, size);
    return finding ? [{ workload: poolNameIn(position.pool.poolKey), finding }] : [];
  });
}

/** What was seen for less than a day is no reason to make a pool smaller. */
function tooLarge(use: SaidUse, position: Position, size: number): Finding | undefined {
  const { poolSize, words } = recommendedSize(use, position.sizing);
  if (use.isFull || use.confidence === "Low" || !isFarTooLarge(size, poolSize)) return undefined;
  const message =
    `its pool size is ${size}, and a pod has ${sayCount(use.peak, "connection")} at work at most: ` +
    `${sizeField(position)} ${poolSize} is enough (${words})`;
  return { reason: "PoolTooLarge", severity: "info", message };
}

function alwaysFull(use: SaidUse, position: Position, size: number): Finding | undefined {
  if (!use.isFull) return undefined;
  const { poolSize, words } = recommendedSize(use, position.sizing);
  const wanted = Math.max(poolSize, size + 1);
  const wayOut =
    position.managed && size < position.sizing.ceiling
      ? `the server has no more for it at its weight: raise spec.workloads[${position.pool.entry}].weight, ` +
        `or lower pools that are too large, until it gets ${wanted}`
      : `set ${sizeField(position)} to ${wanted} or more`;
  const message =
    `in a tenth of the samples or more a pod has all connections of its pool of ${size} at work, so ` +
    `requests wait: ${wayOut} (${words})`;
  return { reason: "PoolAlwaysFull", severity: "info", message };
}

function sizeField({ managed, pool, sizing }: Position): string {
  return managed ? `spec.workloads[${pool.entry}].poolSize.max` : `its ${sizing.maxSizeName}`;
}

/** What suits the server, where its cores are said; undefined where nothing was seen. */
export function atWorkOn(
  { positions, snapshot }: Pick<Plan, "positions" | "snapshot">,
  { spec }: PolicyFacts,
): PoolPolicyStatus["atWork"] {
  const { cores, disks = 1 } = spec.database;
  if (cores === undefined) return undefined;
  const peaks = sumOfPeaks(snapshot)(positions);
  return peaks === undefined ? undefined : { peaks, suited: cores * 2 + disks };
}

/**
 * Pods times the peak of one, by the pods that were seen when it was said: an autoscaler that goes
 * up and down writes nobody's status.
 */
const sumOfPeaks = oncePer((snapshot: Snapshot) =>
  oncePer((positions: readonly Position[]): number | undefined => {
    const peaks = positions.flatMap((position) => {
      const use = usedBy(snapshot, position);
      return typeof use === "object" ? [use.peak * Math.min(use.pods, position.plannedPods)] : [];
    });
    return peaks.length === 0 ? undefined : peaks.reduce((sum, peak) => sum + peak, 0);
  }),
);

export function moreThanSuits(plan: Plan, policy: PolicyFacts): Finding[] {
  const atWork = atWorkOn(plan, policy);
  if (!atWork || atWork.peaks <= atWork.suited) return [];
  const { cores = 0, disks = 1 } = policy.spec.database;
  const message =
    `the pods of the server have up to ${atWork.peaks} connections at work, and ${cores} cores x 2 + ` +
    `${sayCount(disks, "disk")} suit ${atWork.suited}: more at once make each query slower. Lower ` +
    "poolSize.max, or give the server more cores";
  return [{ reason: "BusierThanCores", severity: "info", message }];
}
