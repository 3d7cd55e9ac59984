// Workloads among the manifests that no policy has: nothing keeps slots for them, and a reader who
// sees a plan that fits may think that they are part of it.

import { at, list } from "../adapters/kubernetes/raw-values.ts";
import { kindAndName, workloadKeyOf } from "../api/keys.ts";
import { isPodsEntry } from "../api/pods-entry.ts";
import { parseSpec, type WorkloadEntry } from "../api/poolpolicy.ts";
import { workloadKindOf } from "../api/workload-kinds.ts";
import { sayCount } from "../domain/words/say-count.ts";
import { claimedIn } from "./leaving.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { ManifestObject } from "./objects.ts";
import { hasAll } from "./picked-templates.ts";
import { type Labels, podTemplateIn } from "./pod-templates.ts";

const toldMax = 5;

/** `manifests`: what was given; `stores`: with what runs beside it. */
export function unselectedNotes(
  manifests: readonly ManifestObject[],
  stores: ManifestStores,
): readonly string[] {
  const claimed = claimedIn(stores);
  const picked = pickedIn(stores);
  const left = manifests.filter((one) => {
    const kind = workloadKindOf(one.kind);
    return kind && !claimed.has(workloadKeyOf({ ...one, kind })) && !picked(one);
  });
  if (left.length === 0) return [];
  const more = left.length - toldMax;
  const names = left.slice(0, toldMax).map((one) => `${one.namespace}/${kindAndName(one)}`);
  const are = left.length === 1 ? "is" : "are";
  return [
    `${sayCount(left.length, "workload")} ${are} in no policy and not counted: ` +
      `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}. Add an entry for each that connects to ` +
      "one of these servers",
  ];
}

/** Whether an entry picks its pods by their labels. */
function pickedIn({ policies }: ManifestStores): (one: ManifestObject) => boolean {
  const pickings = [...policies.values()].flatMap(({ namespace, spec }) => {
    // Most policies pick none, and to parse is dear.
    if (!list(at(spec, "workloads")).some((entry) => at(entry, "pods") !== undefined)) return [];
    const parsed = parseSpec(spec);
    const entries = "spec" in parsed ? parsed.spec.workloads : [];
    const picking = entries.filter(isPodsEntry<WorkloadEntry>);
    return picking.map(({ pods }) => ({ namespace, labels: pods.matchLabels }));
  });
  return (one) => {
    const own: Labels = (pickings.length > 0 && podTemplateIn(one, one.raw)?.labels) || {};
    return pickings.some(
      ({ namespace, labels }) => namespace === one.namespace && hasAll(own, labels),
    );
  };
}
