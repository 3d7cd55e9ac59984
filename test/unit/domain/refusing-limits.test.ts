// A repair has to fit beside what really runs within each limit that refuses logins: the server by
// all sessions, a CONNECTION LIMIT by those that log in with its role or to its database. A part
// that is declared refuses nobody.

import { describe, expect, test } from "vitest";
import type { PolicyFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import type { Running } from "../../../src/domain/decide/running.ts";
import { runningWithinLimits } from "../../../src/domain/decide/refusing-limits.ts";
import { capacityOf } from "../../../src/domain/supply/capacity.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import * as builders from "../../support/builders.ts";

const { aDatabase, aGrant, aPolicy, aReading, aSnapshot, aSpec, aWorkload, pods, sessions } =
  builders;

interface Fleet {
  readonly reading: builders.ReadingParts;
  readonly policies: readonly PolicyFacts[];
  readonly workloads: readonly PoolFacts[];
}

interface Row extends Fleet {
  readonly name: string;
  /** Undefined: the roll starts. */
  readonly waits: string | undefined;
}

/** Three pods that are too large for what they are granted. */
function three(name: string, poolSize: number, granted: number): PoolFacts {
  const own = { pods: pods(3, { poolSize }), grant: aGrant(granted) };
  return aWorkload(name, { policy: `shop/${name}`, ...own });
}

const ofSecret = { secretRef: { name: "db" } };

function declared(maxConnections: number): PolicyFacts {
  return aPolicy("web", { spec: { database: { ...ofSecret, maxConnections } } });
}

const notOne =
  "; replacing one pod at a time would add 8, too many as well. To fix: restart the workload when fewer pods run";
const [a, b] = [aPolicy("a", { role: "a_app" }), aPolicy("b", { role: "b_app" })];
const small = aWorkload("b", {
  ...{ policy: b.key, grant: aGrant(5), pods: pods(1, { poolSize: 5 }) },
});
const lost = aPolicy("lost", {
  ...{ role: undefined, database: undefined, status: { workloads: [] } },
  failure: { reason: "SecretForbidden", message: "reading secret shop/db" },
});
const ofLost = aWorkload("lost", {
  ...{
    policy: lost.key,
    grant: aGrant(7),
    pods: pods(1, { poolSize: 7, addresses: ["10.1.1.1"] }),
  },
});
const takenOfRole = "54 of the 60 slots of CONNECTION LIMIT 60 of role";

const rows: Row[] = [
  {
    name: "100 of 200 are declared: 131 sessions of others leave less of the server than it adds",
    reading: { ownSessions: 1, sessions: [sessions(130)] },
    policies: [declared(100)],
    workloads: [three("web", 20, 8)],
    waits: "191 of 197 slots are taken, and its rollout would add 24" + notOne,
  },
  {
    name: "100 of 200 are declared: what is taken of the server leaves room for it",
    reading: { ownSessions: 1, sessions: [sessions(110)] },
    policies: [declared(100)],
    workloads: [three("web", 20, 8)],
    waits: undefined,
  },
  {
    name: "reserved_connections are nobody's",
    reading: { reservedConnections: 10, sessions: [sessions(110)] },
    policies: [declared(100)],
    workloads: [three("web", 20, 8)],
    waits: `170 of 187 slots are taken, and its rollout would add 24; its pods are replaced one at a time`,
  },
  {
    name: "the role of all has a limit: 100 sessions of other roles are beside it",
    reading: { roleLimits: { a_app: 60 }, sessions: [sessions(100)] },
    policies: [a],
    workloads: [three("a", 18, 8)],
    waits: `${takenOfRole} a_app are taken, and its rollout would add 24${notOne}`,
  },
  {
    name: "the role of one of two policies has a limit",
    reading: { roleLimits: { a_app: 60 } },
    policies: [a, b],
    workloads: [three("a", 18, 8), small],
    waits: `${takenOfRole} a_app are taken, and its rollout would add 24${notOne}`,
  },
  {
    name: "the database of one of two policies has a limit",
    reading: { databaseLimits: { a_data: 80 } },
    policies: [{ ...a, database: "a_data" }, b],
    workloads: [three("a", 22, 8), small],
    waits:
      "66 of the 80 slots of CONNECTION LIMIT 80 of database a_data are taken, " +
      `and its rollout would add 24; its pods are replaced one at a time`,
  },
  {
    name: "its sessions are foreign ones too",
    reading: { roleLimits: { a_app: 80 }, sessions: [sessions(10, { user: "a_app" })] },
    policies: [a, b],
    workloads: [three("a", 18, 8), small],
    waits:
      "64 of the 80 slots of CONNECTION LIMIT 80 of role a_app are taken, " +
      `and its rollout would add 24; its pods are replaced one at a time`,
  },
  {
    name: "its limit is exceeded by what stays: the least is added",
    reading: { roleLimits: { a_app: 60 } },
    policies: [a, b],
    workloads: [three("a", 21, 8), small],
    waits:
      "63 of the 60 slots of CONNECTION LIMIT 60 of role a_app are taken, and its rollout would add 24; its pods are replaced one at a time",
  },
  {
    name: "pods whose login is not known may have the role",
    reading: { roleLimits: { a_app: 60 } },
    policies: [a, lost],
    workloads: [three("a", 10, 8), ofLost],
    waits:
      "37 of the 60 slots of CONNECTION LIMIT 60 of role a_app are taken, 7 of them possibly by " +
      "pods whose login is not known, and its rollout would add 24; its pods are replaced one at a time",
  },
  {
    name: "those of a role that the server does not have are of an unknown login",
    reading: { roleLimits: { a_app: 60 } },
    policies: [
      a,
      { ...lost, role: "a_ap", spec: aSpec({ database: { ...ofSecret, role: "a_ap" } }) },
    ],
    workloads: [three("a", 10, 8), ofLost],
    waits:
      "37 of the 60 slots of CONNECTION LIMIT 60 of role a_app are taken, 7 of them possibly by " +
      "pods whose login is not known, and its rollout would add 24; its pods are replaced one at a time",
  },
  {
    name: "those of a policy that was never in force hold up nobody",
    reading: { roleLimits: { a_app: 60 } },
    policies: [a, { ...lost, status: undefined }],
    workloads: [three("a", 10, 8), ofLost],
    waits: undefined,
  },
  {
    name: "a limit that they alone would exceed is not known to be exceeded",
    reading: { roleLimits: { a_app: 60 } },
    policies: [a, lost],
    workloads: [three("a", 10, 8), { ...ofLost, pods: pods(1, { poolSize: 70 }) }],
    waits:
      "100 of the 60 slots of CONNECTION LIMIT 60 of role a_app are taken, 70 of them possibly by " +
      `pods whose login is not known, and its rollout would add 24${notOne}`,
  },
];

function snapshotOf({ reading, policies, workloads }: Fleet): ReturnType<typeof aSnapshot> {
  const fleetAddresses = builders.ofFleet("10.1.1.1");
  const database = aDatabase({ reading: aReading(reading), fleetAddresses });
  return aSnapshot({ database, policies, workloads });
}

describe("while the line is broken a repair fits each limit that refuses logins", () => {
  test.each(rows)("$name", ({ waits, ...fleet }) => {
    const { rolls } = plan(snapshotOf(fleet), builders.startMs);
    const message = rolls.obstacles.get(0)?.message.replace(/: evicts .*/, "");
    expect(message).toBe(waits && `waits, because ${waits}`);
    expect(rolls.roll?.index).toBe(waits === undefined ? 0 : undefined);
    const isOneByOne = waits?.endsWith("one at a time") === true;
    expect(rolls.eviction?.wish.index).toBe(isOneByOne ? 0 : undefined);
  });
});

describe("what runs within a CONNECTION LIMIT", () => {
  function within(fleet: Fleet): readonly Running[] {
    const snapshot = snapshotOf(fleet);
    const { positions, ownSessions, capacity } = plan(snapshot, builders.startMs);
    if (!capacity) throw new Error("the server was read");
    const foreign = foreignSessionsOf(snapshot);
    const now = { foreign, ownSessions, nowMs: builders.startMs };
    return runningWithinLimits({ snapshot, positions, capacity, ...now });
  }

  test.each([
    { name: "our own session counts where it logs in", role: "a_app", want: 55 },
    { name: "elsewhere it does not", role: "b_app", want: 54 },
  ])("$name", ({ role, want }) => {
    const reading = { role, ownSessions: 1, roleLimits: { a_app: 60 } };
    const fleet = { reading, policies: [a, b], workloads: [three("a", 18, 8), small] };
    expect(within(fleet).map(({ slots }) => slots)).toEqual([60, want]);
  });

  test("sessions of pods whose login is not known do not count beside what the pods may hold", () => {
    const seen = sessions(3, { user: "a_app", address: "10.1.1.1" });
    const reading = { roleLimits: { a_app: 60 }, sessions: [seen] };
    const fleet = { reading, policies: [a, lost], workloads: [three("a", 10, 8), ofLost] };
    expect(within(fleet)[1]).toMatchObject({ slots: 37, stayingSlots: 30, possibleSlots: 7 });
  });

  test("one that cannot be full before the server is not looked at", () => {
    const reading = { roleLimits: { a_app: 197 }, databaseLimits: { orders: -1 } };
    const fleet = { reading, policies: [a, b], workloads: [three("a", 18, 8), small] };
    expect(within(fleet)).toHaveLength(1);
    expect(capacityOf(snapshotOf(fleet))?.slots).toBe(197);
  });
});
