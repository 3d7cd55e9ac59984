// Our application_name is no secret: which of the sessions that carry it are ours is decided by
// what this process has open, and everything else stays somebody else's.

import { describe, expect, test } from "vitest";
import { type OwnSession, OwnSessions } from "../../../src/adapters/postgres/own-sessions.ts";
import type { SessionGroup } from "../../../src/domain/facts.ts";

const ownName = "poolwarden-0a1b2c3d";
const login = { user: "mon", database: "shop" };
const ours = { ...login, server: "db:5432" };
/** When it started, in microseconds. */
const server = 1_700_000_000_000_000;

function named(more: Partial<SessionGroup>): SessionGroup {
  return { ...login, applicationName: ownName, address: "10.0.0.7", count: 1, ...more };
}

interface Row {
  readonly name: string;
  /** Sessions that this process has open beside the one that reads. */
  readonly open: number;
  readonly shown: Partial<SessionGroup>;
  readonly own: number;
  readonly foreign: number;
}

test.each<Row>([
  { name: "our session by another name is ours", open: 1, shown: {}, own: 2, foreign: 0 },
  { name: "more than we have open are not", open: 1, shown: { count: 58 }, own: 2, foreign: 57 },
  { name: "nor any while we have one", open: 0, shown: { count: 58 }, own: 1, foreign: 58 },
  { name: "nor that of another role", open: 1, shown: { user: "t1" }, own: 1, foreign: 1 },
  { name: "nor that to another database", open: 1, shown: { database: "x" }, own: 1, foreign: 1 },
  {
    name: "nor that of another operator",
    ...{ open: 1, shown: { applicationName: "poolwarden-00000000" }, own: 1, foreign: 1 },
  },
])("$name", ({ open, shown, own, foreign }) => {
  const sessions = new OwnSessions({ monotonicMs: () => 0 }, ownName);
  for (let count = 0; count <= open; count++) sessions.open(ours).isOn(server);

  const apart = sessions.tellApart(shownBy([named(shown)]), ours);
  expect([totalOf(apart.ownSessions), totalOf(apart.sessions)]).toEqual([own, foreign]);
});

test.each([
  {
    name: "a minute after we closed it, while the server may still show it",
    ageMs: 60_000,
    own: 2,
  },
  { name: "after three minutes it is somebody else's", ageMs: 180_000, own: 1 },
])("a session is ours $name", ({ ageMs, own }) => {
  let nowMs = 0;
  const sessions = new OwnSessions({ monotonicMs: () => nowMs }, ownName);
  const before = sessions.open(ours);
  before.isOn(server);
  before.end();
  nowMs = ageMs;
  sessions.open(ours);

  expect(totalOf(sessions.tellApart(shownBy([named({})]), ours).ownSessions)).toBe(own);
});

describe("of sessions that log in alike by other names of the same tenant", () => {
  const countWith = (act: (session: OwnSession) => void, name = "other:5432"): number => {
    const sessions = new OwnSessions({ monotonicMs: () => 0 }, ownName);
    sessions.open(ours).isOn(server);
    for (let count = 0; count < 60; count++) act(sessions.open({ ...ours, server: name }));
    return totalOf(sessions.tellApart(shownBy([named({ count: 60 })]), ours).ownSessions);
  };

  test("none counts that did not come about", () => {
    const refused = countWith((session) => {
      session.fail();
    });
    expect(refused).toBe(1);
  });

  test.each([
    { name: "was given up", deed: "end" as const },
    { name: "answers no question", deed: "isUntold" as const },
  ])("one that $name counts where it was opened, and nowhere else", ({ deed }) => {
    const act = (session: OwnSession): void => {
      session[deed]();
    };
    expect(countWith(act, ours.server)).toBe(61);
    expect(countWith(act, "elsewhere:5432")).toBe(1);
  });

  test("none counts that is open on another server, or was", () => {
    const open = countWith((session) => {
      session.isOn(server + 1);
    });
    const closed = countWith((session) => {
      session.isOn(server + 1);
      session.end();
    });
    const unknown = countWith((session) => {
      session.isOn(undefined);
    });
    expect([open, closed, unknown]).toEqual([1, 1, 1]);
  });

  test("those count that are being opened: a reading by another name may show them", () => {
    expect(countWith(() => undefined)).toBe(61);
  });
});

function shownBy(sessions: readonly SessionGroup[]): {
  readonly sessions: readonly SessionGroup[];
  readonly startedAtMicroseconds: number;
} {
  return { sessions, startedAtMicroseconds: server };
}

function totalOf(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
