// Taking over a workload must not cut it while slots are free: where the policy gives no
// poolSize.max, what stands in the template is a ceiling as good as the profile's. Template
// delivery writes its own sizes there; what stood there before is carried on by the row of the
// last status, and by an annotation of the workload where the policy was deleted and made anew.

import type { WorkloadEntry, WorkloadRow } from "../../api/poolpolicy.ts";
import { foundPoolSizeAnnotation, poolSizeAnnotationOf } from "../../api/group.ts";
import { furtherPool } from "../../api/keys.ts";
import { poolSizeLimit } from "../../api/workload-entry.ts";
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

/** The size that somebody else has given the workload, where it is more than the profile's. */
export function foundPoolSize(
  { pool, template, workload, isPending, row }: FoundSize,
  { ceiling }: Pick<PoolFacts["sizing"], "ceiling">,
): Pick<PoolFacts, "foundPoolSize"> {
  // Also of a workload that was released: the template says the size that we left there.
  const further = furtherPool(pool);
  const written = sizeIn(workload.templateAnnotations[poolSizeAnnotationOf(further)]);
  const isOurs = isPending || written === template.poolSize;
  const before = row?.foundPoolSize ?? annotatedIn(workload, further);
  const isSaid = template.source === "literal" || template.source === "reference";
  const said = isSaid ? (template.unlimited ? poolSizeLimit : template.poolSize) : 0;
  const found = Math.min(isOurs ? (before ?? 0) : said, poolSizeLimit);
  return found > ceiling ? { foundPoolSize: found } : {};
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

/** The ceiling with it. */
export function ceilingWith(
  { foundPoolSize: found }: Pick<PoolFacts, "foundPoolSize">,
  { ceiling }: Pick<PoolFacts["sizing"], "ceiling">,
  entry: Pick<WorkloadEntry, "poolSize">,
): number {
  return entry.poolSize.max === undefined ? Math.max(ceiling, found ?? 0) : ceiling;
}
