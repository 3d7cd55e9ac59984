// Which workloads are rolled: as few as repair the line, the one that gives back most first.

import { describe, expect, test } from "vitest";
import type { Snapshot, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import type { RollDecisions } from "../../../src/domain/decide/rolls.ts";
import {
  aGrant,
  anOwnSize,
  aPolicy,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

type Facts = Parameters<typeof aWorkload>[1];

/** Pods and a settled grant; without an autoscaler. */
function service(name: string, own: number, grant: number, more: Facts = {}): PoolFacts {
  return aWorkload(name, { pods: pods(5, { poolSize: own }), grant: aGrant(grant), ...more });
}

function rollsOf(
  workloads: PoolFacts[],
  more: Partial<Snapshot> & { maxConnections?: number } = {},
): RollDecisions {
  return plan(aSnapshot({ workloads, ...more }), startMs).rolls;
}

function rolled({ roll }: RollDecisions): string | undefined {
  return (
    roll &&
    `${roll.position.workload.name} ${roll.toShrink ? "shrinks" : "grows"} to ${roll.poolSize}`
  );
}

describe("rolls to shrink", () => {
  test("the line is broken: pods that hold more than they should are rolled", () => {
    expect(rolled(rollsOf([service("web", 20, 18)]))).toBe("web shrinks to 18");
  });

  test("the one that gives back most comes first", () => {
    const rolls = rollsOf([service("api", 20, 12), service("web", 50, 12)], {
      isEvictionOff: true,
    });
    expect(rolled(rolls)).toBe("web shrinks to 12");
    expect(rolls.roll?.slots).toBe(5 * 38);
  });

  test("what a roll adds while it goes on is taken off what it gives back", () => {
    const capped = { sizing: { ceiling: 10 } };
    const api = service("api", 22, 10, capped);
    const db = service("db", 20, 10, { kind: "StatefulSet", ...capped });
    const many = {
      kind: "StatefulSet" as const,
      pods: pods(60, { poolSize: 1 }),
      sizing: { floor: 1 },
    };
    const web = service("web", 1, 1, many);
    const policies = [aPolicy("orders", { spec: { reserve: { connections: 0, rollouts: 0 } } })];
    const rolls = rollsOf([api, db, web], { policies, maxConnections: 332 });
    expect(rolled(rolls)).toBe("db shrinks to 10");
  });

  test("of equal ones the first", () => {
    const workloads = [service("web", 50, 12), service("api", 50, 12)];
    expect(rolled(rollsOf(workloads, { isEvictionOff: true }))).toBe("api shrinks to 12");
  });

  test("while one rolls the next one waits", () => {
    const api = service("api", 50, 12, { rollingOut: true, updatedReplicas: 0 });
    const rolls = rollsOf([api, service("web", 50, 12)]);
    expect(rolled(rolls)).toBeUndefined();
    expect(rolls.waiting.map(({ obstacle }) => obstacle.message)).toContain(
      "waits for the rollout of api",
    );
    expect(rolls.obstacles.get(1)?.reason).toBe("RollsWaiting");
  });

  test("the line holds and nobody waits: nobody is restarted, however big the pods are", () => {
    const capped = service("web", 30, 18, { sizing: { ceiling: 18 } });
    expect(rollsOf([capped], { maxConnections: 1000 })).toMatchObject({
      roll: undefined,
      waiting: [],
    });
  });

  test("somebody waits for slots that pods hold beyond their share", () => {
    const workloads = [service("api", 19, 12), service("web", 6, 6)];
    const decided = plan(aSnapshot({ workloads }), startMs);
    expect(decided.exposure.slots).toBeLessThanOrEqual(187);
    expect(decided.pools[1]?.share).toBeGreaterThan(decided.pools[1]?.grant.poolSize ?? 0);
    expect(rolled(decided.rolls)).toBe("api shrinks to 12");
  });

  test("somebody waits for slots that only settle: no restart would help", () => {
    const settling = aGrant(12, { settlingPoolSize: 30, settledAtMs: startMs + 1 });
    const api = service("api", 12, 12, { grant: settling });
    const rolls = rollsOf([api, service("old", 13, 12), service("web", 6, 6)], {
      maxConnections: 262,
    });
    expect(rolled(rolls)).toBeUndefined();
    expect(rolls.waiting.filter(({ wish }) => wish.toShrink)).toEqual([]);
  });

  test("the line is broken only by pods that are leaving: they leave by themselves", () => {
    const leaving = pods(5, { poolSize: 50, terminating: true });
    const web = service("web", 13, 12, {
      pods: [...pods(5, { poolSize: 13 }), ...leaving],
      replicas: 5,
      updatedReplicas: 5,
    });
    const {
      exposure,
      budgetSlots = 0,
      rolls,
    } = plan(aSnapshot({ workloads: [web], maxConnections: 142 }), startMs);
    expect(exposure.slots).toBeGreaterThan(budgetSlots);
    expect(rolls).toMatchObject({ roll: undefined, waiting: [] });
  });

  test("a few big pods among small ones are reason enough", () => {
    const list = [...pods(3, { poolSize: 18 }), ...pods(1, { poolSize: 50 })];
    const web = service("web", 18, 18, { pods: list, autoscalerMaxReplicas: 5 });
    expect(rolled(rollsOf([web]))).toBe("web shrinks to 18");
  });

  test("caches that are not filled roll nobody", () => {
    expect(rollsOf([service("web", 50, 18)], { synced: false })).toMatchObject({ roll: undefined });
  });

  test("who may not be moved is not rolled", () => {
    const twice = service("web", 50, 18, { claimedBy: ["shop/orders", "shop/other"] });
    expect(rolled(rollsOf([twice]))).toBeUndefined();
  });
});

describe("whoever waits beside an act", () => {
  const capped = { sizing: { ceiling: 8 } };
  const few = { sizing: { ceiling: 4 }, pods: pods(3, { poolSize: 5 }) };
  const workloads = [
    service("api", 20, 8, capped),
    service("batch", 5, 4, { paused: true, ...few }),
    service("web", 50, 8, capped),
    service("zoo", 5, 4, { strategy: "OnDelete", ...few }),
  ];

  test("is told his own reason while another one is rolled", () => {
    const rolls = rollsOf(workloads, { isEvictionOff: true });
    expect(rolled(rolls)).toBe("web shrinks to 8");
    const said = rolls.waiting.map(({ wish, obstacle }) => [
      wish.position.workload.name,
      obstacle.message,
    ]);
    expect(Object.fromEntries(said)).toMatchObject({
      api: "waits for its turn after web",
      batch: expect.stringContaining("is paused") as string,
      zoo: expect.stringContaining("has update strategy OnDelete") as string,
    });
    expect(rolls.obstacles.size).toBe(3);
  });
});

describe("rolls to grow", () => {
  test("a gain above the tolerance is worth a roll", () => {
    expect(rolled(rollsOf([service("web", 16, 18)]))).toBe("web grows to 18");
  });

  test("a gain up to the tolerance is not", () => {
    const web = service("web", 17, 18);
    expect(rollsOf([web])).toMatchObject({ roll: undefined, waiting: [] });
    const exactly = [...pods(4, { poolSize: 18 }), ...pods(1, { poolSize: 10 })];
    expect(rolled(rollsOf([service("web", 18, 18, { pods: exactly })]))).toBeUndefined();
  });

  test("pods of both sides of their size are rolled for the gain", () => {
    const list = [...pods(2, { poolSize: 25 }), ...pods(8, { poolSize: 2 })];
    const web = service("web", 0, 9, { pods: list, sizing: { ceiling: 9 } });
    expect(rolled(rollsOf([web], { maxConnections: 1000 }))).toBe("web grows to 9");
  });

  test("not before the grant has come to the share: it would be followed by another", () => {
    const settling = aGrant(13, { settlingPoolSize: 17, settledAtMs: startMs + 1 });
    const api = service("api", 13, 13, { kind: "StatefulSet", grant: settling });
    const web = service("web", 4, 8, { kind: "StatefulSet" });
    const { pools, rolls } = plan(
      aSnapshot({ workloads: [api, web], maxConnections: 142 }),
      startMs,
    );
    expect([pools[1]?.grant.poolSize, pools[1]?.share]).toEqual([8, 12]);
    expect(rolls).toMatchObject({ roll: undefined, waiting: [] });
  });

  test("the largest gain first", () => {
    const rolls = rollsOf([service("api", 8, 12), service("web", 2, 12)]);
    expect(rolled(rolls)).toBe("web grows to 12");
  });
});

describe("template delivery", () => {
  const policies = [aPolicy("orders", { delivery: "Template" })];

  function written(own: number, template: number, more: Facts = {}): PoolFacts {
    return aWorkload("web", {
      pods: pods(5, { poolSize: own }),
      template: anOwnSize(template),
      ...more,
    });
  }

  function templateRoll(workload: PoolFacts): string | undefined {
    return rolled(rollsOf([workload], { policies }));
  }

  test("a template and pods that say too much are rolled", () => {
    expect(templateRoll(written(50, 50))).toBe("web shrinks to 18");
  });

  test("a template that says too much is rewritten even where every pod is small", () => {
    expect(templateRoll(written(6, 50))).toBe("web shrinks to 18");
  });

  test("with no pod there, for those that may start", () => {
    expect(templateRoll(written(0, 50, { pods: [], replicas: 5 }))).toBe("web shrinks to 18");
  });

  test("a template that says too little grows, where the gain is worth it", () => {
    expect(templateRoll(written(10, 10))).toBe("web grows to 18");
    expect(templateRoll(written(17, 17))).toBeUndefined();
  });

  test("a template without our entries is completed", () => {
    expect(templateRoll(written(18, 18, { templateIsWhole: false }))).toBe("web grows to 18");
    expect(templateRoll(written(18, 18))).toBeUndefined();
  });

  test("but not at the price of a restart that only takes away", () => {
    const web = written(30, 30, { templateIsWhole: false });
    const capped = { ...web, sizing: { ...web.sizing, ceiling: 18 } };
    const rolls = rollsOf([capped], { policies, maxConnections: 1000 });
    expect(rolls).toMatchObject({ roll: undefined, waiting: [] });
  });
});
