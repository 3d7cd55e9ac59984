// A name that leads to several servers by turns, as a reader endpoint does, and one that leads to
// another server once, as after a failover.
import { expect, test } from "vitest";
import { NameIdentities } from "../../src/reconcile/memory/name-identities.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { aReading } from "../support/builders.ts";

const [a, b, c] = [1, 2, 3].map((startedAtMicroseconds) =>
  aReading({
    ...{ systemIdentifier: "7", startedAtMicroseconds, isStandby: true },
    maxConnections: 100 * startedAtMicroseconds,
  }),
) as [ReturnType<typeof aReading>, ReturnType<typeof aReading>, ReturnType<typeof aReading>];
const unnamed = aReading({ systemIdentifier: undefined, startedAtMicroseconds: undefined });

test.each([
  { name: "one server, again and again", seen: [a, a, a], want: 0 },
  { name: "another one, as after a failover", seen: [a, a, b, b], want: 0 },
  { name: "two by turns", seen: [a, b, a], want: 2 },
  { name: "three by turns", seen: [a, b, c, a], want: 3 },
  { name: "one that does not say who it is", seen: [a, unnamed, a], want: 0 },
])("$name", ({ seen, want }) => {
  const identities = new NameIdentities();
  seen.forEach((word, at) => {
    identities.note(word, at * 1_000);
  });
  expect(identities.wordsByTurns(0)).toHaveLength(want);
  expect(identities.wordsByTurns(60_000)).toEqual([]);
});

test.each([
  { name: "one server, again and again", seen: [a, a, a], want: 0 },
  { name: "another one since", seen: [a, b, b], want: 1_000 },
  { name: "the first one again", seen: [a, b, a], want: 2_000 },
])("a name is steady since it led to $name", ({ seen, want }) => {
  const identities = new NameIdentities();
  seen.forEach((word, at) => {
    identities.note(word, at * 1_000);
  });
  expect(identities.isSteady(want - 1)).toBe(false);
  expect(identities.isSteady(want)).toBe(true);
});

test("by turns, the strictest limit counts, and how many there are is known", () => {
  const readings = new Readings();
  const server = "db-ro:5432";
  for (const [at, reading] of [b, a, b].entries()) {
    readings.record(server, { kind: "read", reading }, at * 1_000);
  }
  const facts = readings.factsOf(server, { monotonicMs: 3_000 });
  expect(facts.reading?.maxConnections).toBe(100);
  expect(facts.serversByTurns).toBe(2);
});

test("after a failover the limits of the new server count", () => {
  const readings = new Readings();
  const server = "db:5432";
  for (const [at, reading] of [a, b, b].entries()) {
    readings.record(server, { kind: "read", reading }, at * 1_000);
  }
  const facts = readings.factsOf(server, { monotonicMs: 3_000 });
  expect(facts.reading?.maxConnections).toBe(200);
  expect(facts.serversByTurns).toBeUndefined();
});
