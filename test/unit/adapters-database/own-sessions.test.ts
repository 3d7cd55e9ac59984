// Our application_name is no secret: which of the sessions that carry it are ours is decided by
// what this process has open, and everything else stays somebody else's.

import { describe, expect, test } from "vitest";
import { type OwnSession, OwnSessions } from "../../../src/adapters/database/own-sessions.ts";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";

const ownName = "poolwarden-0a1b2c3d";
const login = { user: "mon", database: "shop" };
const ours = { ...login, server: "db:5432" };

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
  for (let count = 0; count <= open; count++) sessions.open(ours);

  const apart = sessions.tellApart([named(shown)], ours);
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
  before.end();
  nowMs = ageMs;
  sessions.open(ours);

  expect(totalOf(sessions.tellApart([named({})], ours).ownSessions)).toBe(own);
});

describe("of sessions that log in alike", () => {
  const countWith = (
    act: (session: OwnSession) => void,
    { opened = "other:5432", names }: { opened?: string; names?: readonly string[] } = {},
  ): number => {
    const sessions = new OwnSessions({ monotonicMs: () => 0 }, ownName);
    sessions.open(ours);
    for (let count = 0; count < 60; count++) act(sessions.open({ ...ours, server: opened }));
    return totalOf(sessions.tellApart([named({ count: 60 })], ours, names).ownSessions);
  };
  const ends = [
    { name: "is open or being opened", act: () => undefined },
    {
      name: "was closed or given up",
      act: (session: OwnSession) => {
        session.end();
      },
    },
  ];

  test.each(ends)("none counts that $name by a name of another server", ({ act }) => {
    expect(countWith(act)).toBe(1);
    expect(countWith(act, { names: [ours.server, "yet-another:5432"] })).toBe(1);
  });

  test.each(ends)("each counts that $name by this name, or another of this server", ({ act }) => {
    expect(countWith(act, { opened: ours.server })).toBe(61);
    expect(countWith(act, { names: [ours.server, "other:5432"] })).toBe(61);
  });

  test("none counts that did not come about, whatever its name", () => {
    const act = (session: OwnSession): void => {
      session.fail();
    };
    expect(countWith(act, { opened: ours.server })).toBe(1);
  });
});

function totalOf(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
