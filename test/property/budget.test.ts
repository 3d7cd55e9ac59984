// Laws of the budget: what the fleet may hold is what the server has, less everything that somebody
// else has a right to. Added up here a second time, word by word, from whatever a server and the
// policies on it may say.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  DatabaseReading,
  PolicyFacts,
  SessionGroup,
  Snapshot,
  SessionSample,
} from "../../src/domain/facts/facts.ts";
import { type Plan, plan } from "../../src/domain/decide/plan.ts";
import * as build from "../support/builders.ts";

/** 10.1.0.1 was the fleet's until a minute ago, 10.1.0.2 still is. */
const minuteMs = 60_000;
const fleetAddresses: Snapshot["database"]["fleetAddresses"] = new Map([
  ["10.1.0.1", [{ fromMs: -Infinity, untilMs: build.startMs - minuteMs }]],
  ["10.1.0.2", [{ fromMs: build.startMs - minuteMs, untilMs: Infinity }]],
]);

const session: fc.Arbitrary<SessionGroup> = fc
  .record({
    user: fc.constantFrom("app", "app", "alice", "bob"),
    address: fc.constantFrom("10.1.0.1", "10.1.0.2", "10.9.9.9", "", undefined),
    count: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ count, ...rest }) => build.sessions(count, rest));

const sessions = fc.array(session, { maxLength: 4 });
const limit = fc.constantFrom(-1, -1, 0, 30, 90);

const reading: fc.Arbitrary<DatabaseReading> = fc
  .record({
    maxConnections: fc.integer({ min: 1, max: 200 }),
    superuserReservedConnections: fc.nat(5),
    reservedConnections: fc.nat(5),
    roleLimits: fc.record({ app: limit, batch: limit }),
    databaseLimits: fc.record({ orders: limit, stock: limit }),
    ownSessions: fc.nat(2),
    sessions,
  })
  .map((one) => build.aReading(one));

function policy(name: string): fc.Arbitrary<PolicyFacts> {
  const spec = fc.record({
    reserve: fc.record({
      connections: fc.oneof(fc.nat(20), fc.constantFrom("0%", "10%", "33%")),
      rollouts: fc.nat(3),
    }),
    database: fc.constantFrom(undefined, undefined, 40, 120).map((maxConnections) => ({
      secretRef: { name: "db" },
      ...(maxConnections === undefined ? {} : { maxConnections }),
    })),
  });
  return fc
    .record({
      spec,
      role: fc.constantFrom("app", "batch", undefined),
      database: fc.constantFrom("orders", "stock", undefined),
    })
    .map((options) => build.aPolicy(name, options));
}

/** How many sessions the pods of that moment could have held, if that is known. */
const fleetSlots = fc
  .constantFrom(undefined, 0, 5, 12)
  .map((slots) => (slots === undefined ? {} : { fleetSlots: slots }));

/** Its last sample is the reading's own; the first may be of the time before the last minute. */
const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    reading,
    earlier: fc.array(
      fc.record({ agoMs: fc.constantFrom(0, 30_000, 120_000), sessions, fleetSlots }),
      { maxLength: 3 },
    ),
    latestFleetSlots: fleetSlots,
    policies: fc.tuple(policy("orders"), policy("stock")),
  })
  .map(({ reading: latest, earlier, latestFleetSlots, policies }) => {
    const before = earlier
      .sort((a, b) => b.agoMs - a.agoMs)
      .map(({ agoMs, fleetSlots: slots, ...rest }) => ({
        atMs: build.startMs - agoMs,
        ...rest,
        ...slots,
      }));
    const last = { atMs: build.startMs, sessions: latest.sessions, ...latestFleetSlots };
    const sessionSamples = [...before, last];
    return build.aSnapshot({
      policies,
      database: build.aDatabase({ reading: latest, fleetAddresses, sessionSamples }),
    });
  });

function leastOf(numbers: readonly number[], most: number): number {
  return numbers.filter((one) => one >= 0).reduce((a, b) => Math.min(a, b), most);
}

interface Server {
  readonly ordinary: number;
  readonly undeclared: number;
  readonly limits: Pick<DatabaseReading, "roleLimits" | "databaseLimits">;
}

function serverOf({ database, policies }: Snapshot): Server {
  const { maxConnections, withheld, ...limits } = database.reading ?? build.aReading();
  const declared = policies.flatMap(({ spec }) => spec.database.maxConnections ?? []);
  const reserved = withheld.reduce((sum, { slots }) => sum + slots, 0);
  const ordinary = Math.max(0, leastOf(declared, maxConnections) - reserved);
  return { ordinary, undeclared: maxConnections - leastOf(declared, maxConnections), limits };
}

interface Limit {
  readonly slots: number;
  readonly foreign: number;
}

/** Limits of a login that all policies share, with the foreign sessions that they count. */
function commonLimits(one: Snapshot): readonly Limit[] {
  const { ordinary, limits } = serverOf(one);
  const [role, ...roles] = new Set(one.policies.map((policy) => policy.role));
  const [database, ...databases] = new Set(one.policies.map((policy) => policy.database));
  const found = [
    ...(roles.length === 0 ? [{ slots: limits.roleLimits[role ?? ""] ?? -1, user: role }] : []),
    ...(databases.length === 0
      ? [{ slots: limits.databaseLimits[database ?? ""] ?? -1, database }]
      : []),
  ];
  return found
    .filter(({ slots }) => slots >= 0 && slots < ordinary)
    .map(({ slots, ...login }) => ({ slots, foreign: foreignOf(one, login) }));
}

function budgetOf(one: Snapshot): number {
  const { ordinary, undeclared } = serverOf(one);
  const limits = commonLimits(one);
  const beside = ordinary - Math.max(0, foreignOf(one) - undeclared);
  const left = Math.min(beside, ...limits.map(({ slots, foreign }) => slots - foreign));
  const capacity = Math.min(ordinary, ...limits.map(({ slots }) => slots));
  const [{ count: own } = { count: 0 }] = one.database.reading?.ownSessions ?? [];
  return Math.max(0, left - reserveOf(one, capacity) - own);
}

function reserveOf({ policies }: Snapshot, capacity: number): number {
  const asked = policies.map(({ spec: { reserve } }) => {
    const { connections } = reserve;
    if (typeof connections === "number") return connections;
    return Math.ceil((capacity * Number(connections.replace("%", ""))) / 100);
  });
  return Math.max(...asked);
}

function countOf(groups: readonly SessionGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** An address is the fleet's for as long as a pod has it. */
function isOfFleet({ address }: SessionGroup, atMs: number): boolean {
  if (address === "10.1.0.1") return atMs <= build.startMs - minuteMs;
  return address === "10.1.0.2" && atMs >= build.startMs - minuteMs;
}

/** Whose origin cannot be seen is the fleet's if it has its role, as far as pods could hold it. */
function foreignIn(
  { policies }: Snapshot,
  { sessions: all, atMs, fleetSlots: most }: SessionSample,
  login: Login,
): number {
  const ofFleet = countOf(all.filter((group) => isOfFleet(group, atMs)));
  const isUnseen = ({ user, address }: SessionGroup): boolean =>
    address === undefined && policies.some(({ role }) => role === user);
  const isSeen = (group: SessionGroup): boolean => !isOfFleet(group, atMs) && !isUnseen(group);
  let held = Math.max(0, (most ?? Infinity) - ofFleet);
  const beyond = all
    .filter((group) => isUnseen(group))
    .map((group) => {
      const count = Math.max(0, group.count - held);
      held = Math.max(0, held - group.count);
      return { ...group, count };
    });
  return countOf([...all.filter(isSeen), ...beyond].filter((group) => isWith(group, login)));
}

/** Of anybody where neither is said. */
interface Login {
  readonly user?: string | undefined;
  readonly database?: string | undefined;
}

function isWith(group: SessionGroup, { user, database }: Login): boolean {
  return (user ?? group.user) === group.user && (database ?? group.database) === group.database;
}

function foreignOf(one: Snapshot, login: Login = {}): number {
  const { sessionSamples } = one.database;
  return Math.max(...sessionSamples.map((sample) => foreignIn(one, sample, login)));
}

/** Of a declared part a limit that all share may be a line beside the server's, and bind first. */
function mostFor(policies: readonly PolicyFacts[], { budgetSlots = 0, limits }: Plan): number {
  const ofAll = limits.narrow.filter(({ limit: { name } }) =>
    policies.every(({ role, database }) => [`role ${role}`, `database ${database}`].includes(name)),
  );
  return Math.min(budgetSlots, ...ofAll.map(({ limit }) => limit.slots));
}

describe("the budget", () => {
  test("is the least limit, less the largest reserve, the most foreign sessions, and our own", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        expect(plan(one, build.startMs).budgetSlots).toBe(budgetOf(one));
      }),
      { numRuns: 1000 },
    );
  });

  test("leaves room for as many rollouts as the most careful policy asks for", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const asked = one.policies.map(({ spec }) => spec.reserve.rollouts);
        expect(plan(one, build.startMs).capacity?.rolloutsMax).toBe(Math.max(...asked));
      }),
    );
  });

  test("is never larger for anything more that somebody says", () => {
    fc.assert(
      fc.property(snapshot, policy("third"), session, (one, third, more) => {
        const before = plan(one, build.startMs);
        const { budgetSlots: budget = 0 } = before;
        const [{ role, database: name } = third] = one.policies;
        const policies = [...one.policies, { ...third, role, database: name }];
        const { sessionSamples } = one.database;
        const samples = sessionSamples.map((sample, index) => {
          const shown = [...sample.sessions, { ...more, address: "10.9.9.8" }];
          return index === 0 ? { ...sample, sessions: shown } : sample;
        });
        const database = { ...one.database, sessionSamples: samples };
        const asked = plan({ ...one, policies }, build.startMs);
        const shown = plan({ ...one, database }, build.startMs).budgetSlots;
        expect(shown).toBeLessThanOrEqual(budget);
        // A reserve in percent is of what is declared: it shrinks with the declaration.
        const reserves = [before, asked].map(({ capacity }) => capacity?.reserveSlots ?? 0);
        const [reserve = 0, reserveAsked = 0] = reserves;
        const lessReserve = Math.max(0, reserve - reserveAsked);
        expect(mostFor(policies, asked)).toBeLessThanOrEqual(budget + lessReserve);
      }),
    );
  });

  test("is the same in whatever order policies and sessions come", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const { database, policies } = one;
        const turned = {
          ...one,
          policies: policies.toReversed(),
          database: {
            ...database,
            sessionSamples: database.sessionSamples.map((sample) => ({
              ...sample,
              sessions: sample.sessions.toReversed(),
            })),
          },
        };
        const { capacity, budgetSlots, foreign } = plan(one, build.startMs);
        const { slots, ghostSlots, fleetSessions } = foreign;
        const wanted = { capacity, budgetSlots, foreign: { slots, ghostSlots, fleetSessions } };
        expect(plan(turned, build.startMs)).toMatchObject(wanted);
      }),
    );
  });
});
