// Which policies claim which workloads of a namespace. The first entry of a policy that matches
// counts; a workload that two policies claim is managed by neither until that is solved, so all of
// them are kept.

import type { WorkloadEntry } from "../api/poolpolicy.ts";
import type { PolicyKey } from "../domain/facts.ts";
import type { ObservedWorkload } from "../observed.ts";
import type { ResolvedPolicy } from "./policy-book.ts";
import { matchesEntry } from "./selectors.ts";

export interface Claim {
  readonly policy: PolicyKey;
  readonly entry: WorkloadEntry;
  /** Of the entry in the policy's list. */
  readonly index: number;
}

/** Claims on each workload that has any, in the order of the policies' keys. */
export function claimsOn(
  workloads: Iterable<ObservedWorkload>,
  policies: readonly ResolvedPolicy[],
): Map<ObservedWorkload, readonly Claim[]> {
  const claims = new Map<ObservedWorkload, readonly Claim[]>();
  for (const workload of workloads) {
    const found = policies.flatMap(({ key, spec }): Claim[] => {
      const index = spec.workloads.findIndex((candidate) => matchesEntry(candidate, workload));
      const entry = spec.workloads[index];
      return entry ? [{ policy: key, entry, index }] : [];
    });
    if (found.length > 0) claims.set(workload, found);
  }
  return claims;
}
