// A workload whose owner puts the pod template back loses the rolls of Poolwarden with it. It is
// told who that is, and what is done instead: nothing in the workload itself shows it.

import { kindAndName } from "../../api/keys.ts";
import { sayInstead } from "../decide/rolls-in-vain.ts";
import { keepsUndoingRolls, wasRollUndone } from "../decide/rolls-without-effect.ts";
import { firstPools } from "../demand/own-positions.ts";
import type { Position } from "../demand/position.ts";
import { hasTemplateOwner } from "../demand/template-owner.ts";
import type { Finding, Snapshot } from "../facts/facts.ts";
import type { WorkloadFinding } from "../words/fold-findings.ts";
import { sayUndone } from "../words/say-undone.ts";

export function undoneRolls(
  positions: readonly Position[],
  terms: Pick<Snapshot, "isEvictionOff">,
): WorkloadFinding[] {
  return firstPools(positions).flatMap((position) => {
    const { managed, policy, workload } = position;
    if (!managed || policy.delivery !== "Admission") return [];
    if (!keepsUndoingRolls(workload) && !wasRollUndone(workload)) return [];
    const said = `${sayUndone(workload)}: ${sayInstead(position, terms)}`;
    const message = hasTemplateOwner(workload) ? `${said}. ${wayOut}` : said;
    const finding: Finding = { reason: "RollUndone", severity: "degraded", message };
    return [{ workload: kindAndName(workload), finding }];
  });
}

const wayOut =
  "To have it rolled out, let its owner keep the annotations of the pod template that others set";
