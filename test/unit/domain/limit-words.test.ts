// What a policy is told of its limits.

import { expect, it } from "vitest";
import { sayAccount, sayAccounts } from "../../../src/domain/decide/limit-words.ts";
import { accounts, manyLimits } from "../../support/bounded-accounts.ts";

it("is said in words", () => {
  const [account] = accounts().narrow;
  expect(account && sayAccount(account)).toBe(
    "namespace shop may use up to 60 slots, its limit is 74 slots (40% of 187 by --namespace-quotas)",
  );
});

it("names a few of many, those that do not hold first", () => {
  const limits = manyLimits((index) => (index === 4 ? 1 : 100));
  const said = sayAccounts(limits.ofPolicy({ key: "shop/a", namespace: "shop" }));
  expect(said.map((text) => text.replace(/ may use .*/, ""))).toEqual([
    ...["role r4", "namespace shop", "role r0", "and 3 more limits"],
  ]);
});
