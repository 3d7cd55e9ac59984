// Shrink at once and settle; grow only when it fits, when all is known, and never while the line is
// broken.

import { describe, expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import {
  decideGrants,
  type GrantDecision,
  type GrantTerms,
} from "../../../src/domain/decide/grants.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import {
  aDatabase,
  aGrant,
  anOwnSize,
  aPolicy,
  aPosition,
  aReading,
  aSnapshot,
  aWorkload,
  limitsOf,
  pods,
  startMs,
} from "../../support/builders.ts";

const terms: GrantTerms = { mayGrow: () => true, nowMs: startMs, settleTimeMs: 5_000 };

function decide(
  workloads: PoolFacts[],
  shares: number[],
  more: Partial<GrantTerms> = {},
): GrantDecision[] {
  const positions = workloads.map((one) => aPosition(one, undefined, more.nowMs));
  return decideGrants(positions, shares, limitsOf(positions, 100), { ...terms, ...more });
}

/** Five planned pods, no room needed: 5 slots for each step of the grant. */
function five(name: string, poolSize: number, more: Partial<PoolFacts> = {}): PoolFacts {
  const list = pods(5, { poolSize });
  return aWorkload(name, { kind: "StatefulSet", pods: list, grant: aGrant(poolSize), ...more });
}

describe("decideGrants", () => {
  test("at its share it stays as it is", () => {
    expect(decide([five("web", 6)], [6])).toEqual([
      { poolSize: 6, settlingPoolSize: 0, settledAtMs: 0, decision: "Unchanged" },
    ]);
  });

  test("the first grant settles too, whatever its size", () => {
    const settledAtMs = startMs + 5_000;
    const inherited = aGrant(6, { isInherited: true });
    expect(decide([five("web", 6, { grant: inherited })], [6])[0]).toMatchObject({ settledAtMs });
    expect(decide([five("web", 6, { grant: inherited })], [8])[0]).toMatchObject({ settledAtMs });
    const template = anOwnSize(6);
    expect(decide([five("web", 6, { grant: undefined, template })], [6])[0]).toMatchObject({
      settledAtMs,
    });
  });

  test("nothing below another policy's grant: less could not be in force", () => {
    const web = five("web", 9, { otherGrantPoolSize: 8 });
    expect(decide([web], [6])[0]).toMatchObject({ poolSize: 8, decision: "Shrink" });
  });

  test("a shrink is published at once, and the old size counts until it has settled", () => {
    expect(decide([five("web", 9)], [6])).toEqual([
      { poolSize: 6, settlingPoolSize: 9, settledAtMs: startMs + 5_000, decision: "Shrink" },
    ]);
  });

  test("a shrink while an earlier one settles keeps the largest size of both", () => {
    const grant = aGrant(9, { settlingPoolSize: 50, settledAtMs: startMs + 1 });
    expect(decide([five("web", 9, { grant })], [6])[0]).toMatchObject({
      poolSize: 6,
      settlingPoolSize: 50,
      settledAtMs: startMs + 5_000,
    });
  });

  test("a grow is published as soon as it fits", () => {
    expect(decide([five("web", 6)], [20])[0]).toMatchObject({ poolSize: 20, decision: "Grow" });
  });

  test("a grow that fits in part is published in part", () => {
    expect(decide([five("web", 6)], [25])[0]).toMatchObject({ poolSize: 20, decision: "Grow" });
  });

  test("slots that others shrink out of are free only after the settle time", () => {
    const workloads = [five("api", 15), five("web", 5)];
    expect(decide(workloads, [10, 10]).map(({ decision }) => decision)).toEqual(["Shrink", "Wait"]);
    const settling = aGrant(10, { settlingPoolSize: 15, settledAtMs: startMs + 1 });
    const rolled = [five("api", 10, { grant: settling }), five("web", 5)];
    expect(decide(rolled, [10, 10])[1]?.decision).toBe("Wait");
    const settled = decide(rolled, [10, 10], { nowMs: startMs + 1 });
    expect(settled[1]).toMatchObject({ decision: "Grow", poolSize: 10 });
  });

  test("slots that pods hold by their own size are free only when they are gone", () => {
    const workloads = [five("api", 15, { grant: aGrant(10) }), five("web", 5)];
    expect(decide(workloads, [10, 10])[1]).toMatchObject({ decision: "Wait", poolSize: 5 });
  });

  test("the one that has the smallest part of its share grows first", () => {
    const workloads = [five("api", 6), five("web", 4)];
    expect(decide(workloads, [12, 12]).map(({ poolSize }) => poolSize)).toEqual([8, 12]);
  });

  test("of equal ones the first grows first", () => {
    const workloads = [five("api", 6), five("web", 6)];
    expect(decide(workloads, [12, 12]).map(({ poolSize }) => poolSize)).toEqual([12, 8]);
  });

  test("while the line is broken nothing grows, who is above its share still shrinks", () => {
    const workloads = [five("api", 30, { grant: aGrant(30) }), five("web", 4)];
    expect(decide(workloads, [10, 10]).map(({ decision }) => decision)).toEqual(["Shrink", "Wait"]);
  });

  test("nothing grows unless all is known", () => {
    const [decision] = decide([five("web", 6)], [20], { mayGrow: () => false });
    expect(decision).toMatchObject({ decision: "Wait", poolSize: 6 });
  });

  test("a size that is settling may be granted again for nothing", () => {
    const grant = aGrant(4, { settlingPoolSize: 20, settledAtMs: startMs + 1 });
    const [decision] = decide([five("web", 4, { grant })], [20]);
    expect(decision).toMatchObject({ decision: "Grow", poolSize: 20, settledAtMs: startMs + 1 });
  });

  test("in the middle of a rollout that waits, its surge was counted with the present size", () => {
    const list = [...pods(5, { poolSize: 6 }), ...pods(1, { poolSize: 6, revision: "r2" })];
    const surge = { waitsForTermination: true, surgePods: 3, rollingOut: true, updatedReplicas: 1 };
    const rolling = aWorkload("web", { replicas: 5, pods: list, grant: aGrant(6), ...surge });
    expect(decide([rolling], [10])[0]?.decision).toBe("Wait");
  });

  test("before the first grant, what the template says is what there is", () => {
    const web = five("web", 6, { grant: undefined, template: anOwnSize(50) });
    expect(decide([web], [6])[0]).toMatchObject({ decision: "Shrink", settlingPoolSize: 50 });
  });

  test("templates are not granted anything", () => {
    const template = aPolicy("orders", { delivery: "Template" });
    const positions = [aPosition(five("web", 9, { grant: undefined }), template)];
    const [decision] = decideGrants(positions, [6], limitsOf(positions, 100), terms);
    expect(decision).toMatchObject({ poolSize: 10, decision: "Unchanged" });
  });

  test("afterwards exposure says what is true once the grants are published", () => {
    const positions = [five("api", 6), five("web", 4)].map((one) => aPosition(one));
    const limits = limitsOf(positions, 100);
    decideGrants(positions, [12, 12], limits, terms);
    const { exposure } = limits.server;
    expect(exposure.slots).toBe(100);
    expect([exposure.grantOf(0), exposure.grantOf(1)]).toEqual([8, 12]);
  });
});

describe("what may grow, seen from the snapshot", () => {
  const workloads = [five("web", 6)];
  const unread = aDatabase({ reading: undefined });
  const failure = { reason: "DatabaseUnreachable" as const, message: "refused", atMs: startMs };
  const secret = { database: { secretRef: { name: "db" }, maxConnections: 200 } };
  const address = { database: { address: "db:5432", maxConnections: 200 } };

  test.each([
    { name: "all is known", facts: {}, want: "Grow" },
    { name: "caches are not filled", facts: { synced: false }, want: "Wait" },
    {
      name: "the latest reading failed",
      facts: { database: aDatabase({ failure }) },
      want: "Wait",
    },
    {
      name: "the server was never read, a declaration can only lower it",
      facts: { database: unread, policies: [aPolicy("orders", { spec: secret })] },
      want: "Wait",
    },
    {
      name: "declared only",
      facts: { database: unread, policies: [aPolicy("orders", { spec: address })] },
      want: "Grow",
    },
    { name: "no limit at all", facts: { database: unread }, want: "Unchanged" },
    {
      name: "the own session is on the account as well",
      facts: { database: aDatabase({ reading: aReading({ maxConnections: 43, ownSessions: 1 }) }) },
      want: "Shrink",
    },
  ])("$name: $want", ({ facts, want }) => {
    const { pools } = plan(aSnapshot({ workloads, ...facts }), startMs);
    expect(pools[0]?.grant.decision).toBe(want);
  });
});
