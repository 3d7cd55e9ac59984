// A StatefulSet gives each pod a place, whose number stands in the pod's name. Each place has one
// pod at a time, whoever made it; pods of places that it does not ask for are waited for by nobody.

import { pickedKinds } from "../../api/workload-kinds.ts";
import type { ObservedPod, PickedWorkload } from "../../observed.ts";

/** As its controller writes it: `db-01` is not of its making, and may stand beside `db-1`. */
const ordinalForm = /^(0|[1-9][0-9]{0,9})$/;
/** Before the first place: none that it asks for. */
const noPlace = -1;

/**
 * Counted from its first place; undefined where pods have none. A pod of another name takes no
 * place: the one that is missing may start beside it.
 */
export function ordinalOf(
  pod: Pick<ObservedPod, "key">,
  { kind, key, firstOrdinal = 0 }: Pick<PickedWorkload, "kind" | "key" | "firstOrdinal">,
): number | undefined {
  if (!pickedKinds[kind].hasOrdinals) return undefined;
  const before = `${key}-`;
  const number = pod.key.startsWith(before) ? pod.key.slice(before.length) : "";
  return ordinalForm.test(number) ? Number(number) - firstOrdinal : noPlace;
}
