// A server that says it is another one is budgeted with it. Whoever runs it may lie in every
// answer, and must not get others more than their own server has.

import { describe, expect, test } from "vitest";
import type { DatabaseFacts } from "../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../src/domain/supply/foreign.ts";
import { strictestOf } from "../../src/reconcile/same-server.ts";
import { aDatabase, aReading, aSnapshot, sessions, withheld } from "../support/builders.ts";
import type { FakeServer } from "../support/fake-database.ts";
import { first, identity, scene, second } from "../support/two-names.ts";

describe("a server that repeats another's identity", () => {
  const limits = {
    ...{ maxConnections: 100, roleLimits: { app: 20 }, databaseLimits: { app: 50 } },
  };
  const real: Partial<FakeServer> = {
    ...{ ...identity, ...limits, sessions: [sessions(30)] },
    ...{ superuserReservedConnections: 5, reservedConnections: 4 },
  };
  const fake: Partial<FakeServer> = {
    ...{ ...identity, maxConnections: 5_000, superuserReservedConnections: 0 },
    ...{ reservedConnections: 0, roleLimits: { app: -1 }, databaseLimits: { app: -1 } },
    sessions: [],
  };
  const acts: readonly { name: string; act: (real: FakeServer, fake: FakeServer) => void }[] = [
    { name: "and does nothing more", act: () => undefined },
    {
      name: "and then says no identity",
      act: (_, it) => Object.assign(it, { systemIdentifier: undefined }),
    },
    {
      name: "and then says another one",
      act: (_, it) => Object.assign(it, { systemIdentifier: "78" }),
    },
    {
      name: "while nobody can read the true one",
      act: (it) => Object.assign(it, { isUp: false }),
    },
    {
      name: "and another one while nobody can read the true one",
      act: (it, liar) => {
        Object.assign(it, { isUp: false });
        Object.assign(liar, { startedAtMicroseconds: 9 });
      },
    },
  ];
  const cases = acts.flatMap((act) => [
    { ...act, liar: first, truth: second },
    { ...act, liar: second, truth: first },
  ]);

  test.each(cases)("never gives others more, as $liar, $name", async ({ act, liar, truth }) => {
    const { readAll, book, readings, servers } = scene(
      ...([first, second].map((name) => (name === liar ? fake : real)) as [object, object]),
    );
    const database = (): DatabaseFacts =>
      aDatabase(readings.factsOf(book.canonical(truth), { monotonicMs: 0 }));
    const expectTruth = (): void => {
      const { reading } = database();
      if (reading === undefined) return;
      expect(reading).toMatchObject({ ...limits, withheld: withheld(5, 4) });
      expect(foreignSessionsOf(aSnapshot({ database: database() })).slots).toBe(30);
    };
    await readAll(undefined, expectTruth);
    expect(database().reading).toBeDefined();
    act(servers[truth] as FakeServer, servers[liar] as FakeServer);
    for (let time = 0; time < 2; time++) await readAll(undefined, expectTruth);
  });

  test("can take from others, and no more once nobody names it", async () => {
    const { readAll, readings, book } = scene(real, { ...fake, maxConnections: 10 });
    await readAll();
    const maxConnections = (): number | undefined =>
      readings.factsOf(first, { monotonicMs: 0 }).reading?.maxConnections;
    expect(maxConnections()).toBe(10);
    book.delete("shop/b");
    await readAll();
    expect(maxConnections()).toBe(100);
  });

  test("of names that agree the one that sees all sessions is preferred", async () => {
    const { readAll, readings } = scene({ ...real, monitors: new Set() }, real);
    await readAll();
    const { reading } = readings.factsOf(first, { monotonicMs: 0 });
    expect(reading).toMatchObject({ seesAllSessions: true, maxConnections: 100 });
  });

  test("the smaller of two limits is told with its own setting", () => {
    const a = { roleLimits: { x: 5, y: 2 }, limitSettings: { "role x": "pool_size" } };
    const b = { roleLimits: { x: 3, y: 4 }, limitSettings: { "role x": "max_user_connections" } };
    const settings = (one: object, other: object): unknown =>
      strictestOf(aReading(one), [aReading(other)]).limitSettings;
    expect(settings(a, b)).toEqual({ "role x": "max_user_connections" });
    expect(settings(b, a)).toEqual({ "role x": "max_user_connections" });
  });

  test.each<Record<"a" | "b" | "want", Readonly<Record<string, number>>>>([
    { a: { x: 5 }, b: { x: 3 }, want: { x: 3 } },
    { a: { x: 5 }, b: { x: -1 }, want: { x: 5 } },
    { a: { x: -1 }, b: { x: 0 }, want: { x: 0 } },
    { a: { x: -1 }, b: { x: -1 }, want: { x: -1 } },
    { a: { x: 5 }, b: { y: 7 }, want: { x: 5, y: 7 } },
    { a: {}, b: { constructor: 2 }, want: { constructor: 2 } },
  ])("of limits $a and $b the smaller counts", ({ a, b, want }) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const strictest = strictestOf(aReading({ roleLimits: one }), [
        aReading({ roleLimits: other }),
      ]);
      expect({ ...strictest.roleLimits }).toEqual(want);
    }
  });
});
