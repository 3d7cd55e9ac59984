// What really runs, as it was on a real node: a fleet on a server with 197 slots, after a new
// service had broken the line.

import { describe, expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { poolKeyOf } from "../../../src/api/keys.ts";
import {
  addedBy,
  mayAdd,
  rolloutAdds,
  runningOf,
  sayRunning,
} from "../../../src/domain/decide/running.ts";
import { aGrant, aPosition, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const server = { limitSlots: 197 };
const nobody = { slotsNow: 0, ghostSlots: 0, ownSessions: 1 };

describe("what really runs", () => {
  test("staying pods by their own sizes, not by the grant, and nobody who may come", () => {
    const web = aPosition(
      aWorkload("web", {
        pods: pods(3, { poolSize: 5 }),
        replicas: 3,
        autoscalerMaxReplicas: 12,
        grant: aGrant(9),
      }),
    );
    expect(runningOf([web], server, nobody, startMs)).toEqual({
      limitSlots: 197,
      slots: 16,
      stayingSlots: 16,
      endingSlots: 0,
    });
  });

  test("pods that are asked for and not there yet start in a moment", () => {
    const facts = { pods: pods(3, { poolSize: 5 }), replicas: 12, grant: aGrant(9) };
    const { slots, stayingSlots } = runningOf(
      [aPosition(aWorkload("web", facts))],
      server,
      nobody,
      startMs,
    );
    expect({ slots, stayingSlots }).toEqual({ slots: 15 + 9 * 9 + 1, stayingSlots: 16 });
  });

  test("a pod of a StatefulSet starts in a place that has none, though others run beyond", () => {
    const there = [1, 2, 3].flatMap((ordinal) => pods(1, { poolSize: 5, ordinal }));
    const db = aPosition(
      aWorkload("db", { kind: "StatefulSet", pods: there, replicas: 2, grant: aGrant(5) }),
    );
    expect(runningOf([db], server, nobody, startMs).slots).toBe(3 * 5 + 5 + 1);
  });

  test("leaving pods, sessions of pods that are gone, and sessions of others", () => {
    const both = [...pods(3, { poolSize: 5 }), ...pods(2, { poolSize: 20, terminating: true })];
    const web = aPosition(aWorkload("web", { pods: both, replicas: 3, updatedReplicas: 3 }));
    const running = runningOf([web], server, { ...nobody, slotsNow: 7, ghostSlots: 4 }, startMs);
    expect(running).toMatchObject({ slots: 15 + 40 + 4 + 7 + 1, endingSlots: 44 });
  });
});

test("what running pods were told to give back ends by itself, so nobody is rolled beside it", () => {
  const live = { size: 12, touches: 0, isResized: true } as const;
  const web = aPosition(aWorkload("web", { live: true, pods: pods(10, { poolSize: 22, live }) }));
  const running = runningOf([web], server, nobody, startMs);
  expect(running).toMatchObject({ slots: 221, stayingSlots: 121, endingSlots: 100 });
  expect(mayAdd(running, 1)).toBe(false);
});

test("foreign sessions that may be hidden keep others from starting, and are no reason to act", () => {
  const web = aPosition(aWorkload("web", { pods: pods(4, { poolSize: 40 }) }));
  const others = { ...nobody, slotsNow: 36, hiddenSlots: 9 };
  const running = runningOf([web], server, others, startMs);
  expect(running).toMatchObject({ slots: 206, stayingSlots: 197, hiddenSlots: 9 });
  expect(mayAdd(running, 1)).toBe(false);
  expect(sayRunning(running)).toBe(
    "206 of 197 slots are taken, 9 of them possibly by sessions of others until all pods are ready",
  );
});

describe("what a rollout gives back by itself, one pod after the other", () => {
  const longAgo = { createdAtMs: startMs - 300_000 };
  const both = [
    ...pods(3, { poolSize: 20, revision: "old" }),
    ...pods(1, { poolSize: 8, ...longAgo }),
  ];
  const rolling: Parameters<typeof aWorkload>[1] = {
    ...{ kind: "StatefulSet" as const, pods: both, replicas: 4, grant: aGrant(8) },
    ...{ rollingOut: true, updatedReplicas: 1, updateRevision: both[3]?.revision },
  };
  const unready = [...both.slice(0, 3), ...pods(1, { poolSize: 8, unready: true, ...longAgo })];
  const aMinuteAgo = { createdAtMs: startMs - 60_000 };
  const next = pods(1, { poolSize: 8, unready: true, ...aMinuteAgo });
  const starting = [...both.slice(0, 3), ...next];
  const missing = { pods: both.slice(0, 3), missingSinceMs: startMs - 300_000 };

  test.each([
    { name: "what its larger pods hold beyond the next ones", more: {}, want: 36 },
    {
      name: "what they will hold beyond the next ones once these have their settled size",
      more: { grant: aGrant(8, { settlingPoolSize: 15, settledAtMs: startMs + 4_000 }) },
      want: 36,
    },
    { name: "nothing where it is over", more: { rollingOut: false }, want: 0 },
    { name: "nothing where it is paused", more: { paused: true }, want: 0 },
    { name: "nothing where its controller says that it is stuck", more: { stuck: "x" }, want: 0 },
    {
      name: "nothing where somebody has to delete its pods",
      more: { strategy: "OnDelete" },
      want: 0,
    },
    { name: "the same where its next pod is about to start", more: { pods: starting }, want: 36 },
    { name: "nothing where its next pod is not ready for long", more: { pods: unready }, want: 0 },
    { name: "nothing where its next pod is missing for long", more: missing, want: 0 },
    {
      name: "all of its old pods where new ones do not wait for them",
      more: { kind: "Deployment" },
      want: 60,
    },
  ] as const)("$name", ({ more, want }) => {
    const web = aPosition(aWorkload("web", { ...rolling, ...more }));
    expect(runningOf([web], server, nobody, startMs).endingSlots).toBe(want);
  });

  test("a roll of another workload waits for it, and no longer than for its next pod", () => {
    const web = aWorkload("web", {
      ...{ pods: pods(1, { poolSize: 50 }), replicas: 1, grant: aGrant(41) },
      sizing: { ceiling: 41 },
    });
    const db = aWorkload("db", {
      ...rolling,
      pods: [...pods(3, { poolSize: 50, revision: "old" }), ...next],
      sizing: { ceiling: 8 },
    });
    const { rolls, recheckAfterMs } = plan(aSnapshot({ workloads: [db, web] }), startMs);
    expect(rolls.roll).toBeUndefined();
    expect(rolls.obstacles.get(0)?.message).toContain(
      "waits, because 208 of 197 slots are taken, 126 of them by pods that are ending, being replaced, giving slots back, or " +
        "gone, and its rollout would add 41",
    );
    expect(recheckAfterMs).toBe(240_000);
  });
});

describe("what a rollout adds", () => {
  const four = { pods: pods(4, { poolSize: 10 }), replicas: 4 };
  test.each([
    { name: "all new pods beside all old ones", facts: {}, want: 4 * 8 },
    {
      name: "nothing, where each waits for the one it replaces",
      facts: { kind: "StatefulSet" },
      want: 0,
    },
    { name: "nothing, where all end first", facts: { strategy: "Recreate" }, want: 0 },
    {
      name: "its surge, where new pods wait for old ones",
      facts: { waitsForTermination: true, surgePods: 1 },
      want: 8,
    },
  ] as const)("$name: $want", ({ facts, want }) => {
    expect(rolloutAdds(aPosition(aWorkload("web", { ...four, ...facts })), 8)).toBe(want);
  });

  test("a StatefulSet's pods that grow add what they grow by", () => {
    const position = aPosition(aWorkload("db", { ...four, kind: "StatefulSet" }));
    expect(rolloutAdds(position, 12)).toBe(4 * 2);
  });
});

test("two pods of 31 are not rolled to 23 while 162 of 197 slots are taken", () => {
  const batch = aWorkload("batch", {
    ...{ pods: pods(2, { poolSize: 31 }), replicas: 2, grant: aGrant(23) },
    sizing: { ceiling: 23 },
  });
  const web = aWorkload("web", {
    ...{ pods: pods(20, { poolSize: 5 }), replicas: 20, grant: aGrant(5) },
    sizing: { ceiling: 5 },
  });
  const {
    rolls,
    exposure,
    budgetSlots = 0,
  } = plan(aSnapshot({ workloads: [batch, web] }), startMs);
  expect(exposure.slots).toBeGreaterThan(budgetSlots);
  expect(rolls.roll).toBeUndefined();
  expect(rolls.obstacles.get(0)?.message).toMatch(
    /^waits, because 162 of 197 slots are taken, and its rollout would add 46/,
  );
});

test("what stays does not fit: whatever is replaced gives back", () => {
  expect(mayAdd({ limitSlots: 97, slots: 300, stayingSlots: 150, endingSlots: 150 }, 18)).toBe(
    true,
  );
  expect(mayAdd({ limitSlots: 97, slots: 300, stayingSlots: 90, endingSlots: 210 }, 18)).toBe(
    false,
  );
});

test("the limits that count a workload, the server's first", () => {
  const none = { slots: 0, stayingSlots: 0, endingSlots: 0, limitSlots: 1 };
  const limits = [
    none,
    ...[["web"], ["api"], ["api", "web"]].map((names) => ({
      ...{ ...none, limitedBy: names.join() },
      members: new Set(names.map((name) => `shop/Deployment/${name}`)),
    })),
  ];
  const of = (name: string): (string | undefined)[] => {
    const act = { index: 0, position: aPosition(aWorkload(name)), poolSize: 1 };
    return addedBy(act, limits, () => 1).map(({ running }) => running.limitedBy);
  };
  expect([of("web"), of("api"), of("job")]).toEqual([
    [undefined, "web", "api,web"],
    [undefined, "api", "api,web"],
    [undefined],
  ]);
});

test("an act adds what all pools of its pods add, in each limit that counts them", () => {
  const limit = { slots: 0, stayingSlots: 0, endingSlots: 0, limitSlots: 1 };
  const web = aWorkload("web");
  const [main, other] = [undefined, "replica"].map((pool) =>
    aPosition({ ...web, poolKey: poolKeyOf(web.key, pool) }),
  );
  if (!main || !other) throw new Error("there are two");
  const ofOther = { ...limit, members: new Set([other.pool.poolKey]) };
  const beside = [{ index: 1, position: other, poolSize: 4 }];
  const act = { index: 0, position: main, poolSize: 3, beside };
  const added = addedBy(act, [limit, ofOther], (_, poolSize) => poolSize);
  expect(added).toEqual([
    { running: limit, addedSlots: 7 },
    { running: ofOther, addedSlots: 4 },
  ]);
});
