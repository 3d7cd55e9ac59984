// Workloads that are gone while their pods are not: they leave, and count until they are gone too.

import type { WorkloadEntry } from "../api/poolpolicy.ts";
import { sizingOf } from "../api/sizing.ts";
import type { PolicyFacts, WorkloadFacts } from "../domain/facts.ts";
import { slotsPerPod } from "../domain/slots.ts";
import { byWorkload, type Caches, workloadKeyOf, workloadsIn } from "./caches.ts";
import { departedFacts } from "./observe-workload.ts";
import type { References } from "./references.ts";

/** Workloads that the last status names and that are gone, while their pods are not. */
export function departedWorkloads(
  { caches, references }: { readonly caches: Caches; readonly references: References },
  namespace: string,
  members: readonly PolicyFacts[],
): WorkloadFacts[] {
  const present = new Set(workloadsIn(caches, namespace).map(workloadKeyOf));
  const own = members.filter((member) => member.namespace === namespace);
  return own.flatMap((member) =>
    (member.status?.workloads ?? []).flatMap(({ workload }) => {
      const key = `${namespace}/${workload}`;
      const pods = present.has(key) ? [] : caches.pods.byIndex(byWorkload, key);
      const entry = heaviestEntry(member);
      const entryIndex = entry ? member.spec.workloads.indexOf(entry) : -1;
      if (pods.length === 0 || !entry) return [];
      const resolve = references.resolverFor(namespace);
      const common = {
        spec: member.spec,
        entry,
        entryIndex,
        policy: member.key,
        delivery: member.delivery,
        claimedBy: [member.key],
      };
      return [
        departedFacts(key, {
          ...common,
          grants: { own: undefined, others: [] },
          newestRevision: undefined,
          lastRoll: undefined,
          autoscalerMaxReplicas: undefined,
          pods,
          resolve,
        }),
      ];
    }),
  );
}

/**
 * Which entry sized a workload is not known once it is gone: the one whose pods hold most is safe.
 */
function heaviestEntry({ spec }: PolicyFacts): WorkloadEntry | undefined {
  const weigh = (entry: WorkloadEntry): number => slotsPerPod(sizingOf(spec, entry), 1);
  return spec.workloads.toSorted((a, b) => weigh(b) - weigh(a))[0];
}
