// What is remembered of a server's sessions has a bound, and keeps what the window is asked for.

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { SessionGroup } from "../../src/domain/facts.ts";
import { Readings } from "../../src/reconcile/readings.ts";
import { foldSessions, type Sample, withSample } from "../../src/reconcile/session-samples.ts";
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
  return { name: "db:5432", atMs, sessions, seesAllSessions: true };
}

const sum = (sessions: readonly SessionGroup[]): number =>
  sessions.reduce((total, { count }) => total + count, 0);

function keeping(samples: readonly Sample[]): readonly Sample[] {
  return samples.reduce<readonly Sample[]>((kept, one) => withSample(kept, one), []);
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
  expect(kept).toContain(samples[3]);
  expect(kept).toContain(samples[19]);
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
