// A StatefulSet gives each pod a place, whose number stands in the pod's name. Each place has one
// pod at a time, whoever made it; pods of places that it does not ask for are waited for by nobody.

import { workloadKinds } from "../api/workload-kinds.ts";
import type { ObservedPod, ObservedWorkload } from "../observed.ts";

/** Counted from its first place; undefined where pods have none. */
export function ordinalOf(
  pod: Pick<ObservedPod, "key">,
  { kind, key, firstOrdinal = 0 }: Pick<ObservedWorkload, "kind" | "key" | "firstOrdinal">,
): number | undefined {
  const before = `${key}-`;
  if (!workloadKinds[kind].hasOrdinals || !pod.key.startsWith(before)) return undefined;
  const number = pod.key.slice(before.length);
  return /^[0-9]{1,10}$/.test(number) ? Number(number) - firstOrdinal : undefined;
}
