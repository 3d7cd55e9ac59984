// Entries of spec.workloads that select nothing. A name that no workload has is most often a typing
// error, and its pods then open connections that nobody counts: that is told with an event, and in
// the messages of Applied and Ready. Ready stays True, because one pipeline may apply the policy
// first and the workload a minute later, and whoever waits for Ready must not wait for that.

import { poolKeyOf, workloadKeyOf } from "../../api/keys.ts";
import { kindsInWords, usualKind } from "../../api/workload-kinds.ts";
import type { Reason } from "../../api/conditions.ts";
import type { Finding, PolicyFacts, PoolKey, WorkloadKey } from "../facts/facts.ts";
import { foldFindings, type WorkloadFinding } from "../words/fold-findings.ts";
import { oncePer } from "../once-per.ts";
import { claimedBeside } from "../demand/own-positions.ts";
import type { Plan } from "../decide/plan.ts";
import type { Position } from "../demand/position.ts";

type Entry = PolicyFacts["spec"]["workloads"][number];

/** Where nothing matches at all, NoWorkloads says so. `positions` are those of the policy. */
export function unusedEntries(
  plan: Plan,
  policy: PolicyFacts,
  positions: readonly Position[],
): Finding[] {
  if (positions.length === 0 || policy.failure) return [];
  const used = new Set(positions.map(({ pool }) => pool.entry));
  const isWithoutRoom = positions.some(({ pool }) =>
    pool.findings.some(({ reason }) => reason === "TooManyPools"),
  );
  const findings = policy.spec.workloads.flatMap((entry, index): WorkloadFinding[] => {
    const finding = used.has(index)
      ? undefined
      : unused(plan, policy, { entry, index, isWithoutRoom });
    return finding ? [{ workload: `spec.workloads[${index}]`, finding }] : [];
  });
  return foldFindings(findings);
}

function unused(
  plan: Plan,
  policy: PolicyFacts,
  {
    entry,
    index,
    isWithoutRoom,
  }: { readonly entry: Entry; readonly index: number; readonly isWithoutRoom: boolean },
): Finding | undefined {
  if (entry.pods !== undefined) return picksBefore;
  const { name, kind = usualKind } = entry;
  if (name === undefined) {
    // It is on the other's account then, and which entry of ours selects it is not said there.
    const isContested = claimedBeside(plan.positions, policy.key).length > 0;
    return isContested || isWithoutRoom ? undefined : emptySelector;
  }
  const key = workloadKeyOf({ namespace: policy.namespace, kind, name });
  const sameName = byKey(plan.positions).get(poolKeyOf(key, entry.pool));
  if (!sameName) {
    // Pools for which there is no room count beside others of it, and that is told there.
    const isThere = workloadsIn(plan.positions).has(key);
    return isThere ? undefined : notFound(policy, { kind, name, index });
  }
  return sameName.policy.key === policy.key ? selectedBefore(kind, name) : undefined;
}

const workloadsIn = oncePer((positions: readonly Position[]): ReadonlySet<WorkloadKey> => {
  return new Set(positions.map(({ workload }) => workload.key));
});

const byKey = oncePer((positions: readonly Position[]): ReadonlyMap<PoolKey, Position> => {
  return new Map(positions.map((position) => [position.pool.poolKey, position]));
});

const emptySelector: Finding = {
  reason: "EntryUnused",
  severity: "info",
  message:
    `its selector selects no ${kindsInWords} that an earlier entry does not select ` +
    "already for the same pool. Correct the labels, move the entry up, or remove it. Pods of other owners are picked by " +
    "pods.matchLabels.",
};

const picksBefore: Finding = {
  reason: "EntryUnused",
  severity: "info",
  message:
    "an earlier entry has the same name or labels for its pods, and the same pool, and that one " +
    "applies. Move this entry up, or remove it.",
};

function selectedBefore(kind: string, name: string): Finding {
  const message =
    `an earlier entry already selects ${kind} "${name}", and that one applies. ` +
    "Move this entry up, or remove it.";
  return { reason: "EntryUnused", severity: "info", message };
}

function notFound(
  policy: PolicyFacts,
  { kind, name, index }: { readonly kind: string; readonly name: string; readonly index: number },
): Finding {
  const field = `spec.workloads[${index}]`;
  const wayOut = wrongKind(policy, index) ?? `Correct ${field}.name, or remove the entry.`;
  const message =
    `there is no ${kind} "${name}" in namespace ${policy.namespace}: its pods are not managed, ` +
    `and no slots are kept for it. ${wayOut}`;
  return { reason: "WorkloadNotFound", severity: "degraded", message };
}

/** What to write where a workload of another kind has the name of an entry. */
export function wrongKind({ namesakes, spec }: PolicyFacts, index: number): string | undefined {
  const kind = namesakes?.find((one) => one.index === index)?.kind;
  if (kind === undefined) return undefined;
  const name = spec.workloads[index]?.name ?? "";
  return `There is a ${kind} "${name}": set spec.workloads[${index}].kind to ${kind}.`;
}

export const workloadNotFound: Reason = "WorkloadNotFound";

/** `message`, and what of `findings` must not be overlooked although nothing fails. */
export function withMissingWorkloads(message: string, findings: readonly Finding[]): string {
  const missing = findings.filter(({ reason }) => reason === workloadNotFound);
  const [first] = missing;
  if (!first) return message;
  const more = missing.length > 1 ? ` (${missing.length - 1} more in status.findings)` : "";
  return `${message}; ${first.message}${more}`;
}
