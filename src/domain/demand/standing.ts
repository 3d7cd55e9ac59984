// Which policies have a place in the plan. A policy that only observes, or that has joined the
// server and never been in force there (not read yet, a wrong password), has none: its pods count
// with what they hold, as foreign sessions do. More pods than there are, larger pools and rollouts
// of them take nothing from its neighbours, its words on the server do not count, and no neighbour
// shrinks for it. A policy that was in force keeps its place while it cannot be used, because its
// pods rely on what was promised to them.

import type { PolicyFacts, Snapshot } from "../facts/facts.ts";

/** Its workloads are planned for. */
export function hasPlace(policy: PolicyFacts): boolean {
  return policy.spec.mode === "Enforce" && (isUsable(policy) || wasInForce(policy));
}

/** Without the admission policy everything of it is known, and its pods start as they did. */
function isUsable({ failure, findings }: PolicyFacts): boolean {
  const blocking = findings.filter(({ severity }) => severity === "blocking");
  return failure === undefined && blocking.every(({ reason }) => reason === "AdmissionMissing");
}

/** Here, as its last status says. Releases that did not say it planned for every policy. */
function wasInForce({ status, cameFromElsewhere }: PolicyFacts): boolean {
  return (
    cameFromElsewhere !== true && status?.workloads !== undefined && status.counted !== "AsHeld"
  );
}

/**
 * Those that are planned for and whose words count: all of them where none has a place, so that a
 * server on which everybody observes shows what Enforce would do.
 */
export function speakers(policies: readonly PolicyFacts[]): readonly PolicyFacts[] {
  const placed = policies.filter(hasPlace);
  return placed.length === 0 ? policies : placed;
}

/** Those that count on the server, and do not only have it as a replica. */
export function countingHere({ policies }: Pick<Snapshot, "policies">): readonly PolicyFacts[] {
  const isOthers = policies.some(({ isReplica }) => isReplica === true);
  return isOthers ? policies.filter(({ isReplica }) => isReplica !== true) : policies;
}
