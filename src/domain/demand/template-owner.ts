// Who has put a pod template back. A program that owns a workload does so again each time, and a
// person who runs `kubectl rollout undo` did so once, whatever was rolled. What they leave in the
// object is the same: an undo takes something away, and the API server notes nobody for that. So it
// goes by who could have done it: what controls the workload, or a program that writes its template
// and is no tool of people. Helm is one: it writes when somebody runs it.

import type { WorkloadFacts } from "../facts/facts.ts";

/**
 * The names under which tools write that people have in hand: kubectl in all its forms, oc, k9s,
 * Helm, Lens (node-fetch), and consoles in a browser, which write as Mozilla or as a dashboard.
 */
const toolOfPeople = /^(kubectl|oc|k9s|helm|lens|node-fetch|mozilla|dashboard)($|[^a-z])/i;

/** Something owns its template that may write it back each time. */
export function hasTemplateOwner(
  workload: Pick<WorkloadFacts, "owner" | "templateManagers">,
): boolean {
  const { owner, templateManagers = [] } = workload;
  return owner !== undefined || templateManagers.some((name) => !toolOfPeople.test(name));
}
