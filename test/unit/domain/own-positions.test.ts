// Whose workloads are whose, as the plain definition has it, and with one look at each of them
// however many policies ask.

import { expect, test } from "vitest";
import { claimedBeside, ownAmong } from "../../../src/domain/demand/own-positions.ts";
import type { Position } from "../../../src/domain/demand/position.ts";
import { aPolicy, aPosition, aWorkload } from "../../support/builders.ts";

const policies = ["a", "b", "c", "d"].map((name) => aPolicy(name));
const keys = policies.map(({ key }) => key);

function aCrowd(): Position[] {
  return Array.from({ length: 20 }, (_, index) => {
    const policy = policies[index % 3] ?? aPolicy();
    const claimedBy = index % 2 === 0 ? [policy.key] : keys.slice(0, 1 + (index % 4));
    return aPosition(aWorkload(`w${index}`, { policy: policy.key, claimedBy }), policy);
  });
}

test.each(keys)("those of %s", (key) => {
  const positions = aCrowd();
  const own = [...positions.entries()]
    .filter(([, { policy }]) => policy.key === key)
    .map(([index, position]) => ({ index, position }));
  expect(ownAmong(positions, key)).toEqual(own);
  const beside = positions.filter(({ policy, pool }) => {
    return policy.key !== key && pool.claimedBy.includes(key);
  });
  expect(claimedBeside(positions, key)).toEqual(beside);
});

test("they are looked at once, however many policies ask", () => {
  let looks = 0;
  const positions = aCrowd().map((position) =>
    Object.defineProperty({ ...position }, "policy", {
      get: () => {
        looks += 1;
        return position.policy;
      },
    }),
  );
  for (const key of [...keys, ...keys, "shop/none"]) ownAmong(positions, key);
  expect(looks).toBe(positions.length);
});
