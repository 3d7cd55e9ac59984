// Taking over a workload must not cut it while slots are free: where the policy gives no
// poolSize.max, what stands in the template is a ceiling as good as the profile's. Template
// delivery writes its own sizes there; what stood there before is carried on by the row of the
// last status, and by an annotation of the workload where the policy was deleted and made anew.

import type { WorkloadEntry, WorkloadRow } from "../../api/poolpolicy.ts";
import { foundPoolSizeAnnotation, poolSizeAnnotation } from "../../api/group.ts";
import { poolSizeLimit } from "../../api/workload-entry.ts";
import type { OwnSize, PoolFacts } from "../../domain/facts/facts.ts";
import type { ObservedWorkload } from "../../observed.ts";
import { poolSizeIn } from "./said-size.ts";

export interface FoundSize {
  readonly template: OwnSize;
  readonly workload: Pick<ObservedWorkload, "annotations" | "templateAnnotations">;
  /** What we wrote into the template is not in the caches yet. */
  readonly isPending: boolean;
  readonly row: Pick<WorkloadRow, "foundPoolSize"> | undefined;
}

/** The size that somebody else has given the workload, where it is more than the profile's. */
export function foundPoolSize(
  { template, workload, isPending, row }: FoundSize,
  { ceiling }: Pick<PoolFacts["sizing"], "ceiling">,
): Pick<PoolFacts, "foundPoolSize"> {
  // Also of a workload that was released: the template says the size that we left there.
  const written = sizeIn(workload.templateAnnotations[poolSizeAnnotation]);
  const isOurs = isPending || written === template.poolSize;
  const before = row?.foundPoolSize ?? sizeIn(workload.annotations[foundPoolSizeAnnotation]);
  const isSaid = template.source === "literal" || template.source === "reference";
  const said = isSaid ? (template.unlimited ? poolSizeLimit : template.poolSize) : 0;
  const found = Math.min(isOurs ? (before ?? 0) : said, poolSizeLimit);
  return found > ceiling ? { foundPoolSize: found } : {};
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
