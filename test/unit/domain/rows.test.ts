// One row per workload: what is done and why, with the arithmetic.

import { describe, expect, test } from "vitest";
import { poolKeyOf } from "../../../src/api/keys.ts";
import type { WorkloadRow } from "../../../src/api/poolpolicy.ts";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { poolSizeAfter, rowOf } from "../../../src/domain/explain/rows.ts";
import {
  aDatabase,
  aGrant,
  anOwnSize,
  aPolicy,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const web = aWorkload("web", {
  autoscalerMaxReplicas: 5,
  pods: pods(3, { poolSize: 18 }),
  grant: aGrant(18),
  template: anOwnSize(50),
});

function webRow(snapshot: Partial<Snapshot>): WorkloadRow {
  const decided = plan(aSnapshot({ workloads: [web], ...snapshot }), startMs);
  const [pool] = decided.pools;
  if (!pool) throw new Error("there is one workload");
  return rowOf(decided, pool);
}

function observed(spec: object): PolicyFacts {
  return aPolicy("orders", { spec });
}

const failure = { reason: "SecretNotFound" as const, message: "no secret db", atMs: startMs };
const rows: { name: string; snapshot: Partial<Snapshot>; want: Partial<WorkloadRow> }[] = [
  {
    name: "nothing to change",
    snapshot: {},
    want: {
      workload: "Deployment/web",
      replicas: 3,
      pods: 3,
      plannedPods: 5,
      poolSize: 18,
      wantedPoolSize: 18,
      slots: 90,
      decision: "Unchanged",
      reason: "Applied",
      message: "nothing to change; 3 pods hold 54 slots, 2 more may start with 18 each: 90 in all",
    },
  },
  {
    name: "a shrink",
    snapshot: { workloads: [{ ...web, grant: aGrant(30) }] },
    want: {
      poolSize: 18,
      decision: "Shrink",
      reason: "GrantChanged",
      message:
        "next pods get 30→18; 3 pods hold 54 slots, 2 more may start with 18 each: 90 in all, 150 until the new size is in force",
    },
  },
  {
    name: "the first grant, while pods wait to be rolled to it",
    snapshot: { workloads: [{ ...web, grant: undefined, pods: pods(3, { poolSize: 50 }) }] },
    want: { decision: "Shrink", poolSize: 18 },
  },
  {
    name: "a grow",
    snapshot: { workloads: [{ ...web, grant: aGrant(12) }] },
    want: { poolSize: 18, decision: "Grow", reason: "GrantChanged" },
  },
  {
    name: "a roll",
    snapshot: { workloads: [{ ...web, pods: pods(3, { poolSize: 40 }) }] },
    want: {
      decision: "Roll",
      reason: "RollStarted",
      slots: 156,
      message:
        "rollout to pool size 18 starts; 3 pods hold 120 slots, 2 more may start with 18 each: 156 in all",
    },
  },
  {
    name: "a roll that waits, and why",
    snapshot: { workloads: [{ ...web, pods: pods(3, { poolSize: 50 }), paused: true }] },
    want: { decision: "Wait", reason: "RolloutPaused" },
  },
  {
    name: "a grow that waits",
    snapshot: { workloads: [{ ...web, grant: aGrant(12) }], synced: false },
    want: {
      poolSize: 12,
      wantedPoolSize: 18,
      decision: "Wait",
      reason: "GrowthWaiting",
    },
  },
  {
    name: "terminating pods are told apart",
    snapshot: {
      workloads: [
        {
          ...web,
          pods: [...pods(3, { poolSize: 18 }), ...pods(2, { poolSize: 18, terminating: true })],
        },
      ],
    },
    want: {
      pods: 5,
      message:
        "nothing to change; 3 pods hold 54 slots, 2 more may start with 18 each: 90 in all, 2 terminating pods hold 36",
    },
  },
  {
    name: "a rollout that is blocked, whoever started it",
    snapshot: {
      workloads: [{ ...web, rollingOut: true, updatedReplicas: 0, stuck: "quota" }],
    },
    want: {
      decision: "Wait",
      reason: "RolloutStuck",
      message:
        "rollout is blocked: quota; 3 old pods still run and hold 54 slots, 0 of 3 new pods exist; " +
        "0 pods hold 0 slots, 5 more may start with 18 each: 90 in all",
    },
  },
  {
    name: "no size yet, because the limit of the server was never known",
    snapshot: {
      database: aDatabase({ reading: undefined }),
      workloads: [{ ...web, grant: undefined }],
    },
    want: { decision: "Wait", reason: "BudgetUnknown" },
  },
  {
    name: "the size stays while the limit of the server is not known",
    snapshot: { database: aDatabase({ reading: undefined }) },
    want: { decision: "Unchanged", reason: "BudgetUnknown" },
  },
  {
    name: "observed: what it would get",
    snapshot: {
      policies: [observed({ mode: "Observe" })],
      workloads: [{ ...web, grant: undefined }],
    },
    want: { poolSize: 50, wantedPoolSize: 18, decision: "Unmanaged", reason: "Observing" },
  },
  {
    name: "a policy that failed",
    snapshot: { policies: [aPolicy("orders", { failure })] },
    want: { decision: "Unmanaged", reason: "SecretNotFound", poolSize: 18 },
  },
  {
    name: "claimed twice",
    snapshot: { workloads: [{ ...web, claimedBy: ["shop/a", "shop/b"] }] },
    want: { decision: "Unmanaged", reason: "ClaimedTwice" },
  },
  {
    name: "a blocking finding",
    snapshot: {
      workloads: [
        {
          ...web,
          findings: [{ reason: "ContainerNotFound", message: "no app", severity: "blocking" }],
        },
      ],
    },
    want: { decision: "Unmanaged", reason: "ContainerNotFound" },
  },
  {
    name: "gone",
    snapshot: { workloads: [{ ...web, exists: false }] },
    want: { decision: "Unmanaged", reason: "Applied", plannedPods: 0, slots: 0 },
  },
];

describe("rows", () => {
  test.each(rows)("$name", ({ snapshot, want }) => {
    expect(webRow(snapshot)).toMatchObject(want);
  });

  test("template delivery: the size after the roll that is started now", () => {
    const policies = [aPolicy("orders", { delivery: "Template" })];
    const one = { ...web, grant: undefined, pods: pods(3, { poolSize: 40 }) };
    expect(webRow({ policies, workloads: [one] })).toMatchObject({
      decision: "Roll",
      poolSize: 18,
    });
    const paused = plan(aSnapshot({ policies, workloads: [{ ...one, paused: true }] }), startMs);
    const [pool] = paused.pools;
    expect(pool && poolSizeAfter(paused, pool)).toBe(50);
  });
});

test("each pool of a workload has a row, by the name under which its grant stands", () => {
  const replica = { ...web, poolKey: poolKeyOf(web.key, "replica"), grant: aGrant(4) };
  const decided = plan(aSnapshot({ workloads: [replica, web] }), startMs);
  const told = decided.pools.map((pool) => rowOf(decided, pool).workload);
  expect(told).toEqual(["Deployment/web", "Deployment/web/replica"]);
});
