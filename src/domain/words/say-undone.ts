// Whose work it is that a roll of ours is gone. Of a workload that only people write, that is
// somebody; else people know an owner by what they have made (a custom resource) and its program by
// the name under which it writes.

import { hasTemplateOwner } from "../demand/template-owner.ts";
import type { WorkloadFacts } from "../facts/facts.ts";

/** `Lake/web (field manager lake-operator) has put the pod template back after the last rollout` */
export function sayUndone(workload: WorkloadFacts): string {
  const after = workload.undone === 0 ? "the last rollout" : "several rollouts";
  return `${sayTemplateOwner(workload)} has put the pod template back after ${after}`;
}

/** One of those who write the template: which of them it was cannot be told. */
function sayTemplateOwner(workload: WorkloadFacts): string {
  const { owner, templateManagers = [] } = workload;
  if (!hasTemplateOwner(workload)) return "somebody";
  const manager = `field manager ${templateManagers.join(" or ")}`;
  if (owner !== undefined && templateManagers.length === 0) return owner;
  return owner === undefined ? manager : `${owner} (${manager})`;
}
