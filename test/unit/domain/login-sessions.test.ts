// Sessions within a CONNECTION LIMIT, by hand.
import { expect, test } from "vitest";
import type { Snapshot } from "../../../src/domain/facts/facts.ts";
import { circleOf } from "../../../src/domain/supply/login-circles.ts";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import { LoginSessions } from "../../../src/domain/supply/login-sessions.ts";
import {
  aDatabase,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  ofFleet,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

const [ofA, ofB, gone] = ["10.0.0.1", "10.0.0.2", "10.0.0.9"] as const;

/** A pod each of two policies, with pools of 10, and what they and others have open. */
function snapshotWith(shown: readonly ReturnType<typeof sessions>[]): Snapshot {
  const policies = [aPolicy("a", { role: "x" }), aPolicy("b", { role: "y" })];
  const workloads = [
    aWorkload("a", { policy: "shop/a", pods: pods(1, { addresses: [ofA] }) }),
    aWorkload("b", { policy: "shop/b", pods: pods(1, { addresses: [ofB] }) }),
  ];
  const reading = aReading({ sessions: shown });
  const database = aDatabase({ reading, fleetAddresses: ofFleet(ofA, ofB, gone) });
  return aSnapshot({ policies, workloads, database });
}

test.each([
  { name: "its own pods' sessions", one: sessions(4, { user: "x", address: ofA }), want: [0, 0] },
  { name: "others of the role", one: sessions(4, { user: "x", address: "9.9.9.9" }), want: [4, 0] },
  { name: "others of the database", one: sessions(4, { user: "z", database: "d" }), want: [0, 0] },
  { name: "pods of another login", one: sessions(4, { user: "x", address: ofB }), want: [4, 0] },
  { name: "pods that are gone", one: sessions(4, { user: "x", address: gone }), want: [0, 4] },
])("the limit of role x counts $name as foreign and as of pods that are gone", ({ one, want }) => {
  const snapshot = snapshotWith([one]);
  const within = new LoginSessions(snapshot);
  const login = { kind: "role", name: "x" } as const;
  const circle = circleOf(snapshot, login, "shop");
  const { slots, ghostSlots } = within.within(login, circle);
  expect([slots, ghostSlots]).toEqual(want);
  expect(within.nowWithin(login, circle)).toEqual({ slotsNow: slots, ghostSlots, hiddenSlots: 0 });
});

test("a database of the same name as a role is another login", () => {
  const snapshot = snapshotWith([sessions(4, { user: "x", database: "d" })]);
  const within = new LoginSessions(snapshot);
  const slotsOf = (name: string): number => {
    const login = { kind: "database", name } as const;
    return within.nowWithin(login, circleOf(snapshot, login, "shop")).slotsNow;
  };
  expect([slotsOf("x"), slotsOf("d")]).toEqual([0, 4]);
});

test("sessions of its limit may be hidden behind a pod that was not ready when they were read", () => {
  const unready = pods(1, { unready: true });
  const workloads = [aWorkload("a", { policy: "shop/a", pods: unready })];
  const sample = {
    atMs: startMs,
    fleetSlotsBy: heldBy(workloads),
    unreadySlotsOf: new Map([["shop/a", 10]]),
  };
  const shown = (count: number): ReturnType<typeof sessions> => sessions(count, { user: "x" });
  const sessionSamples = [14, 6].map((count) => ({ ...sample, sessions: [shown(count)] }));
  const policies = [aPolicy("a", { role: "x", spec: { sessions: { match: "Login" } } })];
  const database = aDatabase({ reading: aReading(), sessionSamples });
  const snapshot = aSnapshot({ policies, workloads, database });
  const login = { kind: "role", name: "x" } as const;
  const now = new LoginSessions(snapshot).nowWithin(login, circleOf(snapshot, login, "shop"));
  expect(now).toEqual({ slotsNow: 0, ghostSlots: 0, hiddenSlots: 4 });
});
