// Pool sizes that stand in a ConfigMap or Secret for which the API server has not answered yet.
// What the pods hold is not known then, so nothing grows and nothing is rolled: on the whole
// server, or only in that namespace where the operator's owner bounds it. Its author could name
// others all the time, and nobody there would ever grow.

import type { Snapshot } from "../facts/facts.ts";
import { isBounded } from "./quota-settings.ts";

/** Whether all waits for the values of one of these namespaces. */
export function holdUpAll(
  namespaces: ReadonlySet<string>,
  shares: Snapshot["namespaceQuotas"],
): boolean {
  return [...namespaces].some((namespace) => !isBounded(namespace, shares));
}

export function areSizesRead(namespace: string, { unreadIn }: Pick<Snapshot, "unreadIn">): boolean {
  return unreadIn?.includes(namespace) !== true;
}

export const untilSizesAreRead =
  "until the API server has answered for each ConfigMap and Secret of its namespace that pool sizes come from";
