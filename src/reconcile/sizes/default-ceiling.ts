// Taking over a workload must not cut it while slots are free: where the policy gives no
// poolSize.max, what stands in the template is a ceiling as good as the profile's. A count of
// workers or threads has no other ceiling: more of them may need more memory than the pod has.
// Template delivery writes its own sizes there; what stood there before is carried on by the row of
// the last status, and by an annotation of the workload where the policy was deleted and made anew.

import type { WorkloadEntry, WorkloadRow } from "../../api/poolpolicy.ts";
import { foundPoolSizeAnnotation, poolSizeAnnotationOf } from "../../api/group.ts";
import { usualWorkerCount } from "../../api/environment.ts";
import { furtherPool } from "../../api/keys.ts";
import { poolSizeLimit } from "../../api/workload-entry.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { OwnSize, PoolFacts } from "../../domain/facts/facts.ts";
import type { PickedWorkload } from "../../observed.ts";
import { poolSizeIn } from "./said-size.ts";

export interface FoundSize {
  readonly pool?: string | undefined;
  readonly template: OwnSize;
  readonly workload: Pick<PickedWorkload, "annotations" | "templateAnnotations">;
  /** What we wrote into the template is not in the caches yet. */
  readonly isPending: boolean;
  readonly row: Pick<WorkloadRow, "foundPoolSize"> | undefined;
}

type Bounds = Pick<Sizing, "ceiling" | "isWorkerCount">;

/** The size that somebody else has given the workload, where it sets the ceiling. */
export function foundPoolSize(
  { pool, template, workload, isPending, row }: FoundSize,
  sizing: Bounds,
): Pick<PoolFacts, "foundPoolSize"> {
  const further = furtherPool(pool);
  const before = row?.foundPoolSize ?? annotatedIn(workload, further) ?? 0;
  // Also of a workload that was released: the template says the size that we left there.
  const written = sizeIn(workload.templateAnnotations[poolSizeAnnotationOf(further)]);
  const isOurs = isPending || (written !== undefined && isWhatWeKnow(template, written));
  const found = Math.min(isOurs ? before : saidIn(template, sizing), poolSizeLimit);
  const setsCeiling = found > (sizing.isWorkerCount ? 0 : sizing.ceiling);
  return setsCeiling ? { foundPoolSize: found } : {};
}

/** Of a pod that stands for its group we see no more than what we wrote over it. */
function isWhatWeKnow(template: OwnSize, written: number): boolean {
  return written === template.poolSize || !isSaid(template);
}

function saidIn(template: OwnSize, { isWorkerCount }: Bounds): number {
  if (!isSaid(template)) return 0;
  if (template.unlimited !== true) return template.poolSize;
  // A count without a limit follows the processors of the node.
  return isWorkerCount ? 0 : poolSizeLimit;
}

function isSaid({ source }: OwnSize): boolean {
  return source === "literal" || source === "reference";
}

/** Of the main pool alone. */
function annotatedIn(
  { annotations }: FoundSize["workload"],
  further: string | undefined,
): number | undefined {
  return further === undefined ? sizeIn(annotations[foundPoolSizeAnnotation]) : undefined;
}

function sizeIn(annotation: string | undefined): number | undefined {
  return poolSizeIn(annotation ?? "");
}

/** The bounds with it. */
export function boundsWith(
  { foundPoolSize: found }: Pick<PoolFacts, "foundPoolSize">,
  { floor, ceiling, maxSizeName, isWorkerCount }: Sizing,
  { unmanagedPoolSize, poolSize: { min, max } }: BoundedEntry,
): Pick<Sizing, "floor" | "ceiling"> {
  if (max !== undefined) return { floor, ceiling };
  // What the owner says that pods hold, where the template says nothing, is a size like any other.
  const own = found ?? unmanagedPoolSize ?? 0;
  if (!isWorkerCount) return { floor, ceiling: Math.max(ceiling, own) };
  // What a pod without it counts as is a bound for the account, and may be far above what it runs.
  const usual = unmanagedPoolSize ?? usualWorkerCount(maxSizeName);
  const present = Math.max(found ?? usual, min ?? 1);
  return { floor: Math.min(floor, present), ceiling: present };
}

type BoundedEntry = Pick<WorkloadEntry, "poolSize" | "unmanagedPoolSize">;
