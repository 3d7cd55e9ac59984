// Whether the use of a pool can be told. What a row says of it: use-rows.test.ts.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { poolKeyOf } from "../../../src/api/keys.ts";
import { usedBy } from "../../../src/domain/supply/told-use.ts";
import type { PoolFacts, SaidUse, SessionGroup } from "../../../src/domain/facts/facts.ts";
import * as build from "../../support/builders.ts";
import { aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const use: SaidUse = { peak: 6, isFull: false, confidence: "Medium", pods: 3, kept: "" };
const policy = aPolicy("orders");

function web(more: Partial<PoolFacts> = {}): PoolFacts {
  return aWorkload("web", { pods: pods(3, { poolSize: 10 }), use, ...more });
}

function told(pool: PoolFacts, others: readonly PoolFacts[] = [], spec: object = {}): unknown {
  const named = aPolicy("orders", { spec });
  const snapshot = aSnapshot({ policies: [named], workloads: [pool, ...others] });
  return usedBy(snapshot, { pool, policy: named });
}

test("what was seen of a pool is its use", () => {
  expect(told(web())).toBe(use);
});

test("nothing is told of a policy that does not want to know", () => {
  expect(told(web(), [], { demand: "Ignore" })).toBeUndefined();
});

test("what was seen before another pool came to the same pods counts no more", () => {
  const second = web({ poolKey: poolKeyOf(web().key, "jobs"), policy: policy.key });
  expect(told(web(), [second])).toMatch(/look alike/);
});

test("what was seen before all pods were on the network of their node counts no more", () => {
  const onHost = web().pods.map((pod) => ({ ...pod, isOnHostNetwork: true as const }));
  expect(told(web({ pods: onHost }))).toMatch(/network of their node/);
});

describe("a login that may not see all sessions any more", () => {
  const database = { secretRef: { name: "orders-db" }, role: "app" };
  const hidden = { user: "app", address: undefined, count: 9 };
  const etl = { ...hidden, user: "etl" };
  const unnamed = { ...hidden, user: "" };
  const ofPod = { user: "app", address: "10.0.0.1" };

  function toldBy(sessions: readonly Partial<SessionGroup>[], spec: object = {}): unknown {
    const named = aPolicy("orders", { spec });
    const pool = web({ pods: pods(3, { poolSize: 10, addresses: ["10.0.0.1"] }) });
    const groups = sessions.map((one) => build.sessions(one.count ?? 1, one));
    const reading = build.aReading({ seesAllSessions: false, sessions: groups });
    const snapshot = aSnapshot({
      ...{ policies: [named], workloads: [pool] },
      database: build.aDatabase({ reading }),
    });
    return usedBy(snapshot, { pool, policy: named });
  }

  test.each([
    ["tells nothing of a pool whose sessions are hidden", [hidden], { database }],
    ["tells nothing of it where the policy names no role", [hidden], {}],
    [
      "tells nothing where the server says no more than how many are hidden",
      [unnamed],
      { database },
    ],
  ])("%s", (_, sessions, spec) => {
    expect(toldBy(sessions, spec)).toMatch(/may not see which sessions are at work/);
  });

  test.each([
    ["still tells of a pool whose sessions it shows", [ofPod, hidden], {}],
    ["still tells of it where only those of other roles are hidden", [etl], { database }],
    ["still tells of it where none are hidden", [], {}],
  ])("%s", (_, sessions, spec) => {
    expect(toldBy(sessions, spec)).toBe(use);
  });
});

test("what was seen of a pool stands while it has no pods, whatever the login may see", () => {
  const reading = build.aReading({
    ...{ seesAllSessions: false, sessions: [build.sessions(3, { address: undefined })] },
  });
  const pool = web({ pods: [] });
  const snapshot = aSnapshot({ workloads: [pool], database: build.aDatabase({ reading }) });
  expect(usedBy(snapshot, { pool, policy })).toBe(use);
});

test("a pool whose use cannot be told any more is held to nothing", () => {
  const share = aPolicy("orders", { spec: { demand: "Share" } });
  const second = web({ poolKey: poolKeyOf(web().key, "jobs"), policy: share.key });
  const shareOf = (...workloads: PoolFacts[]): number | undefined =>
    plan(aSnapshot({ policies: [share], workloads }), startMs).pools[0]?.share;
  expect(shareOf(web())).toBe(8);
  expect(shareOf(web(), second)).toBeGreaterThan(8);
});
