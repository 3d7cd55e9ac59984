// What some do not use goes to those who need it; test/property/shares-by-use.test.ts has the laws.
import { expect, test } from "vitest";
import { poolKeyOf } from "../../../src/api/keys.ts";
import type { LimitTerms } from "../../../src/domain/decide/limit-shares.ts";
import { allocateByUse, type WantedSizes } from "../../../src/domain/decide/shares-by-use.ts";
import type { ShareRequest } from "../../../src/domain/demand/share-request.ts";
import { aSizing } from "../../support/builders.ts";

const terms = { budgetSlots: 60, rolloutsMax: 0, basis: "Workload" } as const;

function requestOf(name: string, more: Partial<ShareRequest> = {}): ShareRequest {
  const sizing = aSizing();
  return {
    ...{ key: poolKeyOf(`shop/Deployment/${name}`), sizing },
    ...{ plannedPods: 2, roomPods: 0, floor: 2, ceiling: 30 },
    ...more,
  };
}

const three = [requestOf("a"), requestOf("b"), requestOf("c")];

test.each<[string, WantedSizes, readonly number[]]>([
  ["nobody knows anything: fair shares", [], [10, 10, 10]],
  ["what one leaves goes to those who need it", [4, 20, 20], [4, 13, 13]],
  ["and to those of whom nothing is known", [4, 10, undefined], [4, 10, 16]],
  ["nobody is pushed below his fair share by others", [25, 25, 25], [10, 10, 10]],
  ["what nobody wants stays free", [4, 4, 4], [4, 4, 4]],
  ["nobody falls below his floor", [0, 4, 4], [2, 4, 4]],
])("%s", (_, wanted, want) => {
  expect(allocateByUse(three, wanted, { terms, limits: [] }).poolSizes).toEqual(want);
});

test("what may not be moved, or has no pods, is as it was", () => {
  const fixed = requestOf("a", { floor: 12, ceiling: 12, fixed: true });
  const none = requestOf("b", { plannedPods: 0, ceiling: 2 });
  const all = [fixed, none, requestOf("c")];
  const { poolSizes } = allocateByUse(all, [1, 1, 5], { terms, limits: [] });
  expect(poolSizes).toEqual([12, 2, 5]);
});

test("members of a limit whose floors do not fit stay as they are, and others share on", () => {
  const bank = { ...requestOf("a"), key: poolKeyOf("bank/Deployment/a") };
  const limit: LimitTerms = { kind: "namespace", name: "bank", slots: 3, rolloutsMax: 0 };
  const all = [bank, requestOf("b"), requestOf("c")];
  const { poolSizes, lacking } = allocateByUse(all, [9, 4, 30], { terms, limits: [limit] });
  expect(poolSizes[0]).toBe(1);
  expect(poolSizes[1]).toBe(4);
  expect(poolSizes[2]).toBeGreaterThan(20);
  expect([...lacking]).toEqual([["bank", 1]]);
});
