// Who may be moved claims a share; who may not claims what it holds, and is told what it could
// have.

import { expect, test } from "vitest";
import { decideShares } from "../../../src/domain/decide/share-decisions.ts";
import { aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

const terms = { budgetSlots: 100, rolloutsMax: 0, basis: "Workload" } as const;
const web = aPosition(aWorkload("web", { replicas: 5, pods: pods(5, { poolSize: 10 }) }));
const fixed = { ...web, managed: false, inForce: 8, published: 8 };

test("what may not be moved keeps its size, and the others share the rest", () => {
  // Five pods that hold 10 each and would be replaced by 8: they hold 50.
  const { poolSizes } = decideShares([fixed, web], terms);
  expect(poolSizes).toEqual([8, 10]);
});

test("advice is what would be if everybody could be moved", () => {
  expect(decideShares([fixed, web], terms).advised).toEqual([10, 10]);
});

test("nothing is kept for a workload without planned pods: it gets its floor", () => {
  const none = { plannedPods: 0, roomPods: 0, staying: [], stayingPods: 0 };
  const idle = { ...web, ...none, recent: { pods: 0, fewerSinceMs: undefined } };
  expect(decideShares([idle, web], terms).poolSizes).toEqual([2, 20]);
});

test("floors that do not fit say by how much", () => {
  expect(decideShares([web], { ...terms, budgetSlots: 4 })).toMatchObject({ missingSlots: 6 });
});

/** Five pods are planned for, and ten were until a moment ago. */
const fewer = { ...web, recent: { pods: 10, fewerSinceMs: startMs } };

test("nobody grows into pods that were planned for until lately", () => {
  const { poolSizes, later } = decideShares([fewer, { ...web, published: 6 }], terms);
  expect(later).toEqual([10, 10]);
  expect(poolSizes).toEqual([10, 10]);
  const small = { ...web, published: 2 };
  expect(decideShares([{ ...fewer, published: 2 }, small], terms).poolSizes).toEqual([5, 10]);
});

test("who has more than recent pods would leave keeps it, as far as its share goes", () => {
  const large = { ...fewer, published: 8 };
  expect(decideShares([large, { ...web, published: 30 }], terms).poolSizes).toEqual([8, 10]);
});

test("what is gone is counted on until it is forgotten", () => {
  const gone = aPosition(aWorkload("old", { exists: false }));
  const recently = { ...gone, recent: { pods: 5, fewerSinceMs: startMs } };
  const small = { ...web, published: 2 };
  expect(decideShares([recently, small], terms).poolSizes[1]).toBe(10);
  expect(decideShares([gone, small], terms).poolSizes[1]).toBe(20);
});

test("what is scaled to 0 keeps its size until it is forgotten", () => {
  const none = { plannedPods: 0, roomPods: 0, staying: [], stayingPods: 0, published: 7 };
  const idle = { ...web, ...none, recent: { pods: 5, fewerSinceMs: startMs } };
  expect(decideShares([idle, { ...web, published: 10 }], terms).poolSizes).toEqual([7, 10]);
});
