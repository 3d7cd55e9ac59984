// The account of a bounded namespace beside its server's: its workloads alone, against its quota.
import { expect, it } from "vitest";
import type { NamespaceQuota } from "../../../src/domain/limit.ts";
import { type LimitAccounts, sayAccount } from "../../../src/domain/limit-accounts.ts";
import { aGrant, aPosition, aWorkload, limitsOf, pods } from "../../support/builders.ts";

const quota: NamespaceQuota = {
  kind: "namespace",
  name: "shop",
  share: { namespace: "shop", amount: 40, unit: "percent" },
  ofSlots: 187,
  slots: 74,
  rolloutsMax: 1,
  ghostSlots: 0,
};

/** 3 x 10 of shop and as much room, beside 3 x 10 of bank. */
function accounts(slots: number = quota.slots): LimitAccounts {
  const workloads = ["bank", "shop"].map((namespace) =>
    aWorkload("web", { namespace, pods: pods(3), grant: aGrant(10) }),
  );
  const positions = workloads.map((workload) => aPosition(workload));
  return limitsOf(positions, 1_000, { narrow: [{ ...quota, slots }] });
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
  expect(accounts().whileRolling(1, 12)).toMatchObject([
    { slots: 30 + 36 + 36 },
    { slots: 36 + 36 },
  ]);
  expect(accounts().whileRolling(0, 12)).toMatchObject([{ slots: 30 + 36 + 36 }]);
});

it("is said in words", () => {
  const [account] = accounts().narrow;
  expect(account && sayAccount(account)).toBe(
    "namespace shop holds 60 of its 74 slots: 40% of 187 by --namespace-shares",
  );
});
