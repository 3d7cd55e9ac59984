// Who may be moved claims a share; who may not claims what it holds, and is told what it could
// have.

import { expect, test } from "vitest";
import { decideShares } from "../../../src/domain/share-claims.ts";
import { aPosition, aWorkload, pods } from "../../support/builders.ts";

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
