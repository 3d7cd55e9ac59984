// What really runs, as it was on a real node: a fleet on a server with 197 slots, after a new
// service had broken the line.

import { describe, expect, test } from "vitest";
import { plan } from "../../../src/domain/plan.ts";
import { mayAdd, rolloutAdds, runningOf } from "../../../src/domain/running.ts";
import { aGrant, aPosition, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const server = { limitSlots: 197 };
const nobody = { slotsNow: 0, ghostSlots: 0 };

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
    expect(runningOf([web], server, nobody, 1)).toEqual({
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
      1,
    );
    expect({ slots, stayingSlots }).toEqual({ slots: 15 + 9 * 9 + 1, stayingSlots: 16 });
  });

  test("leaving pods, sessions of pods that are gone, and sessions of others", () => {
    const both = [...pods(3, { poolSize: 5 }), ...pods(2, { poolSize: 20, terminating: true })];
    const web = aPosition(aWorkload("web", { pods: both, replicas: 3, updatedReplicas: 3 }));
    const running = runningOf([web], server, { slotsNow: 7, ghostSlots: 4 }, 1);
    expect(running).toMatchObject({ slots: 15 + 40 + 4 + 7 + 1, endingSlots: 44 });
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
