// The last roll of a workload, by what stands in the cluster and by what this process remembers.

import { foundPoolSizeAnnotation, revertsAnnotation, rolledAtAnnotation } from "../../api/group.ts";
import type { WorkloadRow } from "../../api/poolpolicy.ts";
import { poolSizeIn } from "../sizes/said-size.ts";
import type { PoolFacts } from "../../domain/facts/facts.ts";
import { timeMs } from "../../domain/words/iso-time.ts";
import type { PickedWorkload } from "../../observed.ts";
import type { PastRoll } from "../memory/past-rolls.ts";

interface RollSources {
  readonly workload: Pick<PickedWorkload, "annotations" | "templateAnnotations" | "ownedByUs">;
  /** A write of ours to it is not in the caches yet. */
  readonly isPending: boolean;
  readonly lastRoll: PastRoll | undefined;
  /** The workload's row in the last status of its policy. */
  readonly row: WorkloadRow | undefined;
}

type LastRollFacts = Pick<
  PoolFacts,
  "reverts" | "undone" | "rolledAtMs" | "isRollUndone" | "ownRollAtMs" | "rolledPoolSize"
>;

/** The template has the time of a roll in whole seconds. */
const secondMs = 1_000;

const neverRolled: PastRoll = { atMs: 0, poolSize: undefined, reverts: 0, undone: 0 };

export function lastRollFacts(sources: RollSources): LastRollFacts {
  const { workload, lastRoll, isPending } = sources;
  const { annotations, templateAnnotations } = workload;
  const newest = newestRoll(sources);
  const { atMs, poolSize, reverts, undone } = newest ?? neverRolled;
  const annotatedMs = timeMs(templateAnnotations[rolledAtAnnotation]) ?? 0;
  const rolledAtMs = Math.max(annotatedMs, atMs);
  return {
    reverts:
      (isCountAnnotated(newest, workload) ? annotatedReverts(annotations) : undefined) ?? reverts,
    undone,
    rolledAtMs: rolledAtMs === 0 ? undefined : rolledAtMs,
    ...(!isPending && rolledAtMs - annotatedMs >= secondMs && { isRollUndone: true as const }),
    ...(lastRoll && { ownRollAtMs: lastRoll.atMs }),
    ...(poolSize === undefined ? {} : { rolledPoolSize: poolSize }),
  };
}

/** How often entries of ours had been put back, as its annotation says. */
export function annotatedReverts(annotations: PickedWorkload["annotations"]): number | undefined {
  return poolSizeIn(annotations[revertsAnnotation] ?? "");
}

/** The size that the main pool's template had before ours, as an annotation says. */
export function annotatedFoundSize(annotations: PickedWorkload["annotations"]): number | undefined {
  return poolSizeIn(annotations[foundPoolSizeAnnotation] ?? "");
}

/**
 * Only rolls that write a size count there. What they wrote stays when the delivery changes or the
 * workload is released, and is not about later rolls. Where no roll is known, it counts while it is
 * ours.
 */
function isCountAnnotated(
  newest: PastRoll | undefined,
  { ownedByUs }: RollSources["workload"],
): boolean {
  return newest ? newest.poolSize !== undefined : ownedByUs === true;
}

/**
 * Of the status and of our own memory: an owner that replaces the whole object takes the time of
 * the roll away, and that may be before the status has it.
 */
function newestRoll({
  row,
  lastRoll,
}: Pick<RollSources, "row" | "lastRoll">): PastRoll | undefined {
  const toldAtMs = timeMs(row?.rolledAt);
  if (toldAtMs === undefined || (lastRoll && lastRoll.atMs >= toldAtMs)) return lastRoll;
  const { rolledPoolSize: poolSize, reverts = 0, undone = 0 } = row ?? {};
  return { atMs: toldAtMs, poolSize, reverts, undone };
}
