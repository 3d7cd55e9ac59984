// How long one reading of a server may take, whatever its names and logins did before: somebody
// else's reading waits behind it, and one of two minutes is taken for a hung operator.
import { describe, expect, it } from "vitest";
import { latestOf } from "../../src/domain/supply/foreign.ts";
import type { FakeServer } from "../support/fake-database.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { aReading } from "../support/builders.ts";
import { type Bench, openBench, policyWith, server } from "../support/login-bench.ts";

const good = policyWith("m-good", "app:right");
const mostMs = 30_000;
const silent = { reason: "DatabaseTimeout", message: "no answer" } as const;

/** Names of a server that was read by all of them. They sort after its own. */
async function named(
  count: number,
  namespaceOf: (index: number) => string = () => "crowd",
): Promise<{
  readonly bench: Bench;
  readonly names: readonly string[];
  readonly fakes: readonly FakeServer[];
}> {
  const bench = openBench(good);
  bench.fake.delayMs = 5;
  const names = Array.from({ length: count }, (_, index) => `e${String(index)}.shop.svc:5432`);
  const fakes = names.map((name, index) => bench.addName(name, namespaceOf(index)));
  await bench.ended(bench.read());
  return { bench, names, fakes };
}

function fallSilent(fakes: readonly FakeServer[], delayMs = 10_000): void {
  for (const fake of fakes) Object.assign(fake, { failure: silent, delayMs });
}

async function tookMs(bench: Bench): Promise<number> {
  const beganMs = bench.clock.monotonicMs();
  return (await bench.ended(bench.read())) - beganMs;
}

describe("a reading of a server with 50 names that all worked", () => {
  it("ends within half a minute when all fall silent, and so does each that follows", async () => {
    const { bench, fakes } = await named(49);
    fallSilent([bench.fake, ...fakes]);
    for (let round = 0; round < 3; round++) {
      expect(await tookMs(bench)).toBeLessThanOrEqual(mostMs);
    }
  });

  it("asks each of them in its turn", async () => {
    const { bench, names, fakes } = await named(10);
    fallSilent([bench.fake, ...fakes]);
    const before = names.map((name) => bench.asked(name));
    for (let round = 0; round < 11; round++) await tookMs(bench);
    const after = names.map((name) => bench.asked(name));
    expect(after.every((asked, index) => asked > (before[index] ?? 0))).toBe(true);
  });

  it.each([
    { name: "its own name each time", isOwn: true, least: 6 },
    { name: "one of another namespace each time but once", isOwn: false, least: 5 },
  ])("reads $name, in whose way the silent ones are not", async ({ isOwn, least }) => {
    const { bench, names, fakes } = await named(49, (index) => (index === 48 ? "z" : "crowd"));
    fallSilent(isOwn ? fakes : [bench.fake, ...fakes.slice(0, -1)]);
    const victim = isOwn ? server : (names[48] ?? "");
    const asked = bench.asked(victim);
    let [reads, rounds] = [0, 0];
    for (; rounds < 6; rounds++) {
      const beganMs = bench.clock.monotonicMs();
      await tookMs(bench);
      if (bench.readings.wasRead(server, beganMs)) reads += 1;
    }
    expect(reads).toBeGreaterThanOrEqual(least);
    expect(bench.asked(victim) - asked).toBe(reads);
  });

  it("ends within a minute where all mean other servers now, and are slow to be compared", async () => {
    const { bench, fakes } = await named(20);
    for (const [index, fake] of fakes.entries()) {
      let asked = 0;
      fake.startedAtMicroseconds = 5_000 + index;
      fake.sessions = () => {
        // It answers at once in the round, and not when it is compared.
        asked += 1;
        Object.assign(fake, asked % 2 === 1 ? { failure: silent, delayMs: 10_000 } : {});
        return [];
      };
    }
    expect(await tookMs(bench)).toBeLessThanOrEqual(2 * mostMs);
  });
});

describe("a reading of a server with 50 logins that all worked", () => {
  it.each(["TooManyConnections", "AuthenticationFailed"])(
    "ends within half a minute when all end in %s after 10 s",
    async (reason) => {
      const bench = openBench(good);
      for (let index = 0; index < 49; index++) {
        bench.book.set(policyWith(`p${String(index)}`, `user-${String(index)}:any`));
      }
      await bench.ended(bench.read());
      Object.assign(bench.fake, { failure: { reason, message: "no" }, delayMs: 10_000 });
      for (let round = 0; round < 3; round++) {
        expect(await tookMs(bench)).toBeLessThanOrEqual(mostMs);
      }
    },
  );

  it("goes back to the one that sees all sessions, also after it was full once", async () => {
    const bench = openBench(good, policyWith("b-watcher", "watcher:any"));
    bench.fake.monitors = new Set(["watcher"]);
    await bench.ended(bench.read());
    const sees = (): boolean | undefined =>
      bench.readings.factsOf(server, { monotonicMs: 0 }).reading?.seesAllSessions;
    expect(sees()).toBe(true);
    bench.dropSession();
    bench.fake.fullFor = new Set(["watcher"]);
    await bench.ended(bench.read());
    expect(sees()).toBe(false);
    bench.fake.fullFor = new Set();
    await bench.ended(bench.read());
    expect(sees()).toBe(true);
  });
});

describe("what a round brings later", () => {
  const other = "e.shop.svc:5432";

  it("makes nothing younger of what it brought before", async () => {
    const bench = openBench(good);
    bench.fake.delayMs = 5;
    await bench.ended(bench.read());
    bench.addName(other, "crowd").delayMs = 6_000;
    await bench.pass(30_000);
    const beganMs = bench.clock.monotonicMs();

    await bench.ended(bench.read());

    const now = { monotonicMs: bench.clock.monotonicMs() };
    const { sessionSamples, isOld } = bench.readings.factsOf(server, now);
    const ofRound = sessionSamples.filter(({ roundMs }) => roundMs === beganMs);
    expect(ofRound.map(({ name, atMs }) => [name, atMs - beganMs])).toEqual([
      [server, 5],
      [other, 6_005],
    ]);
    expect(latestOf(sessionSamples)).toEqual(ofRound);
    expect(isOld).toBe(true);
  });

  it("stands in the order in which it was read, whichever name came first", () => {
    const readings = new Readings();
    const reading = aReading();
    const read = new Map([
      [other, { reading, answeredAtMs: 7 }],
      [server, { reading, answeredAtMs: 5 }],
    ]);
    readings.recordNames(server, { read, reading }, { askedAtMs: 1, answeredAtMs: 7 });
    const { sessionSamples } = readings.factsOf(server, { monotonicMs: 8 });
    expect(sessionSamples.map(({ name }) => name)).toEqual([server, other]);
  });
});
