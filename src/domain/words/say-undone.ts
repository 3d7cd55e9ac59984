// Whose work it is that a roll of ours is gone: people know an owner by what they have made (a
// custom resource) and its program by the name under which it writes.

import type { WorkloadFacts } from "../facts/facts.ts";

/** `Lake/web (field manager lake-operator) has put the pod template back after the last rollout` */
export function sayUndone(workload: WorkloadFacts): string {
  const { reverts } = workload;
  const after = reverts === 0 ? "the last rollout" : "several rollouts";
  return `${sayTemplateOwner(workload)} has put the pod template back after ${after}`;
}

/** One of those who write the template: which of them it was cannot be told. */
function sayTemplateOwner({ owner, templateManagers = [] }: WorkloadFacts): string {
  const manager = `field manager ${templateManagers.join(" or ")}`;
  if (templateManagers.length === 0) return owner ?? "another writer";
  return owner === undefined ? manager : `${owner} (${manager})`;
}
