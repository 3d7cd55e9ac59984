// The account of a bounded namespace beside its server's: its workloads alone, against its quota.
import { expect, it } from "vitest";
import type { ConnectionLimit, NamespaceQuota } from "../../../src/domain/supply/limit.ts";
import {
  type LimitAccounts,
  sayAccount,
  sayAccounts,
} from "../../../src/domain/decide/limit-accounts.ts";
import { aGrant, aPolicy, aPosition, aWorkload, limitsOf, pods } from "../../support/builders.ts";

const quota: NamespaceQuota = {
  kind: "namespace",
  name: "shop",
  quota: { namespace: "shop", amount: 40, unit: "percent" },
  ofSlots: 187,
  slots: 74,
  rolloutsMax: 1,
  ghostSlots: 0,
};

/** 3 x 10 of shop and as much room, beside 3 x 10 of bank. */
function accounts(slots: number = quota.slots, doubtedSlots: number = 0): LimitAccounts {
  const workloads = ["bank", "shop"].map((namespace) =>
    aWorkload("web", { namespace, pods: pods(3), grant: aGrant(10) }),
  );
  const positions = workloads.map((workload) => aPosition(workload));
  return limitsOf(positions, 1_000, { narrow: [{ ...quota, slots, doubtedSlots }] });
}

it("holds its own workloads and room for their rollouts, and nobody else's", () => {
  const limits = accounts();
  expect(limits.ofNamespace("shop")?.exposure.slots).toBe(60);
  expect(limits.ofNamespace("bank")).toBe(undefined);
  const kinds = (index: number): string[] => limits.of(index).map(({ limit }) => limit.kind);
  expect([kinds(0), kinds(1)]).toEqual([["server"], ["server", "namespace"]]);
});

it("lets a grant grow as far as the part has room", () => {
  const limits = accounts();
  expect([12, 13].map((size) => limits.fitsGrant(1, size))).toEqual([true, false]);
  expect(limits.fitsGrant(0, 100)).toBe(true);
});

it("leaves what is in doubt on its own server alone, and grows where nothing is", () => {
  const limits = accounts(74, 5);
  expect([11, 12].map((size) => limits.fitsGrant(1, size))).toEqual([true, false]);
  expect(limits.fitsGrant(0, 100)).toBe(true);
  expect([limits.freeSlots(0), limits.freeSlots(1)]).toEqual([910, 9]);
  expect([11, 12].map((poolSize) => limits.fitsRoll({ index: 1, poolSize }))).toEqual([
    true,
    false,
  ]);
  expect(limits.fitsRoll({ index: 0, poolSize: 100 })).toBe(true);
});

it("counts what was granted meanwhile", () => {
  const limits = accounts();
  limits.raiseGrant(1, 12);
  limits.raiseGrant(0, 100);
  expect(limits.ofNamespace("shop")?.exposure.slots).toBe(72);
  expect(limits.server.exposure.slots).toBe(300 + 36 + 300);
});

it("lets nothing grow while it holds more than the part", () => {
  expect([accounts(59).isWithin(1), accounts(60).isWithin(1), accounts(1).isWithin(0)]).toEqual([
    false,
    true,
    true,
  ]);
});

it("says what it could hold while a workload rolls", () => {
  expect(accounts().whileRolling({ index: 1, poolSize: 12 })).toMatchObject([
    { slots: 30 + 36 + 36 },
    { slots: 36 + 36 },
  ]);
  expect(accounts().whileRolling({ index: 0, poolSize: 12 })).toMatchObject([
    { slots: 30 + 36 + 36 },
  ]);
});

it("is said in words", () => {
  const [account] = accounts().narrow;
  expect(account && sayAccount(account)).toBe(
    "namespace shop may use up to 60 slots, its limit is 74 slots (40% of 187 by --namespace-quotas)",
  );
});

/** Limits of roles of which each has web of one of two policies, or of both, as its member. */
function manyLimits(slotsOf: (index: number) => number): LimitAccounts {
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

it("knows those of a policy as the plain definition has them", () => {
  const limits = manyLimits(() => 100);
  for (const key of ["shop/a", "shop/b", "shop/c"]) {
    const plain = limits.narrow.filter(({ limit, positions }) =>
      limit.kind === "namespace"
        ? limit.name === "shop"
        : positions.some(({ policy }) => policy.key === key),
    );
    expect(limits.ofPolicy({ key, namespace: "shop" })).toEqual(plain);
  }
});

it("names a few of many, those that do not hold first", () => {
  const limits = manyLimits((index) => (index === 4 ? 1 : 100));
  const said = sayAccounts(limits.ofPolicy({ key: "shop/a", namespace: "shop" }));
  expect(said.map((text) => text.replace(/ may use .*/, ""))).toEqual([
    ...["role r4", "namespace shop", "role r0", "and 3 more limits"],
  ]);
});

it.each([
  { name: "all hold", slots: () => 100 },
  { name: "one of another workload does not", slots: (at: number) => (at === 1 ? 1 : 100) },
  { name: "one of its own does not", slots: (at: number) => (at === 0 ? 1 : 100) },
  { name: "one of both does not", slots: (at: number) => (at === 7 ? 1 : 100) },
])("says whether every limit holds while a workload rolls: $name", ({ slots }) => {
  const limits = manyLimits(slots);
  const plain = (index: number): boolean => {
    const own = new Map(
      limits.whileRolling({ index, poolSize: 5 }).map((one) => [one.account, one.slots]),
    );
    return limits.all.every((account) => {
      return (own.get(account) ?? account.exposure.slots) <= account.limit.slots;
    });
  };
  expect([0, 1].map((index) => limits.holdWhileRolling({ index, poolSize: 5 }))).toEqual(
    [0, 1].map(plain),
  );
  limits.raiseGrant(1, 60);
  expect([0, 1].map((index) => limits.holdWhileRolling({ index, poolSize: 5 }))).toEqual(
    [0, 1].map(plain),
  );
});
