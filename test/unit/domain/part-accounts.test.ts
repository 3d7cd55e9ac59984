// The account of a bounded namespace: its workloads alone, against its part.
import { expect, it } from "vitest";
import { PartAccounts, sayAccount } from "../../../src/domain/part-accounts.ts";
import type { Part } from "../../../src/domain/parts.ts";
import { aGrant, aPosition, aWorkload, pods } from "../../support/builders.ts";

const part: Part = {
  name: "shop",
  share: { namespace: "shop", amount: 40, unit: "percent" },
  ofSlots: 187,
  slots: 74,
  rolloutsMax: 1,
};

/** 3 x 10 of shop and as much room, beside 3 x 10 of bank. */
function accounts(slots: number = part.slots): PartAccounts {
  const workloads = ["bank", "shop"].map((namespace) =>
    aWorkload("web", { namespace, pods: pods(3), grant: aGrant(10) }),
  );
  return new PartAccounts(
    workloads.map((workload) => aPosition(workload)),
    [{ ...part, slots }],
  );
}

it("holds its own workloads and room for their rollouts, and nobody else's", () => {
  const parts = accounts();
  expect(parts.ofNamespace("shop")?.exposure.slots).toBe(60);
  expect(parts.ofNamespace("bank")).toBe(undefined);
  expect(parts.of(0)).toEqual([]);
  expect(parts.of(1).map((account) => account.part.name)).toEqual(["shop"]);
});

it("lets a grant grow as far as the part has room", () => {
  const parts = accounts();
  expect([12, 13].map((size) => parts.fitsGrant(1, size))).toEqual([true, false]);
  expect(parts.fitsGrant(0, 1_000)).toBe(true);
});

it("counts what was granted meanwhile", () => {
  const parts = accounts();
  parts.raiseGrant(1, 12);
  parts.raiseGrant(0, 100);
  expect(parts.ofNamespace("shop")?.exposure.slots).toBe(72);
});

it("lets nothing grow while it holds more than the part", () => {
  expect([accounts(59).isWithin(1), accounts(60).isWithin(1), accounts(1).isWithin(0)]).toEqual([
    false,
    true,
    true,
  ]);
});

it("says what it could hold while a workload rolls", () => {
  expect(accounts().whileRolling(1, 12)).toMatchObject([{ slots: 36 + 36 }]);
  expect(accounts().whileRolling(0, 12)).toEqual([]);
});

it("is said in words", () => {
  const [account] = accounts().all;
  expect(account && sayAccount(account)).toBe(
    "namespace shop holds 60 of its 74 slots: 40% of 187 by --namespace-shares",
  );
});
