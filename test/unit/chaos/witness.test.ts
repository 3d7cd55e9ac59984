// The judge of a run must see what breaks the promise, count it once, and see nothing else.
import { expect, test } from "vitest";
import { createWitness } from "../../chaos/witness.ts";
import type { Pod } from "../../support/kubelet/pod.ts";

let uids = 0;

function pod(poolSize: number, annotation?: string): Pod {
  uids += 1;
  return {
    metadata: {
      name: `web-${uids}`,
      namespace: "chaos",
      uid: String(uids),
      labels: { app: "web" },
      annotations: annotation === undefined ? {} : { "poolwarden.dev/pool-size": annotation },
    },
    spec: {
      containers: [{ name: "app", env: [{ name: "DB_POOL_MAX_SIZE", value: String(poolSize) }] }],
    },
  };
}

test("before the fleet is adopted nothing is judged", () => {
  const said: string[] = [];
  const witness = createWitness(10, (line) => said.push(line));
  witness.seeSessions(50);
  witness.seePods([pod(50)]);
  expect(said).toEqual([]);
  expect(witness.seen).toMatchObject({ peakSessions: 0, peakSlots: 0, violations: [] });
});

test("each rise above the budget is one violation, however long it lasts", () => {
  const said: string[] = [];
  const witness = createWitness(10, (line) => said.push(line));
  witness.becomeStrict();
  for (const sessions of [10, 11, 12, 10, 11]) witness.seeSessions(sessions);
  expect(witness.seen.violations).toEqual([
    expect.stringContaining("11 sessions of 10"),
    expect.stringContaining("11 sessions of 10"),
  ]);
  expect(said).toHaveLength(2);
  expect(witness.seen.peakSessions).toBe(12);
});

test("what all pods together may hold is judged as well, and told by group", () => {
  const witness = createWitness(10, () => undefined);
  witness.becomeStrict();
  witness.seePods([pod(4, "4"), pod(4, "4"), pod(3, "3")]);
  expect(witness.seen.violations).toEqual(["11 slots of 10: 1 web × 3, 2 web × 4"]);
  expect(witness.seen.peakSlots).toBe(11);
});

test("pods that start unsized are counted once each, those of before the adoption not at all", () => {
  const witness = createWitness(10, () => undefined);
  const before = pod(2);
  const unsized = pod(2);
  witness.seePods([before]);
  witness.becomeStrict();
  witness.seePods([before, unsized, pod(2, "2")]);
  witness.seePods([before, unsized]);
  expect(witness.seen.unsized.size).toBe(1);
});
