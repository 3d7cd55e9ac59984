// Which rolls would help: to give back what others need, or to take what passes the tolerance.

import { expect, test } from "vitest";
import { Exposure } from "../../../src/domain/demand/exposure.ts";
import { type Wish, wishOf } from "../../../src/domain/decide/wishes.ts";
import { aGrant, aPosition, aWorkload, pods } from "../../support/builders.ts";

function wishFor(
  ownPoolSize: number,
  target: number,
  shrinkNeeded: boolean,
  atShare = true,
): Wish[] {
  const workload = aWorkload("web", {
    replicas: 3,
    pods: pods(3, { poolSize: ownPoolSize }),
    grant: aGrant(target),
  });
  const position = aPosition(workload);
  const exposure = new Exposure([position], 1, 0);
  return wishOf({ position, index: 0, target, atShare, shrinkNeeded }, exposure);
}

test("pods that are larger than the grant give slots back, if others need them", () => {
  expect(wishFor(50, 6, true)).toMatchObject([{ toShrink: true, poolSize: 6, slots: 132 }]);
});

test("larger pods are left alone while nobody needs their slots", () => {
  expect(wishFor(50, 6, false)).toEqual([]);
});

test("smaller pods grow when the gain passes the tolerance", () => {
  expect(wishFor(10, 20, false)).toMatchObject([{ toShrink: false, poolSize: 20, slots: 30 }]);
  expect(wishFor(20, 21, false)).toEqual([]);
});

test("nobody is rolled to a size that is not the share yet", () => {
  expect(wishFor(10, 20, false, false)).toEqual([]);
});
