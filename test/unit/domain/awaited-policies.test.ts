// What waits for a policy whose secret is not read yet: its pods look foreign until then.

import { describe, expect, test } from "vitest";
import type { AwaitedPolicy } from "../../../src/domain/facts/facts.ts";
import { holdingUp } from "../../../src/domain/supply/awaited-policies.ts";

const quotas = [{ namespace: "bounded", amount: 50, unit: "percent" as const }];

function awaited(namespace: string, isHold: boolean): AwaitedPolicy {
  return { key: `${namespace}/new`, namespace, isHold };
}

describe("rolls of namespace shop", () => {
  test.each([
    { name: "wait for its own policy", awaitedPolicies: [awaited("shop", true)], want: "shop/new" },
    { name: "however long", awaitedPolicies: [awaited("shop", false)], want: "shop/new" },
    {
      name: "wait for another's for a while",
      awaitedPolicies: [awaited("jobs", true)],
      want: "jobs/new",
    },
    { name: "and no longer", awaitedPolicies: [awaited("jobs", false)], want: undefined },
    {
      name: "wait for nobody who is bounded",
      awaitedPolicies: [awaited("bounded", true)],
      want: undefined,
    },
    { name: "wait for nothing else", awaitedPolicies: undefined, want: undefined },
  ])("$name", ({ awaitedPolicies, want }) => {
    expect(holdingUp("shop", { awaitedPolicies, namespaceQuotas: quotas })?.key).toBe(want);
  });
});
