// Writes the reference of what the operator says: conditions, reasons, findings and events, from
// the closed sets that it speaks in.

import { conditionMeanings, conditionTypes, reasonGroups } from "../api/conditions.ts";
import { table } from "./markdown.ts";

const origin = "Generated from `src/api/conditions.ts` by `make generate`; do not edit.";

/** docs/reference/conditions.md. */
export function buildConditionsReference(): string {
  const conditions = conditionTypes.map((type) => {
    const opening = `## ${type}\n\nTrue: ${conditionMeanings[type]}`;
    return `${opening}\n\n${reasonTable(reasonGroups[type])}`;
  });
  const sections = [
    `# Conditions and findings\n\n${origin}`,
    "In `status.conditions` of a PoolPolicy, each with `observedGeneration`; a reason stands under the condition that it mostly explains. " +
      "`Ready` repeats the first of the others that is not True, and `Applied` may carry a finding's reason. " +
      "What to do about each: [troubleshooting](../troubleshooting.md). Reasons are public API: scripts and alerts may compare them.",
    ...conditions,
    "## Findings\n\nIn `status.findings`: what a person should know although, or because, nothing is done about it.\n\n" +
      reasonTable(reasonGroups.Findings),
  ];
  return sections.join("\n\n") + "\n";
}

/** docs/reference/events.md. */
export function buildEventsReference(): string {
  const sections = [
    `# Events\n\n${origin}`,
    "Of API group `events.k8s.io/v1`, reported by `poolwarden.dev/poolwarden`. One about a workload is told on its policy as well, so `kubectl describe` of either shows it. " +
      "Each is told once per change, with the arithmetic; a restart of the operator repeats none.",
    reasonTable(reasonGroups.Events),
    "A condition that turns is an event of the condition's [reason](conditions.md): `Warning` when it turns False or stays False for another reason, `Normal` when it turns True. " +
      "`Applied` waiting for rollouts or slots is not told: the events above tell it better. " +
      "A rollout that puts right what another writer has put back is preceded by the finding `RevertedByOther` as a `Warning`. `Released` is told on the workload alone.",
  ];
  return sections.join("\n\n") + "\n";
}

function reasonTable(reasons: Readonly<Record<string, string>>): string {
  return table(["Reason", "Meaning"], Object.entries(reasons));
}
