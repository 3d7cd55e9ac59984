// Our application_name is no secret: which of the sessions that carry it are ours is decided by
// what this process has open, and everything else stays somebody else's.

import { expect, test } from "vitest";
import { OwnSessions } from "../../../src/adapters/postgres/own-sessions.ts";
import type { SessionGroup } from "../../../src/domain/facts.ts";

const ownName = "poolwarden-0a1b2c3d";
const ours = { user: "mon", database: "shop" };

function named(more: Partial<SessionGroup>): SessionGroup {
  return { ...ours, applicationName: ownName, address: "10.0.0.7", count: 1, ...more };
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
  const close = sessions.open(ours);
  close();
  nowMs = ageMs;
  sessions.open(ours);

  expect(totalOf(sessions.tellApart([named({})], ours).ownSessions)).toBe(own);
});

function totalOf(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
