// Taking over a workload must not cut it while slots are free: where the policy gives no
// poolSize.max, what stands in the template is a ceiling as good as the profile's. Template
// delivery writes its own sizes there; what stood there before is carried on by the row of the
// last status.

import type { WorkloadEntry, WorkloadRow } from "../../api/poolpolicy.ts";
import { poolSizeLimit } from "../../api/workload-entry.ts";
import type { OwnSize, WorkloadFacts } from "../../domain/facts/facts.ts";

export interface FoundSize {
  readonly template: OwnSize;
  /** What we last wrote into it. */
  readonly writtenPoolSize: number | undefined;
  readonly row: Pick<WorkloadRow, "foundPoolSize"> | undefined;
}

/** The size that somebody else has given the workload, where it is more than the profile's. */
export function foundPoolSize(
  { template, writtenPoolSize, row }: FoundSize,
  { ceiling }: Pick<WorkloadFacts["sizing"], "ceiling">,
): Pick<WorkloadFacts, "foundPoolSize"> {
  const isOurs = writtenPoolSize !== undefined && writtenPoolSize === template.poolSize;
  const isSaid = template.source === "literal" || template.source === "reference";
  const said = isSaid ? (template.unlimited ? poolSizeLimit : template.poolSize) : 0;
  const found = Math.min(isOurs ? (row?.foundPoolSize ?? 0) : said, poolSizeLimit);
  return found > ceiling ? { foundPoolSize: found } : {};
}

/** The ceiling with it. */
export function ceilingWith(
  { foundPoolSize: found }: Pick<WorkloadFacts, "foundPoolSize">,
  { ceiling }: Pick<WorkloadFacts["sizing"], "ceiling">,
  entry: Pick<WorkloadEntry, "poolSize">,
): number {
  return entry.poolSize.max === undefined ? Math.max(ceiling, found ?? 0) : ceiling;
}
