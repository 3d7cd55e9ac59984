// Which sessions are in doubt: those of the fleet's login, at an address that only a reading of
// just now shows.

import { expect, test } from "vitest";
import type { DatabaseFacts, SessionGroup, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import * as build from "../../support/builders.ts";

const newForMs = 3_000;
const atNewAddress = build.sessions(5, { user: "app", address: "10.0.0.9" });
const ofPod = build.sessions(5, { user: "app", address: "10.0.0.1" });

interface Reading {
  readonly sessions: readonly SessionGroup[];
  readonly newForMs?: number;
}

/** The last reading is of now, the others are each 30 s older than the next. */
function database(...readings: readonly Reading[]): DatabaseFacts {
  const sessionSamples = readings.map((one, index) => ({
    ...one,
    atMs: build.startMs - (readings.length - 1 - index) * 30_000,
  }));
  return build.aDatabase({ sessionSamples, fleetAddresses: build.ofFleet("10.0.0.1") });
}

/** The server shows no user until then. */
const loggingIn = { ...atNewAddress, user: "" };

const policies = [build.aPolicy("orders", { role: "app" })];

interface Row {
  readonly name: string;
  readonly readings: readonly Reading[];
  readonly wantSlots: number;
  readonly wantDoubtedForMs: number | undefined;
}

const before: Reading = { sessions: [ofPod] };

test.each<Row>([
  {
    name: "at an address that only the reading of just now shows: not counted for a while",
    readings: [before, { sessions: [ofPod, atNewAddress], newForMs }],
    wantSlots: 0,
    wantDoubtedForMs: newForMs,
  },
  {
    name: "at such an address that have not logged in yet: not counted for a while either",
    readings: [before, { sessions: [ofPod, loggingIn], newForMs }],
    wantSlots: 0,
    wantDoubtedForMs: newForMs,
  },
  {
    name: "once that reading is older: foreign",
    readings: [before, { sessions: [ofPod, atNewAddress] }],
    wantSlots: 5,
    wantDoubtedForMs: undefined,
  },
  {
    name: "that an older reading showed at that address: foreign, however many there are now",
    readings: [
      { sessions: [build.sessions(1, { address: "10.0.0.9" })] },
      { sessions: [atNewAddress], newForMs },
    ],
    wantSlots: 5,
    wantDoubtedForMs: undefined,
  },
  {
    name: "of another login: foreign",
    readings: [before, { sessions: [build.sessions(4, { address: "10.0.0.8" })], newForMs }],
    wantSlots: 4,
    wantDoubtedForMs: undefined,
  },
  {
    name: "where there was no reading before: foreign",
    readings: [{ sessions: [atNewAddress], newForMs }],
    wantSlots: 5,
    wantDoubtedForMs: undefined,
  },
  {
    name: "beside strangers: the strangers count",
    readings: [before, { sessions: [atNewAddress, build.sessions(2)], newForMs }],
    wantSlots: 2,
    wantDoubtedForMs: newForMs,
  },
  {
    name: "of a pod of the fleet: nothing is in doubt",
    readings: [{ sessions: [] }, { sessions: [ofPod], newForMs }],
    wantSlots: 0,
    wantDoubtedForMs: undefined,
  },
])("sessions $name", ({ readings, wantSlots, wantDoubtedForMs }) => {
  const one = build.aSnapshot({ policies, database: database(...readings) });
  const { slots, doubtedForMs } = foreignSessionsOf(one);
  expect({ slots, doubtedForMs }).toEqual({ slots: wantSlots, doubtedForMs: wantDoubtedForMs });
});

test("what is in doubt runs all the same: a repair has to fit beside it", () => {
  const facts = database(before, { sessions: [atNewAddress], newForMs });
  expect(foreignSessionsOf(build.aSnapshot({ policies, database: facts })).slotsNow).toBe(5);
});

test("within a CONNECTION LIMIT it is in doubt as well", () => {
  const facts = database(before, { sessions: [atNewAddress], newForMs });
  const limited = { ...facts, reading: build.aReading({ roleLimits: { app: 40 } }) };
  const other = build.aPolicy("ledger", { role: "ledger" });
  const workloads = [build.aWorkload("web", { pods: build.pods(1), grant: build.aGrant(20) })];
  const one = build.aSnapshot({ policies: [...policies, other], workloads, database: limited });
  const [account] = plan(one, build.startMs).limits.narrow;
  expect(account?.limit).toMatchObject({ name: "role app", slots: 30 });
});

test("while something is in doubt no size falls for it, none grows into it, and it is looked at again", () => {
  const workloads = [
    build.aWorkload("web", { pods: build.pods(4, { poolSize: 21 }), grant: build.aGrant(21) }),
  ];
  const deciding = (doubted: Reading): ReturnType<typeof plan> => {
    const one = { policies, workloads, database: database(before, doubted) };
    return plan(build.aSnapshot(one), build.startMs);
  };
  const inDoubt = deciding({ sessions: [{ ...atNewAddress, count: 40 }], newForMs });
  expect(inDoubt.pools[0]?.grant).toMatchObject({ poolSize: 21 });
  expect(inDoubt.recheckAfterMs).toBe(newForMs);
  expect(deciding({ sessions: [] }).pools[0]?.grant.poolSize).toBeGreaterThan(21);
  const counted = deciding({ sessions: [{ ...atNewAddress, count: 40 }] });
  expect(counted.pools[0]?.grant.poolSize).toBeLessThan(21);
});

test("what fits beside it grows: by a grant, and by a roll where only a roll hands it out", () => {
  const spec = { delivery: "Template", stability: { cooldown: "1s" } };
  const rolled = build.aPolicy("orders", { role: "app", delivery: "Template", spec });
  const web = build.aWorkload("web", { pods: build.pods(4, { poolSize: 5 }), replicas: 4 });
  const granted = { ...web, grant: build.aGrant(5) };
  const beside = (count: number): DatabaseFacts =>
    database(before, { sessions: [{ ...atNewAddress, count }], newForMs });
  const deciding = (
    count: number,
    policy = policies,
    workload: PoolFacts = granted,
  ): ReturnType<typeof plan> =>
    plan(
      build.aSnapshot({ policies: policy, workloads: [workload], database: beside(count) }),
      build.startMs,
    );

  const all = deciding(0).pools[0]?.grant.poolSize ?? 0;
  const some = deciding(40).pools[0]?.grant.poolSize ?? 0;
  expect(some).toBeGreaterThan(5);
  expect(some).toBeLessThan(all);
  expect(deciding(180).pools[0]?.grant).toMatchObject({ poolSize: 5, decision: "Wait" });

  expect(deciding(1, [rolled], web).rolls.roll?.poolSize).toBeGreaterThan(5);
  expect(deciding(180, [rolled], web).rolls.roll).toBeUndefined();
});
