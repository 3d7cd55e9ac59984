// Template delivery shares its entries with whoever else writes the manifest. What stands in the
// way, and who, is said.

import { fieldManager } from "../../api/group.ts";
import { podsKind } from "../../api/keys.ts";
import { entriesFor, type EnvironmentEntry } from "../../api/sizing.ts";
import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import type { Delivery, Finding } from "../../domain/facts/facts.ts";
import type { ObservedContainer, PickedWorkload } from "../../observed.ts";
import { findReferencedEntry } from "../../render/template-apply.ts";

export interface TemplateSources {
  readonly workload: PickedWorkload;
  readonly spec: PoolPolicySpec;
  readonly entry: WorkloadEntry;
  readonly delivery: Delivery;
}

export function templateFindings(
  { workload, spec, entry, delivery }: TemplateSources,
  container: ObservedContainer | undefined,
): Finding[] {
  if (delivery !== "Template") return [];
  if (workload.kind === podsKind) return [podsNeedAdmission];
  if (!container) return [];
  const entries = entriesFor(spec, entry, 1);
  const referenced = findReferencedEntry(workload, { container: container.name, entries });
  // The workload keeps its entries, so it is not ours to size.
  if (referenced) return [{ ...referenced, severity: "blocking" }];
  const early = referenceBefore(container, entries);
  if (early) return [early];
  const names = entries.filter(({ name }) =>
    (workload.envManagers[`${container.name}/${name}`] ?? []).some(isOther),
  );
  const managers = names.flatMap(
    ({ name }) => workload.envManagers[`${container.name}/${name}`] ?? [],
  );
  const others = [...new Set(managers.filter(isOther))].sort().join(", ");
  if (others === "") return [];
  const what = names.map(({ name }) => name).join(", ");
  return [spec.ownership === "Respect" ? fieldConflict(what, others) : alsoManaged(what, others)];
}

const podsNeedAdmission: Finding = {
  reason: "PodsNeedAdmission",
  severity: "blocking",
  message:
    "picks pods by their labels, and there is no template of theirs to write: only the API server can size " +
    "them. To fix: use delivery Admission (Kubernetes 1.36 and newer), or set manage: Count",
};

/**
 * Server-side apply puts what is new at the end of the list, and the kubelet fills in only what
 * stands before: an entry that refers to ours would get its name in place of a number.
 */
function referenceBefore(
  { name, env }: ObservedContainer,
  entries: readonly EnvironmentEntry[],
): Finding | undefined {
  const ours = new Set(entries.map((entry) => entry.name));
  const isEarly = (referred: string, place: number): boolean =>
    ours.has(referred) && !env.slice(0, place).some((one) => one.name === referred);
  const place = env.findIndex(({ refersTo = [] }, at) => refersTo.some((one) => isEarly(one, at)));
  const early = env[place];
  const referred = early?.refersTo?.find((one) => isEarly(one, place));
  if (!early || referred === undefined) return undefined;
  const message =
    `container ${name}: ${early.name} refers to $(${referred}), which the template delivery would write behind it, where ` +
    `it is not filled in: give ${referred} a value before ${early.name} in the manifest, or use delivery: Admission`;
  return { reason: "ReferenceBeforeEntry", severity: "blocking", message };
}

function isOther(manager: string): boolean {
  return manager !== fieldManager;
}

function fieldConflict(what: string, others: string): Finding {
  const message = `${what} is owned by ${others} and ownership is Respect: remove it from that manifest, or use Take`;
  return { reason: "FieldConflict", severity: "blocking", message };
}

function alsoManaged(what: string, others: string): Finding {
  const message = `${what} is also set by ${others}, whose next apply would put its value back: remove it from that manifest`;
  return { reason: "AlsoManagedBy", severity: "degraded", message };
}
