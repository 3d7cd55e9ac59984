// A line that is broken while the smaller grant of another workload is on its way: what only its
// former size covers is not covered for long. Of 104 slots, api has one pod of 17 and plans for
// two; it had a grant of 23, and 18 is what it gets. Web has four pods that are to have 8 each.

import { describe, expect, test } from "vitest";
import type { GrantFacts, PodFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { raisedWhileEvicting } from "../../../src/domain/decide/raised-limits.ts";
import type { RollDecisions } from "../../../src/domain/decide/rolls.ts";
import {
  aDatabase,
  aGrant,
  aPosition,
  aReading,
  aSnapshot,
  aWorkload,
  limitsOf,
  pods,
  startMs,
} from "../../support/builders.ts";

const settling = { settlingPoolSize: 23, settledAtMs: startMs + 4_000 };
const live = [...pods(3, { poolSize: 10 }), ...pods(1, { poolSize: 8 })];
const ending = pods(1, { poolSize: 10, terminating: true });

function decide(apiGrant: GrantFacts, webPods: readonly PodFacts[]): RollDecisions {
  const api = aWorkload("api", {
    ...{ pods: pods(1, { poolSize: 17 }), autoscalerMaxReplicas: 2, grant: apiGrant },
    sizing: { floor: 1, ceiling: 23 },
  });
  const web = aWorkload("web", {
    ...{ pods: webPods, replicas: 4, updatedReplicas: 4, grant: aGrant(8) },
    sizing: { floor: 8, ceiling: 8 },
  });
  const database = aDatabase({ reading: aReading({ maxConnections: 117 }) });
  return plan(aSnapshot({ database, workloads: [api, web] }), startMs).rolls;
}

const moments = [
  { when: "with the other's shrink", grant: aGrant(23) },
  { when: "while the other's shrink settles", grant: aGrant(18, settling) },
  { when: "once the other's shrink has settled", grant: aGrant(18) },
];

describe("a roll to 8", () => {
  // Without it 36 + 38 and room for 36, with it 36 + 32 and 48 that leave.
  test.each(moments)("beside a pod that ends is not begun $when", ({ grant }) => {
    const { roll, obstacles } = decide(grant, [...live, ...ending]);
    expect(roll).toBeUndefined();
    expect(obstacles.get(1)?.message).toMatch(/^waits, because its rollout would need/);
  });

  test.each(moments)("beside nobody who ends is begun $when", ({ grant }) => {
    expect(decide(grant, live).roll).toMatchObject({ index: 1, poolSize: 8 });
  });
});

describe("an eviction", () => {
  const api = aPosition(aWorkload("api", { pods: pods(2, { poolSize: 5 }), grant: aGrant(20) }));
  const webPods = [...pods(2, { poolSize: 10 }), ...pods(1, { poolSize: 10, terminating: true })];
  const web = aPosition(aWorkload("web", { pods: webPods, replicas: 2, grant: aGrant(8) }));
  const limits = limitsOf([api, web], 50);

  test.each([
    { size: 20, want: false },
    { size: 9, want: false },
    { size: 8, want: true },
  ])("of a pod of 10 beside one that ends, where the others' next pods get $size", (row) => {
    const raised = raisedWhileEvicting(
      { index: 1, poolSize: 10 },
      { limits, leastSizes: [row.size, 8] },
    );
    expect(raised !== undefined).toBe(row.want);
  });
});
