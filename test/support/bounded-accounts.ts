// Accounts of limits beside a server's: of a bounded namespace, and of many logins.

import type { LimitAccounts } from "../../src/domain/decide/limit-accounts.ts";
import type { ConnectionLimit, NamespaceQuota } from "../../src/domain/supply/limit.ts";
import { aGrant, aPolicy, aPosition, aWorkload, limitsOf, pods } from "./builders.ts";

export const quota: NamespaceQuota = {
  kind: "namespace",
  name: "shop",
  quota: { namespace: "shop", amount: 40, unit: "percent" },
  ofSlots: 187,
  slots: 74,
  rolloutsMax: 1,
  ghostSlots: 0,
};

/** 3 x 10 of shop and as much room, beside 3 x 10 of bank. */
export function accounts(
  slots: number = quota.slots,
  doubtedSlots: number = 0,
  unclearSlots: number = 0,
): LimitAccounts {
  const workloads = ["bank", "shop"].map((namespace) =>
    aWorkload("web", { namespace, pods: pods(3), grant: aGrant(10) }),
  );
  const positions = workloads.map((workload) => aPosition(workload));
  return limitsOf(positions, 1_000, { narrow: [{ ...quota, slots, doubtedSlots, unclearSlots }] });
}

/** Limits of roles of which each has web of one of two policies, or of both, as its member. */
export function manyLimits(slotsOf: (index: number) => number): LimitAccounts {
  const policies = ["a", "b"].map((name) => aPolicy(name));
  const positions = policies.map((policy) =>
    aPosition(aWorkload(policy.name, { policy: policy.key, pods: pods(2) }), policy),
  );
  const narrow = Array.from({ length: 8 }, (_, index): ConnectionLimit => {
    const members = positions.filter((_one, place) => index === 7 || index % 2 === place);
    return {
      ...{ kind: "login", name: `role r${index}`, by: `limit ${index}`, rolloutsMax: 1 },
      setting: "CONNECTION LIMIT",
      ...{ slots: slotsOf(index), ghostSlots: 0 },
      pools: new Set(members.map(({ pool }) => pool.poolKey)),
    };
  });
  return limitsOf(positions, 1_000, { narrow: [{ ...quota }, ...narrow] });
}
