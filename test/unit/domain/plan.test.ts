// The decision as a whole. The worked example is in exposure.test.ts, the laws in test/property.

import { describe, expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  settleTimeMs,
  startMs,
} from "../../support/builders.ts";

const web = aWorkload("web", { pods: pods(5, { poolSize: 6 }), grant: aGrant(6) });
const api = aWorkload("api", { pods: pods(5, { poolSize: 6 }), grant: aGrant(6) });

describe("plan", () => {
  test("workloads stand in the order of their keys, and equal snapshots give equal plans", () => {
    const snapshot = aSnapshot({ workloads: [web, api] });
    const first = plan(snapshot, startMs);
    expect(first.positions.map(({ workload }) => workload.name)).toEqual(["api", "web"]);
    expect(plan(snapshot, startMs)).toEqual(first);
  });

  test("what is foreign and what is our own is taken off the budget", () => {
    const reading = aReading({ sessions: [sessions(7)], ownSessions: 1 });
    const { budgetSlots } = plan(aSnapshot({ database: aDatabase({ reading }) }), startMs);
    expect(budgetSlots).toBe(200 - 3 - 10 - 7 - 1);
  });

  test("basis Pod counts only where every policy says so", () => {
    const policies = [
      aPolicy("orders", { spec: { basis: "Pod" } }),
      aPolicy("other", { spec: { basis: "Pod" } }),
    ];
    const wide = aWorkload("wide", { pods: pods(10, { poolSize: 6 }), policy: "shop/other" });
    const facts = { workloads: [web, wide], maxConnections: 413 };
    const together = plan(aSnapshot({ ...facts, policies }), startMs);
    expect(together.pools.map(({ share }) => share)).toEqual([16, 16]);
    const apart = plan(
      aSnapshot({ ...facts, policies: [aPolicy(), policies[1] ?? aPolicy()] }),
      startMs,
    );
    expect(apart.pools.map(({ share }) => share)).toEqual([27, 13]);
  });

  test("a policy without a pool, or with a quota beside others, does not say what weights speak of", () => {
    const own = aPolicy("orders", { spec: { basis: "Pod" } });
    const wide = aWorkload("wide", { pods: pods(10, { poolSize: 6 }) });
    const facts = { workloads: [web, wide], maxConnections: 413 };
    const sharesWith = (...more: Parameters<typeof aSnapshot>[0][]): unknown => {
      const snapshot = Object.assign({}, ...more) as Parameters<typeof aSnapshot>[0];
      return plan(aSnapshot(snapshot), startMs)
        .pools.slice(0, 2)
        .map(({ share }) => share);
    };
    expect(sharesWith(facts, { policies: [own, aPolicy("idle")] })).toEqual([16, 16]);
    const guest = aPolicy("guest", { namespace: "tenants" });
    const theirs = aWorkload("zero", {
      namespace: "tenants",
      policy: "tenants/guest",
      replicas: 0,
    });
    const policies = [own, guest];
    const workloads = [web, wide, theirs];
    const namespaceQuotas = [{ namespace: "tenants", amount: 1, unit: "percent" as const }];
    const [narrow, wider] = sharesWith(facts, { policies, workloads }) as [number, number];
    expect(narrow).toBeGreaterThan(wider);
    const bounded = sharesWith(facts, { policies, workloads, namespaceQuotas });
    expect(new Set(bounded as number[]).size).toBe(1);
  });

  test("a workload whose policy is not there is nobody's", () => {
    expect(plan(aSnapshot({ workloads: [web], policies: [] }), startMs).positions).toEqual([]);
  });

  test("while a dead process's writes may arrive nothing grows, no roll starts, and it looks again then", () => {
    const small = { ...web, pods: pods(5, { poolSize: 50 }), grant: aGrant(2) };
    const decide = (quietUntilMs?: number): ReturnType<typeof plan> => {
      const snapshot = aSnapshot({ workloads: [small] });
      return plan(quietUntilMs === undefined ? snapshot : { ...snapshot, quietUntilMs }, startMs);
    };
    const [quiet, over] = [decide(startMs + 4_000), decide(startMs)];
    expect(over.rolls.roll ?? over.pools[0]?.grant.decision).not.toBe("Unchanged");
    expect(quiet.rolls.roll).toBeUndefined();
    expect(quiet.pools[0]?.grant.poolSize).toBe(2);
    expect(quiet.recheckAfterMs).toBe(4_000);
  });

  test("nothing to wait for: no need to look again", () => {
    const { recheckAfterMs } = plan(
      aSnapshot({ workloads: [{ ...web, sizing: { ...web.sizing, ceiling: 6 } }] }),
      startMs,
    );
    expect(recheckAfterMs).toBeUndefined();
  });

  test("looks again when a shrink has settled, the soonest first", () => {
    const settling = { settlingPoolSize: 50, settledAtMs: startMs + 700 };
    const workloads = [
      { ...web, grant: aGrant(50) },
      { ...api, grant: aGrant(2, settling) },
    ];
    expect(plan(aSnapshot({ workloads }), startMs).recheckAfterMs).toBe(700);
    expect(
      plan(aSnapshot({ workloads: [{ ...web, grant: aGrant(50) }] }), startMs).recheckAfterMs,
    ).toBe(settleTimeMs);
  });

  test.each([
    {
      name: "gets no floor that one pod of it has no room for",
      sizing: { floor: 500, ceiling: 500 },
      replicas: 0,
      part: undefined,
      want: 187,
    },
    {
      name: "keeps a floor that fits",
      sizing: { floor: 20, ceiling: 500 },
      replicas: 0,
      part: undefined,
      want: 20,
    },
    {
      name: "gets no floor that the part of its namespace has no room for",
      sizing: { floor: 500, ceiling: 500, processesPerPod: 3 },
      replicas: 0,
      part: 20,
      want: 6,
    },
    {
      name: "gets the least where not one of the pods that it asks for fits the part",
      sizing: { floor: 100, ceiling: 500, extraConnectionsPerPod: 30 },
      replicas: 10,
      part: 20,
      want: 1,
    },
  ])("a workload that nothing is kept for $name", ({ sizing, replicas, part, want }) => {
    const workload = aWorkload("web", { replicas, sizing, grant: aGrant(1) });
    const namespaceQuotas =
      part === undefined ? [] : [{ namespace: "shop", amount: part, unit: "slots" as const }];
    const decided = plan(aSnapshot({ workloads: [workload], namespaceQuotas }), startMs);
    expect(decided.pools.map(({ grant }) => grant.poolSize)).toEqual([want]);
  });

  test("looks again when a cooldown is over", () => {
    const workload = { ...web, grant: aGrant(18), rolledAtMs: startMs - 60_000 };
    const { rolls, recheckAfterMs } = plan(aSnapshot({ workloads: [workload] }), startMs);
    expect(rolls.waiting).toHaveLength(1);
    expect(recheckAfterMs).toBe(240_000);
  });

  test("the largest rollouts of any policy count for the room", () => {
    const strict = aPolicy("strict", { spec: { reserve: { rollouts: 2 } } });
    const { exposure } = plan(
      aSnapshot({ workloads: [web, api], policies: [aPolicy(), strict] }),
      startMs,
    );
    expect(exposure.roomIndexes).toHaveLength(2);
  });

  test("without any limit, room for one rollout is kept in what is said", () => {
    const { exposure, budgetSlots, pools } = plan(
      aSnapshot({ workloads: [web], database: aDatabase({ reading: undefined }) }),
      startMs,
    );
    expect([budgetSlots, exposure.slots]).toEqual([undefined, 60]);
    expect(pools[0]?.grant).toMatchObject({ poolSize: 6, decision: "Unchanged" });
  });
});
