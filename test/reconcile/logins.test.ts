// Several policies of one server with several logins: which of them are tried, and who is told
// what.
import { describe, expect, it } from "vitest";
import { after } from "../../src/runtime/result.ts";
import type { ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { windowMs } from "../../src/reconcile/memory/readings.ts";
import { aSpec } from "../support/builders.ts";
import { openBench, policyWith, server } from "../support/login-bench.ts";

const good = policyWith("m-good", "app:right");
const wrongBefore = policyWith("a-wrong", "app:wrong");
const wrongAfter = policyWith("z-wrong", "other:wrong");
const alsoGood = policyWith("b-good", "other:right");
const declared = { database: { address: server, maxConnections: 100 } };

/** Each with a password of its own. */
function wrongOnes(namespace: string, count: number, password = "wrong"): ResolvedPolicy[] {
  return Array.from({ length: count }, (_, index) => {
    const policy = policyWith(`slow-${index}`, `other:${password}-${index}`);
    return { ...policy, key: `${namespace}/slow-${index}`, namespace };
  });
}

describe("a server that nobody lets us read", () => {
  it("is decided about as often as one that is read: else the alerts would call it forgotten", async () => {
    const bench = openBench({ ...good, connection: undefined });

    expect(await bench.read()).toEqual(after(30_000));

    expect(bench.wakes()).toBe(1);
    expect(bench.tries()).toBe(0);
  });
});

describe("a server that fails", () => {
  it("has not failed any more once the last login is gone: whoever declares it goes on", async () => {
    const bench = openBench(wrongBefore);
    await bench.read();
    expect(bench.readings.failureOf(server)?.reason).toBe("AuthenticationFailed");

    bench.book.set({ ...good, spec: aSpec(declared), connection: undefined });
    await bench.read();
    expect(bench.readings.failureOf(server)?.reason).toBe("AuthenticationFailed");

    bench.book.delete(wrongBefore.key);
    await bench.read();
    expect(bench.readings.failureOf(server)).toBe(undefined);
  });

  it("is no longer known by what a login has read once its policy is gone", async () => {
    const declares = { ...good, spec: aSpec(declared), connection: undefined };
    const bench = openBench({ ...declares, key: "shop/declares" }, good, wrongAfter);
    const facts = (): ReturnType<typeof bench.readings.factsOf> =>
      bench.readings.factsOf(server, { monotonicMs: bench.clock.monotonicMs() });
    await bench.read();
    bench.fake.isUp = false;
    await bench.read();
    expect(facts().reading).toBeDefined();

    // Another password, and another secret, are of the same policy.
    bench.fake.isUp = true;
    bench.book.set(policyWith("m-good", "app:mistyped"));
    await bench.read();
    expect(facts()).toMatchObject({ failure: { reason: "AuthenticationFailed" } });
    expect(facts().reading).toBeDefined();

    bench.book.set({ ...declares, key: good.key });
    await bench.read();
    expect(facts().reading).toBeUndefined();
    expect(facts()).toMatchObject({ failure: { toldTo: ["shop"] } });
    expect(facts().sessionSamples).not.toEqual([]);
    await bench.clock.advance(windowMs + 1);
    expect(facts().sessionSamples).toEqual([]);

    bench.book.delete(wrongAfter.key);
    await bench.read();
    expect(facts()).toMatchObject({ reading: undefined, failure: undefined });
  });

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

  it("that are refused slowly end a reading after 3 s, and the one begun then, and cost it nothing", async () => {
    const bench = openBench(good);
    await bench.read();
    for (const one of wrongOnes("shop", 40)) bench.book.set(one);
    bench.fake.delayMs = 4_500;
    const beganMs = bench.clock.monotonicMs();

    const endedMs = await bench.ended(bench.read());

    expect(endedMs - beganMs).toBe(2 * 4_500);
    expect(bench.readings.wasRead(server, beganMs)).toBe(true);
  });

  it("of one namespace do not stand before those of another, also after a start", async () => {
    const victim = { ...policyWith("victim", "other:right"), key: "z/victim", namespace: "z" };
    const bench = openBench(...wrongOnes("crowd", 40), victim);
    bench.fake.delayMs = 1_000;

    await bench.ended(bench.read());

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

  it("that are refused are told to those who share the server without what it says of them", async () => {
    const bench = openBench(wrongBefore);
    await bench.read();
    const failure = (): unknown => bench.readings.failureOf(server);
    expect(failure()).toMatchObject({ reason: "AuthenticationFailed", toldTo: ["shop"] });

    bench.fake.isUp = false;
    await bench.read();

    expect(failure()).toEqual({
      reason: "DatabaseUnreachable",
      message: expect.any(String) as string,
    });
  });

  it("never show a password", async () => {
    const bench = openBench(wrongBefore, good);
    await bench.read();

    expect(bench.log.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(bench.log.lines)).not.toContain("wrong@");
  });
});

describe("beside 400 new logins of another namespace that are refused", () => {
  it("what the one that works reads counts at once, and as of the moment at which it did", async () => {
    const bench = openBench(good);
    await bench.read();
    await bench.pass(30_000);
    for (const one of wrongOnes("crowd", 400)) bench.book.set(one);
    bench.fake.delayMs = 50;
    const [askedMs, wakes] = [bench.clock.monotonicMs(), bench.wakes()];

    const ended = bench.ended(bench.read());
    await bench.pass(60);
    expect(bench.readings.wasRead(server, askedMs)).toBe(true);
    expect(bench.wakes()).toBe(wakes + 1);

    expect((await ended) - askedMs).toBeLessThanOrEqual(3_100);
    const { sessionSamples } = bench.readings.factsOf(server, { monotonicMs: askedMs });
    expect(sessionSamples.at(-1)?.atMs).toBe(askedMs + 50);
    expect(bench.readings.wasRead(server, askedMs + 1)).toBe(false);
  });

  it("all are tried within 35 s: what there was no time for is not left to the interval", async () => {
    const bench = openBench(good);
    await bench.read();
    for (const one of wrongOnes("crowd", 400)) bench.book.set(one);
    bench.fake.delayMs = 50;
    const beganMs = bench.clock.monotonicMs();
    let [tries, endedMs] = [0, beganMs];
    while (tries < 400) {
      const reading = bench.read();
      await bench.ended(reading);
      tries += bench.tries() - 1;
      endedMs = bench.clock.monotonicMs();
      const result = await reading;
      await bench.pass(result.kind === "after" ? result.delayMs : Infinity);
    }
    expect(endedMs - beganMs).toBeLessThanOrEqual(35_000);
  });

  it("a good one is found in the second reading, though each time there is time for one only", async () => {
    const bench = openBench(good);
    await bench.read();
    bench.fake.delayMs = 4_500;
    const victim = { ...policyWith("victim", "other:right"), key: "z/victim", namespace: "z" };
    bench.book.set(victim);
    for (const password of ["first", "second"]) {
      // An edit of one Secret changes them all.
      for (const one of wrongOnes("crowd", 400, password)) bench.book.set(one);
      await bench.ended(bench.read());
      expect(bench.tries()).toBe(2);
    }
    expect(bench.failureOf("z/victim")).toBe(undefined);
  });
});
