// A policy that was just made, perhaps anew under its name, and that nobody has looked at yet. Its
// pods may count on the server. Growth of its namespace waits for it, and that of all others where
// nothing bounds what it may turn out to hold. Else the others keep that for it, and go on.

import { Exposure } from "./exposure.ts";
import type { AwaitedPolicy } from "./awaited-facts.ts";
import type { PolicyKey, Snapshot } from "./facts.ts";
import type { LimitAccount, LimitAccounts } from "./limit-accounts.ts";
import { namespaceOf } from "./namespace-of.ts";

/** The policy that growth of a namespace waits for, if there is one. */
export function awaitedPolicyIn(
  namespace: string,
  { awaited = [] }: Pick<Snapshot, "awaited">,
): PolicyKey | undefined {
  return awaited.find(({ policy, holdsUpAll }) => holdsUpAll || namespaceOf(policy) === namespace)
    ?.policy;
}

/** What growth of others keeps within a limit for policies that nobody has looked at. */
export function keptSlots(
  account: LimitAccount,
  accounts: LimitAccounts,
  { awaited = [] }: Pick<Snapshot, "awaited">,
): number {
  const counting = awaited.filter((one) => mayCountIn(account, one));
  return counting.reduce((sum, one) => sum + keptFor(one, accounts), 0);
}

function mayCountIn({ limit, positions }: LimitAccount, awaited: AwaitedPolicy): boolean {
  if (limit.kind !== "login") return limit.kind === "server";
  const namespace = namespaceOf(awaited.policy);
  const counts = positions.some(({ workload }) => workload.namespace === namespace);
  return counts || awaited.lateLimits.includes(limit.name);
}

/**
 * Up to its part, or to what it held lately if that was more. Its room for rollouts is not taken
 * off: what comes may need more of it, and the server keeps one for all.
 */
function keptFor({ policy, lateSlots }: AwaitedPolicy, accounts: LimitAccounts): number {
  const namespace = namespaceOf(policy);
  const { limit, positions } = accounts.server;
  const own = positions.filter(({ workload }) => workload.namespace === namespace);
  const { slots, roomLineSlots } = new Exposure(own, limit.rolloutsMax, 0);
  const partSlots = accounts.ofNamespace(namespace)?.limit.slots ?? 0;
  return Math.max(0, Math.max(partSlots, lateSlots) - (slots - roomLineSlots));
}
