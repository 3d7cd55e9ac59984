// Pods that a rollout replaces are told apart from those that end, and a rollout that is blocked
// says how to go on.

import { describe, expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import type { Position } from "../../../src/domain/demand/position.ts";
import { sayBlocked, sayLeaving, sayProgress } from "../../../src/domain/words/say-rollout.ts";
import { aPosition, aWorkload, pods } from "../../support/builders.ts";

const quota = "exceeded quota: pods";

function rolling(more: Partial<PoolFacts> = {}): Position {
  const rollout = { rollingOut: true, updatedReplicas: 0, pods: pods(3, { poolSize: 5 }) };
  return aPosition(aWorkload("web", { ...rollout, ...more }));
}

describe("a rollout", () => {
  test("that is blocked: what runs, what is missing, and the way out", () => {
    expect(sayBlocked(rolling(), quota)).toBe(
      "rollout is blocked: exceeded quota: pods; 3 old pods still run and hold 15 slots, 0 of 3 new " +
        "pods exist. To fix: raise the quota, or set maxSurge: 0",
    );
  });

  test("of a StatefulSet has no surge; another cause has another way out", () => {
    const set = rolling({ kind: "StatefulSet" });
    expect(sayBlocked(set, quota)).toMatch(/To fix: raise the quota$/);
    expect(sayBlocked(rolling(), "image")).not.toContain("quota");
  });

  test("in the singular", () => {
    const one = rolling({ pods: pods(1, { poolSize: 1 }) });
    expect(sayBlocked(one, "image")).toBe(
      "rollout is blocked: image; 1 old pod still runs and holds 1 slot, 0 of 1 new pod exist",
    );
  });

  test("in progress, with old and with terminating pods", () => {
    const both = rolling({
      replicas: 3,
      updatedReplicas: 1,
      updateRevision: "r2",
      pods: [
        ...pods(1, { poolSize: 9, revision: "r2" }),
        ...pods(2, { poolSize: 5 }),
        ...pods(1, { poolSize: 5, terminating: true }),
      ],
    });
    expect(sayLeaving(both)).toBe(", 2 old pods hold 10, 1 terminating pod holds 5");
    expect(sayProgress(both)).toBe(
      "rollout in progress: 1 of 3 new pods exists, 2 old pods hold 10, 1 terminating pod holds 5",
    );
  });

  test("nothing on its way out, nothing said", () => {
    expect(sayLeaving(aPosition(aWorkload("web", { pods: pods(2) })))).toBe("");
  });
});
