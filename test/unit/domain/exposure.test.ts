// DESIGN's arithmetic of the worst case, in numbers: its worked example first, then each kind of
// pod in turn.

import { describe, expect, test } from "vitest";
import { Exposure, slotsAtRest } from "../../../src/domain/demand/exposure.ts";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import {
  aGrant,
  anOwnSize,
  aPosition,
  aSnapshot,
  aWorkload,
  pods,
  published,
  startMs,
} from "../../support/builders.ts";

function slotsOf(...workloads: PoolFacts[]): number {
  return new Exposure(
    workloads.map((one) => aPosition(one)),
    1,
    0,
  ).slots;
}

describe("the worked example: budget 187, one service, autoscaler 3-15, pods that say 50", () => {
  const web = aWorkload("web", {
    autoscalerMaxReplicas: 15,
    pods: pods(3, { poolSize: 50 }),
    template: anOwnSize(50),
  });
  const settledMs = startMs + 5_000;
  const adopted = aSnapshot({ workloads: [web] });

  function decide(workload: PoolFacts): Plan {
    return plan({ ...adopted, workloads: [workload] }, settledMs);
  }

  const granted = { ...web, grant: aGrant(6) };

  test("before: far beyond", () => {
    const first = plan(adopted, startMs);
    expect(first.budgetSlots).toBe(187);
    expect(first.exposure.slots).toBe(3 * 50 + 12 * 50 + 15 * 50);
  });

  test("the share is 6 and is granted at once, the roll waits until it is handed out", () => {
    const first = plan(adopted, startMs);
    expect(first.pools.map(({ share }) => share)).toEqual([6]);
    expect(first.pools[0]?.grant).toMatchObject({
      poolSize: 6,
      decision: "Shrink",
      settlingPoolSize: 50,
    });
    expect(first.rolls.roll).toBeUndefined();
    expect(first.recheckAfterMs).toBe(5_000);
  });

  test("then one roll", () => {
    const second = plan(published(plan(adopted, startMs)), settledMs);
    expect(second.exposure.slots).toBe(3 * 50 + 12 * 6 + 15 * 6);
    expect(second.rolls.roll).toMatchObject({ poolSize: 6, toShrink: true, slots: 3 * 44 });
  });

  test("during the roll 240", () => {
    const rolling = decide({ ...granted, rollingOut: true, updatedReplicas: 0 });
    expect(rolling.exposure.slots).toBe(15 * 6 + 150);
    expect(rolling.rolls.roll).toBeUndefined();
  });

  test("after, 180, and nothing more to do", () => {
    const after = decide({ ...granted, pods: pods(3, { poolSize: 6, revision: "r2" }) });
    expect(after.exposure.slots).toBe(3 * 6 + 12 * 6 + 90);
    expect(after.exposure.slots).toBeLessThanOrEqual(187);
    expect(after.pools[0]?.grant.decision).toBe("Unchanged");
    expect(after.rolls).toMatchObject({ roll: undefined, waiting: [] });
  });

  test("scaled to 15 and deployed: still 180", () => {
    const old = pods(15, { poolSize: 6 });
    const scaled = { ...granted, replicas: 15, updatedReplicas: 15, pods: old };
    expect(decide(scaled).exposure.slots).toBe(180);
    const fresh = pods(9, { poolSize: 6, revision: "r2" });
    const deployed = { ...scaled, rollingOut: true, updatedReplicas: 9, pods: [...old, ...fresh] };
    expect(decide(deployed).exposure.slots).toBe(180);
  });
});

describe("exposure", () => {
  test("a staying pod counts as the larger of its own size and the grant", () => {
    const list = [...pods(1, { poolSize: 4 }), ...pods(1, { poolSize: 9 })];
    const web = aWorkload("web", { kind: "StatefulSet", pods: list, grant: aGrant(6) });
    expect(slotsOf(web)).toBe(6 + 9);
  });

  test("expected pods count with the grant", () => {
    const web = aWorkload("web", {
      kind: "StatefulSet",
      replicas: 5,
      pods: pods(2, { poolSize: 6 }),
      grant: aGrant(6),
    });
    expect(slotsOf(web)).toBe(5 * 6);
  });

  test("more pods than planned count as they are, and none is expected", () => {
    const web = aWorkload("web", {
      kind: "StatefulSet",
      replicas: 1,
      pods: pods(3, { poolSize: 6 }),
      grant: aGrant(6),
    });
    expect(slotsOf(web)).toBe(3 * 6);
  });

  test("a grant that is settling counts as the larger one, until it is settled", () => {
    const facts = { kind: "StatefulSet" as const, replicas: 2 };
    const settling = { settlingPoolSize: 20, settledAtMs: startMs + 1 };
    expect(slotsOf(aWorkload("web", { ...facts, grant: aGrant(6, settling) }))).toBe(2 * 20);
    const settled = { settlingPoolSize: 20, settledAtMs: startMs };
    expect(slotsOf(aWorkload("web", { ...facts, grant: aGrant(6, settled) }))).toBe(2 * 6);
  });

  test("processes and extras count for every pod, staying, expected, leaving and in the room", () => {
    const sizing = { processesPerPod: 2, extraConnectionsPerPod: 1 };
    const list = [...pods(1, { poolSize: 5 }), ...pods(1, { poolSize: 50, terminating: true })];
    const web = aWorkload("web", { sizing, replicas: 2, pods: list, grant: aGrant(5) });
    expect(slotsOf(web)).toBe(11 + 11 + 101);
    const still = aWorkload("web", {
      sizing,
      replicas: 2,
      pods: pods(1, { poolSize: 5 }),
      grant: aGrant(5),
    });
    expect(slotsOf(still)).toBe(11 + 11 + 22);
  });

  test("leaving pods use the room, and more than it where they hold more", () => {
    const leaving = pods(2, { poolSize: 6, terminating: true });
    const web = aWorkload("web", {
      pods: [...pods(3, { poolSize: 6 }), ...leaving],
      grant: aGrant(6),
    });
    expect(slotsOf(web)).toBe(18 + 18);
    const big = pods(2, { poolSize: 50, terminating: true });
    expect(slotsOf({ ...web, pods: [...pods(3, { poolSize: 6 }), ...big] })).toBe(18 + 100);
  });

  test("ghosts count as leaving", () => {
    const web = aWorkload("web", { pods: pods(3, { poolSize: 6 }), grant: aGrant(6) });
    const exposure = new Exposure([aPosition(web)], 1, 40);
    expect([exposure.slots, exposure.roomLineSlots, exposure.leavingSlots]).toEqual([58, 40, 40]);
  });

  test("pods of a workload that is gone are leaving", () => {
    const gone = aWorkload("gone", { exists: false, pods: pods(2, { poolSize: 7 }) });
    expect(slotsOf(gone)).toBe(14);
  });

  test("with room for two, a rollout under way with bigger pods leaves room for another", () => {
    const web = aWorkload("web", {
      pods: pods(3, { poolSize: 50 }),
      grant: aGrant(6),
      rollingOut: true,
      updatedReplicas: 0,
    });
    const api = aWorkload("api", { pods: pods(4, { poolSize: 5 }), grant: aGrant(5) });
    const positions = [api, web].map((one) => aPosition(one));
    expect(new Exposure(positions, 1, 0).slots).toBe(18 + 20 + 150);
    expect(new Exposure(positions, 2, 0).slots).toBe(18 + 20 + 150 + 20);
  });

  test("TerminationComplete in a rollout: what is there, and the rest of the surge", () => {
    const list = [...pods(2, { poolSize: 8 }), ...pods(5, { poolSize: 6, revision: "r2" })];
    const web = aWorkload("web", {
      replicas: 6,
      waitsForTermination: true,
      surgePods: 2,
      rollingOut: true,
      updatedReplicas: 5,
      pods: list,
      grant: aGrant(6),
    });
    expect(slotsOf(web)).toBe(2 * 8 + 6 * 6);
  });

  test("a roll adds its old pods to what is leaving, or its surge where new pods wait", () => {
    const gone = aWorkload("gone", { exists: false, pods: pods(1, { poolSize: 6 }) });
    const web = aWorkload("web", { pods: pods(2, { poolSize: 5 }), grant: aGrant(8) });
    const rollOf = (facts: Partial<PoolFacts>): number =>
      new Exposure([aPosition(gone), aPosition({ ...web, ...facts })], 1, 0).slotsWhileRolling(
        1,
        8,
      );
    expect(rollOf({})).toBe(16 + Math.max(16, 6 + 10));
    expect(rollOf({ pods: pods(2, { poolSize: 9 }) })).toBe(16 + 6 + 18);
    expect(rollOf({ waitsForTermination: true })).toBe(16 + 6 + 8);
    expect(rollOf({ strategy: "Recreate" })).toBe(16 + Math.max(8, 6));
  });

  test("a roll adds pods that have not started: they may do so by the template before it", () => {
    const facts = { replicas: 6, pods: [], template: anOwnSize(7), replacedPoolSize: 27 };
    const rollOf = (more: Partial<PoolFacts>): number =>
      new Exposure([aPosition(aWorkload("web", { ...facts, ...more }))], 1, 0).slotsWhileRolling(
        0,
        5,
      );
    const formerSlots = 6 * 27;
    expect(slotsOf(aWorkload("web", facts))).toBe(6 * 7 + formerSlots);
    expect(rollOf({})).toBe(6 * 5 + formerSlots + 6 * 7);
    expect(rollOf({ pods: pods(2, { poolSize: 7 }) })).toBe(6 * 5 + 4 * 27 + 2 * 7 + 4 * 7);
    expect(rollOf({ grant: aGrant(7) })).toBe(6 * 5 + 6 * 7);
    expect(rollOf({ strategy: "Recreate" })).toBe(6 * 5 + 7);
  });

  test("at rest it is what remains once grants are settled and leaving pods are gone", () => {
    const list = [...pods(3, { poolSize: 6 }), ...pods(2, { poolSize: 50, terminating: true })];
    const settling = { settlingPoolSize: 50, settledAtMs: startMs + 1 };
    const web = aPosition(aWorkload("web", { pods: list, grant: aGrant(6, settling) }));
    expect(slotsAtRest([web], [6], 1)).toBe(18 + 18);
    expect(slotsAtRest([web], [9], 1)).toBe(27 + 27);
  });

  test("asking for a workload that is not there is an error of ours", () => {
    expect(() => new Exposure([], 1, 0).slotsWithGrant(0, 5)).toThrow("no workload at 0");
  });
});

test("pods that a deleted workload left end together, whatever pools they have", () => {
  const left = pods(4, { isOfPredecessor: true, terminating: true, poolSize: 6 });
  const poolOf = (poolSize: number): PoolFacts =>
    aWorkload("web", { pods: [...pods(4, { poolSize }), ...left], rollingOut: false });
  const positions = [poolOf(12), poolOf(6)].map((one) => aPosition(one));
  const alone = positions.map((one) => ({ ...one, predecessorSlots: 0, leavingSlots: 0 }));
  const more = new Exposure(positions, 2, 0).slots - new Exposure(alone, 2, 0).slots;
  expect(more).toBe(4 * 6 + 4 * 6);
});
