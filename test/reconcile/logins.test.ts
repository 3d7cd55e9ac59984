// Several policies of one server with several logins: which of them are tried, and who is told
// what.
import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/adapters/metrics.ts";
import { foreignSessionsOf } from "../../src/domain/foreign.ts";
import { DatabaseReconciler } from "../../src/reconcile/database-reconciler.ts";
import { Logins } from "../../src/reconcile/logins.ts";
import { PolicyBook } from "../../src/reconcile/policy-book.ts";
import type { ResolvedPolicy } from "../../src/reconcile/policy-book.ts";
import { Readings } from "../../src/reconcile/readings.ts";
import { Rereads } from "../../src/reconcile/rereads.ts";
import { after, type Result } from "../../src/runtime/result.ts";
import { aPolicy, aSnapshot, aSource, aSpec, startMs } from "../support/builders.ts";
import { FakeDatabase } from "../support/fake-database.ts";
import type { FakeServer } from "../support/fake-database.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const server = "db.shop.svc:5432";

interface Bench {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly fake: FakeServer;
  readonly log: MemoryLog;
  /** One reading of the server. */
  read(): Promise<Result>;
  /** How often the decision was woken. */
  wakes(): number;
  /** How many logins were tried in the last reading. */
  tries(): number;
  failureOf(policy: string): string | undefined;
  readonly clock: VirtualClock;
  /** Ends our session, so that the next reading has to log in. */
  dropSession(): void;
  readonly rereads: Rereads;
  pass(byMs: number): Promise<void>;
}

function openBench(...policies: readonly ResolvedPolicy[]): Bench {
  const clock = new VirtualClock(startMs);
  const database = new FakeDatabase(clock);
  const fake = database.addServer(server, { passwords: { app: "right", other: "right" } });
  const book = new PolicyBook();
  for (const policy of policies) book.set(policy);
  const [readings, logins, log] = [new Readings(), new Logins(), new MemoryLog()];
  const { metrics } = createMetrics();
  const enqueueDatabase = (): void => undefined;
  const rereads = new Rereads({ readings, clock, intervalMs: 30_000, enqueueDatabase });
  const reconciler = new DatabaseReconciler({
    ...{ book, readings, logins, rereads, database, clock, metrics, log },
    random: { next: () => 0.5 },
    intervalMs: 30_000,
    enqueueServer: () => {
      wakes += 1;
    },
    enqueueDatabase,
  });
  let triesBefore = 0;
  let wakes = 0;
  const count = (): number => database.readings.get(server) ?? 0;
  return {
    book,
    clock,
    rereads,
    readings,
    fake,
    log,
    read: async () => {
      triesBefore = count();
      return await reconciler.reconcile(server);
    },
    pass: (byMs) => clock.advance(byMs),
    wakes: () => wakes,
    dropSession: () => {
      database.dropSession(server);
    },
    tries: () => count() - triesBefore,
    failureOf: (key) => {
      const policy = book.get(key);
      return policy && logins.failureOf(policy)?.reason;
    },
  };
}

function policyWith(name: string, login: string): ResolvedPolicy {
  return {
    key: `shop/${name}`,
    namespace: "shop",
    source: aSource,
    spec: aSpec(),
    server,
    connection: { uri: `postgresql://${login}@${server}/orders`, ca: undefined },
    role: login.split(":")[0],
    database: "orders",
    failure: undefined,
  };
}

const good = policyWith("m-good", "app:right");
const wrongBefore = policyWith("a-wrong", "app:wrong");
const wrongAfter = policyWith("z-wrong", "other:wrong");
const alsoGood = policyWith("b-good", "other:right");

describe("a server that nobody lets us read", () => {
  it("is decided about as often as one that is read: else the alerts would call it forgotten", async () => {
    const bench = openBench({ ...good, connection: undefined });

    expect(await bench.read()).toEqual(after(30_000));

    expect(bench.wakes()).toBe(1);
    expect(bench.tries()).toBe(0);
  });
});

describe("a server that fails", () => {
  it("is read again after pauses that double up to the interval, and soon after its next failure", async () => {
    const bench = openBench(good);
    bench.fake.isUp = false;
    const pausesMs: number[] = [];
    for (let round = 0; round < 6; round++) {
      const result = await bench.read();
      pausesMs.push(result.kind === "after" ? result.delayMs : Infinity);
    }
    // With a random number of 0.5 each is three quarters of its limit.
    expect(pausesMs).toEqual([3_750, 7_500, 15_000, 22_500, 22_500, 22_500]);

    bench.fake.isUp = true;
    expect(await bench.read()).toEqual(after(30_000));
    bench.fake.isUp = false;
    expect(await bench.read()).toEqual(after(3_750));
  });
});

describe("logins of one server", () => {
  it.each([
    { name: "a wrong one comes first", policies: [wrongBefore, good], wrong: "shop/a-wrong" },
    { name: "a wrong one comes last", policies: [good, wrongAfter], wrong: "shop/z-wrong" },
  ])("are read in spite of it, and it is told: $name", async ({ policies, wrong }) => {
    const bench = openBench(...policies);

    await bench.read();

    expect(bench.readings.factsOf(server, { monotonicMs: 0 }).failure).toBe(undefined);
    expect(bench.failureOf("shop/m-good")).toBe(undefined);
    expect(bench.failureOf(wrong)).toBe("AuthenticationFailed");
  });

  it("that work are tried once each, then one reads for all", async () => {
    const bench = openBench(good, alsoGood);
    await bench.read();
    expect(bench.tries()).toBe(2);

    await bench.read();

    expect(bench.tries()).toBe(1);
  });

  it("that were refused are tried again, so that a mended one is noticed", async () => {
    const bench = openBench(good, wrongAfter);
    await bench.read();
    bench.fake.passwords["other"] = "wrong";

    await bench.pass(30_000);
    await bench.read();

    expect(bench.failureOf("shop/z-wrong")).toBe(undefined);
  });

  it("that were refused are left alone by readings between two of the interval", async () => {
    const bench = openBench(good, wrongAfter);
    await bench.read();
    for (let step = 0; step < 10; step++) {
      bench.rereads.want(server, { why: "slots", state: String(step), isHolding: false });
      await bench.clock.advance(2_000);
      await bench.read();
      expect(bench.tries()).toBe(1);
    }
    expect(bench.failureOf("shop/z-wrong")).toBe("AuthenticationFailed");
    await bench.clock.advance(10_000);
    await bench.read();
    expect(bench.tries()).toBe(2);
  });

  it("that were refused again and again are tried after pauses that grow to two minutes", async () => {
    const bench = openBench(good, wrongAfter);
    const triedAt: number[] = [];
    for (let second = 0; second <= 600; second += 10) {
      await bench.read();
      if (bench.tries() === 2) triedAt.push(second);
      await bench.pass(10_000);
    }
    expect(triedAt).toEqual([0, 20, 60, 140, 260, 380, 500]);
  });

  it("that are refused slowly end no reading later than half a minute, and cost it nothing", async () => {
    const many = Array.from({ length: 40 }, (_, index) => {
      return policyWith(`slow-${index}`, `other:wrong-${index}`);
    });
    const bench = openBench(good, ...many);
    await bench.read();
    bench.fake.delayMs = 4_500;
    const beganMs = bench.clock.monotonicMs();

    const reading = bench.read();
    await bench.pass(300_000);
    await reading;

    const atMs = bench.readings.attemptedAtMs(server);
    expect(atMs - beganMs).toBeLessThanOrEqual(30_000);
    expect(bench.readings.wasRead(server, beganMs)).toBe(true);
  });

  it("of one namespace do not stand before those of another", async () => {
    const many = Array.from({ length: 40 }, (_, index) => {
      return policyWith(`slow-${index}`, `app:wrong-${index}`);
    });
    const victim = { ...policyWith("victim", "other:right"), key: "z-victim/orders" };
    const bench = openBench(...many, { ...victim, namespace: "z-victim" });
    bench.fake.delayMs = 4_500;

    const reading = bench.read();
    await bench.pass(60_000);
    await reading;

    expect(bench.readings.wasRead(server, 0)).toBe(true);
  });

  it("that are new are nobody's until they were tried", async () => {
    const bench = openBench(good);
    await bench.read();
    bench.book.set(wrongAfter);

    expect(bench.failureOf("shop/z-wrong")).toBe("NotReadYet");
  });

  it("are left alone where the server itself is away", async () => {
    const bench = openBench(wrongBefore, good, alsoGood);
    await bench.read();
    bench.fake.isUp = false;

    await bench.read();

    expect(bench.tries()).toBe(1);
    const { failure } = bench.readings.factsOf(server, { monotonicMs: 0 });
    expect(failure?.reason).toBe("DatabaseUnreachable");
    expect(bench.failureOf("shop/m-good")).toBe(undefined);
  });

  it("that are all refused are a failure of the server, of which something is known", async () => {
    const bench = openBench(good);
    await bench.read();
    bench.book.set(policyWith("m-good", "app:rotated"));

    await bench.read();

    const { failure, reading } = bench.readings.factsOf(server, { monotonicMs: 0 });
    expect(failure?.reason).toBe("AuthenticationFailed");
    expect(reading?.maxConnections).toBe(100);
    expect(bench.failureOf("shop/m-good")).toBe(undefined);
  });

  it("never show a password", async () => {
    const bench = openBench(wrongBefore, good);
    await bench.read();

    expect(bench.log.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(bench.log.lines)).not.toContain("wrong@");
  });
});

describe("a server that a tenant with a lesser login shares", () => {
  const owner = policyWith("m-owner", "app:right");
  const batch = { user: "batch", database: "orders", applicationName: "etl" };
  const jobs = { ...batch, address: "10.9.9.9", count: 60 };
  /** The tenant's login as of its latest edit; its policy names the role of the jobs. */
  const tenant = (edit: number): ResolvedPolicy => ({
    ...policyWith("a-tenant", "other:right"),
    connection: {
      uri: `postgresql://other:right@${server}/orders?application_name=${edit}`,
      ca: undefined,
    },
    ...{ key: "jobs/a", namespace: "jobs", role: "batch" },
  });

  async function openShared(): Promise<Bench> {
    const bench = openBench(owner);
    Object.assign(bench.fake, { monitors: new Set(["app"]), sessions: [jobs] });
    await bench.read();
    return bench;
  }

  function foreignSlots({ readings, clock }: Bench): number {
    const now = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    readings.noteFleet(server, 100, [], now, () => []);
    const policies = [aPolicy("m-owner", { role: "app" }), aPolicy("a", { role: "batch" })];
    return foreignSessionsOf(aSnapshot({ policies, database: readings.factsOf(server, now) }))
      .slots;
  }

  async function passMinutes(bench: Bench, minutes: number, edits: boolean): Promise<void> {
    for (let turn = 0; turn < minutes * 2; turn++) {
      bench.book.set(tenant(edits ? turn : 0));
      await bench.read();
      foreignSlots(bench);
      await bench.clock.advance(30_000);
    }
  }

  it("is read by the login that sees all sessions, however often another one is new", async () => {
    const bench = await openShared();
    await passMinutes(bench, 15, true);

    expect(
      bench.readings.factsOf(server, { monotonicMs: bench.clock.monotonicMs() }).reading,
    ).toMatchObject({
      ...{ role: "app", seesAllSessions: true },
    });
    expect(bench.tries()).toBe(2);
    expect(foreignSlots(bench)).toBe(60);
  });

  it("keeps what a login with sight saw while only others can read, and until it reads again", async () => {
    const bench = await openShared();
    bench.fake.passwords["app"] = "rotated";
    bench.dropSession();
    await passMinutes(bench, 15, false);
    expect(
      bench.readings.factsOf(server, { monotonicMs: bench.clock.monotonicMs() }).reading?.role,
    ).toBe("other");
    expect(foreignSlots(bench)).toBe(60);

    bench.fake.passwords["app"] = "right";
    bench.fake.sessions = [{ ...jobs, count: 5 }];
    await passMinutes(bench, 11, false);

    expect(foreignSlots(bench)).toBe(5);
  });

  it("lets go of it with the last policy whose login saw it", async () => {
    const bench = await openShared();
    bench.book.set(tenant(0));
    bench.book.delete(owner.key);
    await passMinutes(bench, 11, false);

    expect(foreignSlots(bench)).toBe(0);
  });

  it("is read although the login that was tried first may not connect once more", async () => {
    const bench = openBench(tenant(0), owner);
    bench.fake.fullFor = new Set(["other"]);

    await bench.read();

    expect(
      bench.readings.factsOf(server, { monotonicMs: bench.clock.monotonicMs() }).reading?.role,
    ).toBe("app");
  });
});
