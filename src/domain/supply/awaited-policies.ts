// Policies of which nobody has read the secret yet: each may count on this server, perhaps as it
// did until it was made anew. Until then its pods look foreign: the budget of its neighbours is too
// small by what they hold, and a rollout of theirs counts beside no other. So nothing grows, and no
// pod is replaced. Beyond its own namespace that is so for a bounded time only
// (src/reconcile/memory/bounded-holds.ts): whoever makes policies without end holds up himself, and
// nobody else. A namespace that the operator's owner bounds holds up nobody beside it at all.

import type { AwaitedPolicy, Snapshot } from "../facts/facts.ts";
import { isBounded } from "./quota-settings.ts";

interface Scene {
  readonly awaitedPolicies?: Snapshot["awaitedPolicies"];
  readonly namespaceQuotas?: Snapshot["namespaceQuotas"] | undefined;
}

/** For which of them nothing of a namespace grows or is replaced. */
export function holdingUp(
  namespace: string,
  { awaitedPolicies = [], namespaceQuotas }: Scene,
): AwaitedPolicy | undefined {
  const own = awaitedPolicies.find((awaited) => awaited.namespace === namespace);
  return (
    own ??
    awaitedPolicies.find(
      ({ isHold, ...one }) => isHold && !isBounded(one.namespace, namespaceQuotas),
    )
  );
}

export function untilItsSecretIsRead({ key }: Pick<AwaitedPolicy, "key">): string {
  return `until the secret of policy ${key} is read: its pods may count on this server`;
}
