// Pools that are on the ledger and that nobody sizes (`manage: Count`): a pool in a file, or the
// pooler of somebody else. Nothing is written, so what stands in the way of writing is no matter:
// only what bears on how they are counted is told.

import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import type { Reason } from "../../api/conditions.ts";
import type { Finding, PoolFacts } from "../../domain/facts/facts.ts";

export function isCounted({ manage }: Pick<WorkloadEntry, "manage">): boolean {
  return manage === "Count";
}

export function countedFacts(entry: Pick<WorkloadEntry, "manage">): Pick<PoolFacts, "isCounted"> {
  return isCounted(entry) ? { isCounted: true } : {};
}

const bearingOnTheCount: readonly Reason[] = [
  "ClaimedTwice",
  "ContainerNotFound",
  "PoolBesideSize",
  "Unlimited",
];

const counted: Finding = {
  reason: "Counted",
  severity: "info",
  message: "is counted and not sized, because its entry says manage: Count",
};

/** What of the findings about a pool is told, as its entry has it managed. */
export function toldOf(
  entry: Pick<WorkloadEntry, "manage">,
  findings: readonly Finding[],
): readonly Finding[] {
  if (!isCounted(entry)) return findings;
  const bearing = findings.filter(({ reason }) => bearingOnTheCount.includes(reason));
  return [counted, ...bearing.map(asNoObstacle)];
}

/** A wrong container is counted by the others; two policies are still one too many. */
function asNoObstacle(finding: Finding): Finding {
  return finding.reason === "ContainerNotFound" ? { ...finding, severity: "degraded" } : finding;
}
