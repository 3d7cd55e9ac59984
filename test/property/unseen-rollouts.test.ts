// Pods, Deployments and ReplicaSets are watches of their own. Of a rollout that is heard of in part
// the account may not be less than of the same rollout heard of in full: what is given away in
// between cannot be taken back when the rest arrives.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exposure } from "../../src/domain/demand/exposure.ts";
import type { PodFacts } from "../../src/domain/facts/facts.ts";
import type { Position } from "../../src/domain/demand/position.ts";
import { aGrant, aPosition, aWorkload, pods } from "../support/builders.ts";

/** Own sizes of a workload's pods, its grant, and how many of the pods end already. */
const fleet = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
    grant: fc.integer({ min: 1, max: 30 }),
    ending: fc.nat(6),
  })
  .map(({ sizes, grant, ending }) => ({
    replicas: sizes.length,
    grant: aGrant(grant),
    pods: sizes.flatMap((poolSize, index) => pods(1, { poolSize, terminating: index < ending })),
    rollingOut: true,
  }));

const inPart = { updateRevision: "r1", updatedReplicas: 0 };
const inFull = { updateRevision: "r2", updatedReplicas: 0 };

function slotsOf(positions: readonly Position[], rolloutsMax: number): number {
  return new Exposure(positions, rolloutsMax, 0).slots;
}

function another(count: number, poolSize: number, grant: number): Position {
  return aPosition(aWorkload("other", { grant: aGrant(grant), pods: pods(count, { poolSize }) }));
}

describe("a rollout heard of in part", () => {
  test("counts no less than heard of in full, within the rollouts that there is room for", () => {
    fc.assert(
      fc.property(fleet, fc.nat(6), fc.integer({ min: 1, max: 3 }), (facts, count, rolloutsMax) => {
        const other = another(count, 20, 10);
        const known = aPosition(aWorkload("web", { ...facts, ...inFull }));
        const unclear = aPosition(aWorkload("web", { ...facts, ...inPart }));
        const want = slotsOf([known, other], rolloutsMax);
        expect(slotsOf([unclear, other], rolloutsMax)).toBeGreaterThanOrEqual(want);
      }),
    );
  });

  test("nor where it stands still, which keeps nobody from rolling out beside it", () => {
    const standing = fc.constantFrom({ paused: true }, { stuck: "no quota" });
    fc.assert(
      fc.property(fleet, standing, fc.nat(60), (facts, why, leavingSlots) => {
        const beside = { ...another(3, 10, 10), leavingSlots, rolling: true };
        const known = aPosition(aWorkload("web", { ...facts, ...why, ...inFull }));
        const unclear = aPosition(aWorkload("web", { ...facts, ...why, ...inPart }));
        const want = slotsOf([known, beside], 1);
        expect(slotsOf([unclear, beside], 1)).toBeGreaterThanOrEqual(want);
      }),
    );
  });

  test("that waits for old pods has its surge to come, where it stands still", () => {
    const list: PodFacts[] = pods(4, { poolSize: 10 });
    const facts = { waitsForTermination: true, surgePods: 2, rollingOut: true, paused: true };
    const web = aWorkload("web", { ...facts, ...inPart, pods: list, grant: aGrant(10) });
    expect(aPosition(web).pendingSlots).toBe(20);
    expect(aPosition({ ...web, paused: false }).pendingSlots).toBe(0);
  });
});
