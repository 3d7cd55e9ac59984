// What a policy is told of its read replicas.
import { expect, test } from "vitest";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import type { Plan } from "../../../src/domain/decide/plan.ts";
import { planUnit } from "../../../src/domain/decide/plan-unit.ts";
import {
  replicaFailure,
  replicaRows,
  sayReplicas,
  serversByTurns,
} from "../../../src/domain/explain/replica-rows.ts";
import * as build from "../../support/builders.ts";

const status = { loginWorked: true, replicas: [{ server: "db-ro:5432", loginWorked: true }] };
const orders: PolicyFacts = build.aPolicy("orders", { status });
const web = build.aWorkload("web", { pods: build.pods(2), grant: build.aGrant(10) });

function planOn(database: Partial<Snapshot["database"]> = {}): Plan {
  const snapshots = [
    build.aSnapshot({ server: "db:5432", policies: [orders], workloads: [web] }),
    build.aSnapshot({
      server: "db-ro:5432",
      database: {
        ...build.aDatabase({ reading: build.aReading({ maxConnections: 60 }) }),
        ...database,
      },
      policies: [{ ...orders, isReplica: true }],
      workloads: [web],
    }),
  ];
  return planUnit(snapshots, build.startMs)[0] as Plan;
}

test("a policy without replicas has none in its status", () => {
  const snapshot = build.aSnapshot({ policies: [orders], workloads: [web] });
  const [alone] = planUnit([snapshot], build.startMs);
  expect(replicaRows(alone as Plan, orders)).toEqual({});
  expect(sayReplicas(alone as Plan, orders)).toBe("");
});

test("each replica has its numbers", () => {
  const decided = planOn();
  const [row] = replicaRows(decided, orders).replicas ?? [];
  expect(row).toMatchObject({ server: "db-ro:5432", maxConnections: 60, budget: 47, foreign: 0 });
  expect(row?.used).toBe(decided.limits.narrow[0]?.exposure.slots);
  expect(sayReplicas(decided, orders)).toBe("; read replica db-ro:5432: 60");
});

test("a replica that does not answer is named, with why", () => {
  const failure = { reason: "DatabaseTimeout", message: "no answer within 5 s" } as const;
  expect(replicaFailure(planOn({ failure }), orders)).toEqual({
    reason: "DatabaseTimeout",
    message: expect.stringMatching(/^read replica db-ro:5432: .*no answer within 5 s/) as string,
  });
  expect(replicaFailure(planOn(), orders)).toBeUndefined();
});

test("of a replica whose limit nobody knows, only what pools hold is told", () => {
  const unread = { reading: undefined, sessionSamples: [] };
  const [row] = replicaRows(planOn(unread), orders).replicas ?? [];
  expect(Object.keys(row ?? {}).sort()).toEqual(["loginWorked", "server", "used"]);
});

test("a replica whose name leads to several servers by turns is named", () => {
  const [finding] = serversByTurns(planOn({ serversByTurns: 2 }), orders);
  expect(finding?.message).toMatch("db-ro:5432 leads to 2 servers by turns");
  expect(serversByTurns(planOn(), orders)).toEqual([]);
});
