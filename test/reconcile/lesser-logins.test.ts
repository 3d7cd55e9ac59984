// What a tenant whose login sees less than another can do to those who share the server: nothing.

import { describe, expect, it } from "vitest";
import { foreignSessionsOf } from "../../src/domain/supply/foreign.ts";
import { nothingHeld } from "../../src/reconcile/memory/held-slots.ts";
import type { ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { aDatabase, aPolicy, aSnapshot } from "../support/builders.ts";
import { type Bench, openBench, policyWith, server } from "../support/login-bench.ts";

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
    const held = { ...nothingHeld, all: 100, byNamespace: new Map([["shop", 100]]) };
    readings.noteFleet(server, held, [], now, () => []);
    const jobsPolicy = aPolicy("a", { namespace: "jobs", role: "batch" });
    const policies = [aPolicy("m-owner", { role: "app" }), jobsPolicy];
    return foreignSessionsOf(
      aSnapshot({ policies, database: aDatabase(readings.factsOf(server, now)) }),
    ).slots;
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

  it("counts what the login with sight sees, also where another one is new", async () => {
    const bench = await openShared();
    bench.fake.sessions = [];
    await passMinutes(bench, 15, false);
    bench.fake.sessions = [{ ...jobs, user: "app" }];
    bench.book.set(tenant(1));
    await bench.read();
    expect(bench.tries()).toBe(2);
    await bench.clock.advance(6_000);

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
    bench.fake.sessions = [];
    bench.book.set(tenant(0));
    bench.book.delete(owner.key);
    await passMinutes(bench, 11, false);

    expect(foreignSlots(bench)).toBe(0);
  });

  it("has the role that a tenant's policy names for its own pods alone", async () => {
    const bench = openBench(tenant(0));
    Object.assign(bench.fake, {
      monitors: new Set(),
      sessions: [jobs, { ...jobs, user: "app", count: 20 }],
    });
    bench.fake.passwords["other"] = "right";
    await bench.read();

    // The shop's pods can hold 100 sessions of its own role, and none of another's.
    expect(foreignSlots(bench)).toBe(60);
  });

  it("tells each namespace what its own login may see, as long as it works", async () => {
    const bench = await openShared();
    expect(bench.sights()).toEqual([["shop", "app", true]]);

    bench.book.set(tenant(0));
    await bench.read();
    expect(bench.sights()).toEqual([
      ["jobs", "other", false],
      ["shop", "app", true],
    ]);

    bench.book.set(tenant(1));
    expect(bench.sights()).toEqual([["shop", "app", true]]);
    bench.fake.passwords["other"] = "rotated";
    await bench.read();
    expect(bench.sights()).toEqual([["shop", "app", true]]);
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
