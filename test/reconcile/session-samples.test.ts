// What is remembered of a server's sessions has a bound, and keeps what the window is asked for.

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { SessionGroup } from "../../src/domain/facts/facts.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import {
  foldSessions,
  keptOf,
  type Sample,
  withSample,
} from "../../src/reconcile/memory/session-samples.ts";
import { aReading } from "../support/builders.ts";
import { openBench, policyWith, server } from "../support/login-bench.ts";

function group(more: Partial<SessionGroup> = {}): SessionGroup {
  return {
    user: "app",
    database: "shop",
    applicationName: "web",
    address: "10.0.0.1",
    count: 1,
    ...more,
  };
}

function sample(atMs: number, ...sessions: readonly SessionGroup[]): Sample {
  return { name: "db:5432", atMs, roundMs: atMs, sessions, seesAllSessions: true };
}

const sum = (sessions: readonly SessionGroup[]): number =>
  sessions.reduce((total, { count }) => total + count, 0);

function keeping(samples: readonly Sample[]): readonly Sample[] {
  return samples.reduce<readonly Sample[]>((kept, one) => withSample(kept, one).samples, []);
}

test("small groups lose the names of their applications, and never their sessions", () => {
  const few = fc.constantFrom("a", "b", "c");
  const groups = fc.array(
    fc.record({
      user: few,
      database: few,
      applicationName: fc.string(),
      address: fc.option(few, { nil: undefined }),
      count: fc.nat(99),
    }),
    { minLength: 150, maxLength: 400 },
  );
  fc.assert(
    fc.property(groups, (sessions) => {
      const folded = foldSessions(sessions);
      expect(folded.length).toBeLessThanOrEqual(200 + 36);
      for (const address of ["a", "b", "c", undefined]) {
        const at = (list: readonly SessionGroup[]): readonly SessionGroup[] =>
          list.filter((one) => one.address === address && one.user === "a");
        expect(sum(at(folded))).toBe(sum(at(sessions)));
      }
    }),
    { numRuns: 50 },
  );
});

test("the largest groups keep their names", () => {
  const small = Array.from({ length: 500 }, (_, place) => group({ applicationName: `s${place}` }));
  const job = group({ applicationName: "nightly", count: 40 });
  expect(foldSessions([...small, job])).toContainEqual(job);
});

test("whatever an honest server shows within the window is kept", () => {
  const kept = keeping(Array.from({ length: 600 }, (_, place) => sample(place * 1_000, group())));
  expect(kept).toHaveLength(600);
});

test("however often it is read, what is kept has a bound, and the most of it stays", () => {
  const counts = Array.from({ length: 2_000 }, (_, place) => (place === 7 ? 9 : 1));
  const kept = keeping(counts.map((count, place) => sample(place, group({ count }))));
  expect(kept).toHaveLength(700);
  expect(kept.map(({ sessions }) => sum(sessions))).toContain(9);
  expect(kept.at(-1)?.atMs).toBe(1_999);
});

test("however large the answers are, what is kept has a bound, the largest and the latest stay", () => {
  const groups = (number: number, count: number): readonly SessionGroup[] =>
    Array.from({ length: number }, (_, place) => group({ address: `a${place}`, count }));
  const samples = Array.from({ length: 20 }, (_, place) =>
    sample(place * 30_000, ...groups(9_000, place === 3 ? 2 : 1)),
  );
  const kept = keeping(samples);
  expect(kept.reduce((total, { sessions }) => total + sessions.length, 0)).toBeLessThanOrEqual(
    100_000,
  );
  expect(kept).toContainEqual(samples[3]);
  expect(kept.at(-1)).toEqual(samples[19]);
});

const heapMiB = 2 ** 20;
/** As long as a name may be. */
const long = (serial: number): string => serial.toString(36).padStart(128, "n");

test("however long the names are, what is kept has a bound", () => {
  let serial = 0;
  const named = (): SessionGroup => group({ user: long(serial++), database: long(serial++) });
  const samples = Array.from({ length: 20 }, (_, place) =>
    sample(place * 30_000, ...Array.from({ length: 5_000 }, named)),
  );
  const { samples: kept, bytes } = samples.reduce(
    (before, one) => withSample(before.samples, one),
    { samples: [] as Sample[], bytes: 0 },
  );
  expect(bytes).toBeLessThanOrEqual(16 * heapMiB);
  expect(kept.at(-1)?.atMs).toBe(19 * 30_000);
});

test("what a server shows again and again is kept once", () => {
  const shown = (): readonly SessionGroup[] =>
    Array.from({ length: 100 }, (_, place) => group({ address: `10.0.0.${place}` }));
  const samples = Array.from({ length: 20 }, (_, place) => sample(place * 30_000, ...shown()));
  const kept = keeping(samples);
  const groups = new Set(kept.flatMap(({ sessions }) => sessions));
  expect(kept).toEqual(samples);
  expect(groups.size).toBe(100);
});

test("of groups that lost the names of their applications none is shown under another's", () => {
  const sessions = Array.from({ length: 300 }, (_, at) => group({ applicationName: `s${at}` }));
  expect(foldSessions(sessions).at(-1)).toMatchObject({ applicationName: "", count: 100 });
});

describe("all servers together", () => {
  /** Names that nobody showed before, and as much of them as one answer has room for. */
  const shownBy = (name: string, readings: Readings, reader: string, atMs: number): void => {
    const sessions = Array.from({ length: 5_000 }, (_, at) =>
      group({ user: long(at), database: long(atMs + at), address: name }),
    );
    const reading = aReading({ sessions });
    readings.recordNames(
      name,
      { read: new Map([[name, { reading, answeredAtMs: atMs }]]), reading, readers: [reader] },
      { askedAtMs: atMs, answeredAtMs: atMs },
    );
  };
  const bytesOf = (readings: Readings, names: readonly string[]): number =>
    keptOf(
      names.flatMap(
        (name) => readings.factsOf(name, { monotonicMs: 1e6 }).sessionSamples,
      ) as Sample[],
    ).bytes;

  it("have a bound, and those of others lose nothing to a namespace with many", () => {
    const readings = new Readings();
    const victim = aReading({ sessions: [group()] });
    for (let at = 0; at < 20; at++) {
      const atMs = 1e6 - 20 + at;
      const picture = { reading: victim, answeredAtMs: atMs };
      const told = { reading: victim, readers: ["shop/orders"] };
      const read = { read: new Map([["victim", picture]]), ...told };
      readings.recordNames("victim", read, { askedAtMs: atMs, answeredAtMs: atMs });
    }
    const names = Array.from({ length: 24 }, (_, at) => `t${at}`);
    for (const [at, name] of names.entries()) shownBy(name, readings, `tenant/p${at}`, 1e6);
    expect(bytesOf(readings, names)).toBeLessThanOrEqual(64 * heapMiB);
    expect(readings.factsOf("victim", { monotonicMs: 1e6 }).sessionSamples).toHaveLength(20);
    const lost = names.filter((name) => readings.failureOf(name) !== undefined);
    expect(lost.length).toBeGreaterThan(0);
    for (const name of lost) {
      expect(readings.failureOf(name)?.message).toContain("counts as not read");
      expect(readings.factsOf(name, { monotonicMs: 1e6 }).reading).toBeUndefined();
    }
  });

  it("lose older samples before any of them loses its last word", () => {
    const readings = new Readings();
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    for (let at = 0; at < 4; at++)
      for (const name of names) shownBy(name, readings, "tenant/p", 1e6 - 4 + at);
    expect(bytesOf(readings, names)).toBeLessThanOrEqual(64 * heapMiB);
    expect(names.filter((name) => readings.failureOf(name))).toEqual([]);
  });

  it("have room again when some of them are gone", () => {
    const readings = new Readings();
    for (let at = 0; at < 20; at++) {
      shownBy(`t${at}`, readings, "tenant/p", 1e6);
      readings.forget(`t${at}`);
    }
    shownBy("last", readings, "tenant/p", 1e6);
    expect(readings.failureOf("last")).toBeUndefined();
  });
});

test("a server that shows thousands of kinds of sessions fills no memory, however often it is read", async () => {
  const bench = openBench(policyWith("orders", "app:right"));
  let reading = 0;
  bench.fake.maxConnections = 262_143;
  bench.fake.sessions = () => {
    reading++;
    return Array.from({ length: 9_000 }, (_, place) => group({ address: `${reading}.${place}` }));
  };
  for (let times = 0; times < 20; times++) {
    await bench.read();
    await bench.pass(1_000);
  }
  const now = { monotonicMs: bench.clock.monotonicMs() };
  const { sessionSamples } = bench.readings.factsOf(server, now);
  const kept = sessionSamples.reduce((total, { sessions }) => total + sessions.length, 0);
  expect(kept).toBeLessThanOrEqual(100_000);
  expect(kept).toBeGreaterThan(90_000);
});

describe("when two names turn out to be one server", () => {
  const ownName = "poolwarden-0a1b2c3d";
  const own = (user: string): SessionGroup => group({ user, applicationName: ownName });
  const foreignAfter = (shown: readonly SessionGroup[]): readonly unknown[] => {
    const readings = new Readings();
    for (const [name, user, sessions] of [
      ["a:5432", "reader", shown],
      ["b:5432", "other", [own("reader")]],
    ] as const) {
      const ownSessions = [{ user, database: "shop", count: 1 }];
      const reading = { ...aReading({ sessions }), ownSessions, ownName };
      readings.record(name, { kind: "read", reading }, 1_000);
    }
    readings.unite("a:5432", "b:5432");
    const { sessionSamples } = readings.factsOf("a:5432", { monotonicMs: 2_000 });
    return sessionSamples.flatMap(({ sessions }) => sessions);
  };

  it("each one's session is nobody else's in what the other was shown", () => {
    expect(foreignAfter([own("other")])).toEqual([]);
  });

  it.each([
    { name: "more of them than one", shown: { count: 5 }, left: 4 },
    { name: "one of another login", shown: { user: "guest", count: 5 }, left: 5 },
    { name: "one of another application", shown: { applicationName: "web", count: 5 }, left: 5 },
  ])("$name stays foreign", ({ shown, left }) => {
    const one = { ...own("other"), ...shown };
    expect(foreignAfter([one])).toEqual([{ ...one, count: left }]);
  });
});
