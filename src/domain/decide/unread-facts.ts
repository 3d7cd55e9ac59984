// What has to be read before a roll: without it nobody knows what the pods hold, or whose they are.

import type { Snapshot } from "../facts/facts.ts";
import { holdingUp, untilItsSecretIsRead } from "../supply/awaited-policies.ts";
import { areSizesRead, untilSizesAreRead } from "../supply/unread-sizes.ts";
import type { Wish } from "./wishes.ts";

/** An obstacle to a roll. */
interface NotRead {
  readonly reason: "RollsWaiting";
  readonly message: string;
}

interface Scene {
  readonly terms: {
    readonly unreadIn?: Snapshot["unreadIn"];
    readonly awaitedPolicies?: Snapshot["awaitedPolicies"];
    readonly namespaceQuotas?: Snapshot["namespaceQuotas"];
  };
}

export function sizesAreNotRead({ position }: Wish, { terms }: Scene): NotRead | undefined {
  if (areSizesRead(position.workload.namespace, terms)) return undefined;
  return { reason: "RollsWaiting", message: `waits ${untilSizesAreRead}` };
}

/** What it would be rolled for may be pods of that policy, which look foreign. */
export function policyIsAwaited({ position }: Wish, { terms }: Scene): NotRead | undefined {
  const awaited = holdingUp(position.workload.namespace, terms);
  return awaited && { reason: "RollsWaiting", message: `waits ${untilItsSecretIsRead(awaited)}` };
}
