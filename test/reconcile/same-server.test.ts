// Two names of one database server: each of them alone would spend the whole budget. And two
// servers that only look like one: each has slots of its own.

import { describe, expect, test } from "vitest";
import { loginsOf } from "../../src/reconcile/resolve/logins.ts";
import type { ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { aReading } from "../support/builders.ts";
import type { FakeServer } from "../support/fake-database.ts";
import {
  aResolvedPolicy,
  first,
  identity,
  scene,
  second,
  type Scene,
} from "../support/two-names.ts";
import { expectCpuBelow } from "../support/cpu-time.ts";

const rows: readonly {
  readonly name: string;
  readonly both: readonly [Partial<FakeServer>, Partial<FakeServer>];
  readonly wantsOne: boolean;
}[] = [
  { name: "one server by two names", both: [identity, identity], wantsOne: true },
  {
    name: "a server and one that was restored from its backup",
    both: [identity, { ...identity, startedAtMicroseconds: 1_001 }],
    wantsOne: false,
  },
  {
    name: "two servers that were started at once",
    both: [identity, { ...identity, systemIdentifier: "78" }],
    wantsOne: false,
  },
  {
    name: "standbys that may change places behind one of the names",
    both: [
      { ...identity, isStandby: true },
      { ...identity, isStandby: true },
    ],
    wantsOne: false,
  },
  {
    name: "servers of which we may not know",
    both: [
      { systemIdentifier: undefined, startedAtMicroseconds: undefined },
      { systemIdentifier: undefined, startedAtMicroseconds: undefined },
    ],
    wantsOne: false,
  },
];

describe("two names", () => {
  test.each(rows)("of $name: budgeted as one: $wantsOne", async ({ both, wantsOne }) => {
    const { readAll, budgetedAs } = scene(...both);
    await readAll();
    expect(budgetedAs()).toEqual([first, wantsOne ? first : second]);
  });

  test("that are united ask for the limits of all their policies, and hold no session", async () => {
    const server = { ...identity, roleLimits: { app: 5, other: 7 } };
    const { readAll, database, readings, book } = scene(server, server);
    book.set(aResolvedPolicy("shop/b", second, "other"));
    await readAll();
    const { reading } = readings.factsOf(first, { monotonicMs: 0 });
    expect(reading?.roleLimits).toEqual({ app: 5, other: 7 });
    expect([database.isConnected(first), database.isConnected(second)]).toEqual([false, false]);
  });

  test("are told to whoever reads it, each for the other's sessions, and no other name", async () => {
    const { readAll, book } = scene(identity, identity);
    const namesOf = (): unknown[] => {
      return loginsOf(first, book.readersOf(first)).map(({ target }) => target.names);
    };
    expect(namesOf()).toEqual([[first]]);
    await readAll();
    expect(namesOf()).toEqual([
      [first, second],
      [first, second],
    ]);
  });

  test.each([1, 2, 3, 4])(
    "stay one when the server restarts at reading %i of a look",
    async (at) => {
      const { readAll, budgetedAs, servers, log } = scene(identity, identity);
      await readAll();
      let readings = 0;
      for (const server of Object.values(servers)) {
        server.sessions = () => {
          readings += 1;
          const startedAtMicroseconds = readings < at ? 1_000 : 2_000;
          for (const one of Object.values(servers)) Object.assign(one, { startedAtMicroseconds });
          return [];
        };
      }
      await readAll();
      expect(readings).toBeGreaterThan(1);
      expect(budgetedAs()).toEqual([first, first]);
      expect(log.messages("warn")).toEqual(["two names are one server: budgeted as one"]);
    },
  );

  test.each([
    { name: "the one that the budget is named by", moved: first },
    { name: "the other one", moved: second },
  ])("part when $name means another server, and unite when it is back", async ({ moved }) => {
    const { readAll, budgetedAs, servers, toDecide } = scene(identity, identity);
    await readAll();
    toDecide.clear();
    Object.assign(servers[moved] ?? {}, { startedAtMicroseconds: 5_000 });
    await readAll();
    expect(budgetedAs()).toEqual([first, second]);
    expect([...toDecide].sort()).toEqual([first, second]);
    Object.assign(servers[moved] ?? {}, identity);
    await readAll();
    expect(budgetedAs()).toEqual([first, first]);
  });

  test("part when one of them is a standby's now", async () => {
    const { readAll, budgetedAs, servers } = scene(identity, identity);
    await readAll();
    Object.assign(servers[first] ?? {}, { isStandby: true, startedAtMicroseconds: 5_000 });
    await readAll();
    expect(budgetedAs()).toEqual([first, second]);
  });

  test("stay one while one of them does not answer", async () => {
    const { readAll, budgetedAs, servers, readings } = scene(identity, identity);
    await readAll();
    for (const name of [first, second]) {
      Object.assign(servers[name] ?? {}, { isUp: false });
      await readAll();
      expect(readings.failureOf(first)).toBe(undefined);
      expect(budgetedAs()).toEqual([first, first]);
      Object.assign(servers[name] ?? {}, { isUp: true });
    }
  });
});

describe("two names of a standby", () => {
  const standby = { ...identity, isStandby: true };

  async function readFor(minutes: number, { clock, readAll }: Scene): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      clock.sleep(60_000);
      await readAll();
    }
  }

  test("are one once both have led there, and nowhere else, for ten minutes", async () => {
    const found = scene(standby, standby);
    await readFor(10, found);
    expect(found.budgetedAs()).toEqual([first, second]);
    await readFor(1, found);
    expect(found.budgetedAs()).toEqual([first, first]);
  });

  test("part when one of them leads to another standby, and are not one soon again", async () => {
    const found = scene(standby, standby);
    await readFor(11, found);
    for (const startedAtMicroseconds of [5_000, standby.startedAtMicroseconds]) {
      Object.assign(found.servers[second] ?? {}, { startedAtMicroseconds });
      await readFor(3, found);
      expect(found.budgetedAs()).toEqual([first, second]);
    }
  });

  test("stay two where their starts are told in whole seconds: it may be another one", async () => {
    const replica = { ...standby, startedAtMicroseconds: 3_000_000 };
    const found = scene(replica, replica);
    await readFor(15, found);
    expect(found.budgetedAs()).toEqual([first, second]);
  });
});

describe("a policy that names its server anew", () => {
  function moving(both: Parameters<typeof scene>): Scene {
    const found = scene(...both);
    const { connection, role, database } = aResolvedPolicy("shop/b", second);
    const move = { server: second, connection, role, database, sinceMs: 0 };
    found.book.set({ ...aResolvedPolicy("shop/b", first), move });
    return found;
  }

  function elsewhere(index: number, stands = `at-${String(index)}:5432`): ResolvedPolicy {
    const server = `to-${String(index)}:5432`;
    const { connection, role, database } = aResolvedPolicy("", server);
    const move = { server, connection, role, database, sinceMs: 0 };
    return { ...aResolvedPolicy(`crowd/${String(index)}`, stands), move };
  }

  test("stays while that cannot be read, and its old server is decided anew", async () => {
    const { readAll, budgetedAs, toDecide, readings } = moving([identity, { isUp: false }]);
    await readAll([second]);
    expect(budgetedAs()).toEqual([first, first]);
    expect(toDecide).toContain(first);
    expect(readings.failureOf(second)).toBeDefined();
  });

  test.each([
    { name: "another server", started: 2_000, want: [first, second] },
    { name: "the same one", started: 1_000, want: [first, first] },
  ])("goes to the new one when it is $name", async ({ started, want }) => {
    const both = [identity, { ...identity, startedAtMicroseconds: started }] as const;
    const { readAll, budgetedAs, book, toDecide } = moving([...both]);
    await readAll();
    expect(budgetedAs()).toEqual(want);
    expect([...book.comingTo(second), ...book.leaving(first)]).toEqual([]);
    expect(toDecide).toContain(second);
  });

  test("wakes, where others move elsewhere, neither where they stand nor where they go", async () => {
    const { readAll, toDecide, book } = scene(identity, {});
    for (let index = 0; index < 10; index++) {
      book.set(elsewhere(index, index === 0 ? second : undefined));
    }
    toDecide.clear();
    await readAll([first]);
    expect([...toDecide]).toEqual([first]);
  });

  test("costs nobody else's server a walk through all that move", () => {
    const { book } = scene(identity, {});
    for (let index = 0; index < 5_000; index++) {
      book.set(elsewhere(index));
    }
    expectCpuBelow(300, () => {
      for (let time = 0; time < 1_000; time++) expect(book.readersOf(first)).toHaveLength(1);
    });
  });

  test("does not leave for a server that restarted since it was read by its old name", async () => {
    const { readAll, budgetedAs, readings } = moving([identity, identity]);
    const reading = aReading({ ...identity, startedAtMicroseconds: 500 });
    readings.record(first, { kind: "read", reading }, -1);
    const places: unknown[] = [];
    await readAll([second, first], () => places.push(budgetedAs()));
    expect(places).not.toContainEqual([first, second]);
    expect(budgetedAs()).toEqual([first, first]);
  });
});

test("of two logins of one server the one that sees all sessions reads", async () => {
  const monitors = new Set(["watcher"]);
  const { readAll, readings, book } = scene({ monitors }, {});
  for (const [key, user] of [
    ["shop/a", "app"],
    ["shop/z", "watcher"],
  ] as const) {
    book.set(aResolvedPolicy(key, first, user));
  }
  for (let time = 0; time < 3; time++) await readAll();
  const { reading } = readings.factsOf(first, { monotonicMs: 0 });
  expect(reading).toMatchObject({ role: "watcher", seesAllSessions: true });
});
