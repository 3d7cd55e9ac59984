// The account of a bounded namespace beside its server's: its workloads alone, against its quota.
import { expect, it } from "vitest";
import { accounts, manyLimits } from "../../support/bounded-accounts.ts";

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

it("grows into nothing that pods which are not ready may hide, and lets rolls pass", () => {
  const limits = accounts(74, 0, 5);
  expect([11, 12].map((size) => limits.fitsGrant(1, size))).toEqual([true, false]);
  expect([limits.freeSlots(0), limits.freeSlots(1)]).toEqual([910, 9]);
  expect(limits.fitsRoll({ index: 1, poolSize: 12 })).toBe(true);
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
