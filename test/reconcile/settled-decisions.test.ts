// When the last decision stands, and when it is made anew: whatever a decision is made from counts,
// and the time for which the plan asked.

import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import type { Applied } from "../../src/reconcile/apply/apply.ts";
import { SettledDecisions } from "../../src/reconcile/memory/settled-decisions.ts";
import {
  aDatabase,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  startMs,
} from "../support/builders.ts";

const nothing: Applied = {
  statuses: [],
  resizes: [],
  releases: [],
  roll: undefined,
  eviction: undefined,
  failures: [],
  retryAfterMs: undefined,
};
const recheckAfterMs = 60_000;
const fleet = aSnapshot({ workloads: [aWorkload("web", { pods: pods(2) })] });

/** The decision on `fleet`, which has nothing more to do, and came to `applied`. */
function settled(applied: Partial<Applied> = {}, more: Partial<Plan> = {}): SettledDecisions {
  const decisions = new SettledDecisions();
  const decided = { ...plan(fleet, startMs), recheckAfterMs, ...more };
  const rolls = { ...decided.rolls, roll: undefined };
  decisions.note({ ...decided, rolls }, { ...nothing, ...applied });
  return decisions;
}

/** What the next reading brings. */
function read(more: Parameters<typeof aReading>[0]): Partial<Snapshot> {
  const reading = aReading({ atMs: startMs + 15_000, ...more });
  return { database: aDatabase({ reading }) };
}

describe("a decision that left nothing to do stands", () => {
  test.each<{ name: string; more: Partial<Snapshot>; afterMs: number }>([
    { name: "at the same moment", more: {}, afterMs: 0 },
    { name: "until the moment that the plan asked for", more: {}, afterMs: recheckAfterMs - 1 },
    { name: "after a reading that says the same", more: read({}), afterMs: 15_000 },
  ])("$name", ({ more, afterMs }) => {
    const snapshot = { ...structuredClone(fleet), ...more };
    expect(settled().on(snapshot, startMs + afterMs)).toMatchObject({
      snapshot,
      nowMs: startMs + afterMs,
      recheckAfterMs: recheckAfterMs - afterMs,
    });
  });
});

test("a decision does not stand once its server is decided on with another one", () => {
  const unit = [fleet.server, "other.shop.svc:5432"];
  expect(settled().on(fleet, startMs, [fleet.server])).toBeDefined();
  expect(settled().on(fleet, startMs, unit)).toBeUndefined();
});

describe("a decision whose writes were refused", () => {
  const refused = (): SettledDecisions => settled({ retryAfterMs: 1_000 });

  test("stands until the next try, and asks to be looked at then", () => {
    expect(refused().on(fleet, startMs + 400)).toMatchObject({ recheckAfterMs: 600 });
  });

  test("is made anew for the next try", () => {
    expect(refused().on(fleet, startMs + 1_000)).toBeUndefined();
  });

  test("is made anew when a fact has changed before", () => {
    const changed = { ...fleet, policies: [aPolicy("orders", { resourceVersion: "2" })] };
    expect(refused().on(changed, startMs + 400)).toBeUndefined();
  });
});

describe("the age of a reading", () => {
  const aged = { ...fleet, database: { ...fleet.database, isOld: true } };

  test("changes nothing where nothing waits for the next one", () => {
    expect(settled().on(aged, startMs)).toBeDefined();
  });

  test("counts where a repair waits for the next one", () => {
    const obstacle = { reason: "RollsWaiting", message: "", needsReading: true } as const;
    const wish = { index: 0 } as Plan["rolls"]["waiting"][number]["wish"];
    const { rolls } = plan(fleet, startMs);
    const decisions = settled({}, { rolls: { ...rolls, waiting: [{ wish, obstacle }] } });
    expect(decisions.on(aged, startMs)).toBeUndefined();
    expect(decisions.on(fleet, startMs)).toBeDefined();
  });
});

describe("it is decided anew", () => {
  test.each<{ name: string; more: Partial<Snapshot> }>([
    { name: "when a pod has come", more: { workloads: [aWorkload("web", { pods: pods(3) })] } },
    {
      name: "when a workload has come",
      more: { workloads: [...fleet.workloads, aWorkload("api")] },
    },
    {
      name: "when a policy is another",
      more: { policies: [aPolicy("orders", { generation: 2 })] },
    },
    { name: "when a cache has a gap", more: { synced: false } },
    { name: "when the server has fewer slots", more: read({ maxConnections: 150 }) },
    { name: "when somebody has opened sessions", more: read({ sessions: [sessions(5)] }) },
    {
      name: "when a namespace may be told more of foreign sessions",
      more: {
        database: {
          ...fleet.database,
          sights: [{ namespace: "bank", role: "auditor", seesAllSessions: true }],
        },
      },
    },
    {
      name: "when the server cannot be read any more",
      more: {
        database: aDatabase({ failure: { reason: "DatabaseTimeout", message: "no answer" } }),
      },
    },
  ])("$name", ({ more }) => {
    expect(settled().on({ ...fleet, ...more }, startMs)).toBeUndefined();
  });

  test.each<{ name: string; afterMs: number; more?: Partial<Plan> }>([
    { name: "at the moment that the plan asked for", afterMs: recheckAfterMs },
    { name: "when the clock was set back", afterMs: -1 },
    {
      name: "after five minutes, whatever the plan asked for",
      afterMs: 300_000,
      more: { recheckAfterMs: undefined },
    },
  ])("$name", ({ afterMs, more }) => {
    expect(settled({}, more).on(fleet, startMs + afterMs)).toBeUndefined();
  });

  const decided = plan(fleet, startMs);
  const [policy = aPolicy()] = fleet.policies;
  test.each<{ name: string; applied: Partial<Applied> }>([
    { name: "after a status was written", applied: { statuses: [{ policy, status: {} }] } },
  ])("$name", ({ applied }) => {
    expect(settled(applied).on(fleet, startMs)).toBeUndefined();
  });

  test("after a roll was decided on, begun or not", () => {
    const roll = { index: 0 } as Plan["rolls"]["roll"];
    const decisions = new SettledDecisions();
    decisions.note({ ...decided, rolls: { ...decided.rolls, roll } }, nothing);
    expect(decisions.on(fleet, startMs)).toBeUndefined();
  });
});

test("it is made anew when a limited login has other sessions, though the server has as many", () => {
  const [ofBob, ofApp] = [sessions(40, { user: "bob" }), sessions(40, { user: "app" })];
  const reading = aReading({ sessions: [ofBob], roleLimits: { app: 60 } });
  const before = [
    { atMs: startMs - 30_000, sessions: [ofBob] },
    { atMs: startMs - 20_000, sessions: [ofApp] },
    { atMs: startMs, sessions: [ofBob] },
  ];
  const shown = (sessionSamples: typeof before): Snapshot => ({
    ...fleet,
    database: aDatabase({ reading, sessionSamples }),
  });
  const decisions = new SettledDecisions();
  const decided = plan(shown(before), startMs);
  decisions.note({ ...decided, rolls: { ...decided.rolls, roll: undefined } }, nothing);

  expect(decisions.on(shown(before), startMs)).toBeDefined();
  expect(decisions.on(shown(before.toSpliced(1, 1)), startMs)).toBeUndefined();
});
