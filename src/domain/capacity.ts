// Capacity: what the server allows ordinary logins, and what of it the fleet may plan with.
//   ordinary = max_connections - superuser_reserved_connections - reserved_connections
//   capacity = ordinary, cut by the CONNECTION LIMIT of the role and of the database
// (reserved_connections from PostgreSQL 16).
// Where policies of one server disagree the stricter word wins, and whose word it was is kept, so
// that it can be said. A namespace that is bounded by the operator's setting speaks for itself: its
// words count for the others only as far as any policy's defaults do. A policy that has no place
// (standing.ts) has no say.

import type { PolicyFacts, PolicyKey, Snapshot } from "./facts.ts";
import { shareFor } from "./namespace-shares.ts";
import { divideFloor, percentCeil } from "./slots.ts";
import { speakers } from "./standing.ts";

/**
 * PostgreSQL's default of superuser_reserved_connections, for servers that are declared and not
 * read.
 */
const superuserReservedDefault = 3;

export interface Cut {
  readonly slots: number;
  /** What cuts, e.g. `CONNECTION LIMIT 50 of role orders_app`. */
  readonly by: string;
}

export interface Capacity {
  readonly maxConnections: number;
  /** max_connections above the declared limit. */
  readonly undeclaredSlots: number;
  /** Whose declaration that is, e.g. `maxConnections of policy shop/orders`; empty without one. */
  readonly declaredBy: string;
  readonly superuserReservedSlots: number;
  readonly reservedSlots: number;
  readonly cut: Cut | undefined;
  /** Slots that ordinary logins of the application can get. */
  readonly slots: number;
  /** The limit that binds, for people. */
  readonly boundBy: string;
  readonly reserveSlots: number;
  /** The policy whose word it is. */
  readonly reserveBy: string;
  readonly rolloutsMax: number;
  readonly rolloutsBy: string;
}

/** What one policy says about the server. */
interface Word {
  readonly key: PolicyKey;
  readonly maxConnections: number | undefined;
  readonly role: string | undefined;
  readonly database: string | undefined;
  readonly reserve: PolicyFacts["spec"]["reserve"];
  /** More of the reserve does not count. */
  readonly reserveMax: number;
  /** Bounded: its role's and its database's limit is shared with others that log in with them. */
  readonly isBounded: boolean;
}

/** What a policy says that says nothing: the defaults of spec.reserve. */
const usualReserve = { connections: 10, rollouts: 1 };

/**
 * Undefined while neither a reading nor a declaration says how many connections there are.
 * `namespace`: as it is for that one alone, with all that its own policies say.
 */
export function capacityOf(snapshot: Snapshot, namespace?: string): Capacity | undefined {
  // Of two equal words the one of the first name counts, whatever the order of arrival.
  const policies = speakers(snapshot.policies)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((policy) => wordOf(policy, snapshot, namespace));
  const declared = strictestDeclaration(policies);
  const server = serverLimits(snapshot, declared);
  if (!server) return undefined;
  const { maxConnections, superuserReservedSlots, reservedSlots } = server;
  const undeclaredSlots = Math.max(0, maxConnections - (declared?.slots ?? maxConnections));
  const withheld = undeclaredSlots + superuserReservedSlots + reservedSlots;
  const ordinarySlots = Math.max(0, maxConnections - withheld);
  const cut = cutOf(strictestLimit(snapshot, policies), ordinarySlots);
  const slots = ordinarySlots - (cut?.slots ?? 0);
  return {
    ...server,
    undeclaredSlots,
    declaredBy: declared?.by ?? "",
    cut,
    slots,
    boundBy: cut?.by ?? limitedBy(snapshot, declared, undeclaredSlots),
    ...reserveOf(policies, slots),
  };
}

function wordOf(policy: PolicyFacts, snapshot: Snapshot, namespace: string | undefined): Word {
  const { key, spec, role, database } = policy;
  const { maxConnections } = spec.database;
  const { reserve } = spec;
  const isBounded = shareFor(policy.namespace, snapshot.namespaceShares) !== undefined;
  if (!isBounded || policy.namespace === namespace) {
    return { key, maxConnections, role, database, reserve, reserveMax: Infinity, isBounded };
  }
  const isRead = isReadable(snapshot);
  const rollouts = Math.min(reserve.rollouts, usualReserve.rollouts);
  return {
    key,
    // Where nobody can read the server, what is declared is all that is known of it.
    maxConnections: isRead ? undefined : maxConnections,
    role: undefined,
    database: undefined,
    reserve: { ...reserve, rollouts },
    reserveMax: usualReserve.connections,
    isBounded,
  };
}

function isReadable({ database, policies }: Snapshot): boolean {
  return database.reading !== undefined || policies.some(({ spec }) => spec.database.secretRef);
}

function serverLimits(
  snapshot: Snapshot,
  declared: Cut | undefined,
): Pick<Capacity, "maxConnections" | "superuserReservedSlots" | "reservedSlots"> | undefined {
  const { reading } = snapshot.database;
  if (reading) {
    return {
      maxConnections: reading.maxConnections,
      superuserReservedSlots: reading.superuserReservedConnections,
      reservedSlots: reading.reservedConnections,
    };
  }
  return (
    declared && {
      maxConnections: declared.slots,
      superuserReservedSlots: superuserReservedDefault,
      reservedSlots: 0,
    }
  );
}

function limitedBy(
  { database }: Snapshot,
  declared: Cut | undefined,
  undeclaredSlots: number,
): string {
  const isDeclared = database.reading === undefined || undeclaredSlots > 0;
  return declared && isDeclared ? declared.by : "max_connections";
}

/** What a CONNECTION LIMIT takes away from the ordinary slots, if it takes anything. */
function cutOf(limit: Cut | undefined, ordinarySlots: number): Cut | undefined {
  if (!limit || limit.slots >= ordinarySlots) return undefined;
  return { slots: ordinarySlots - limit.slots, by: limit.by };
}

function strictestDeclaration(policies: readonly Word[]): Cut | undefined {
  return smallest(
    policies.flatMap(({ key, maxConnections: slots }) => {
      return slots === undefined ? [] : [{ slots, by: `maxConnections of policy ${key}` }];
    }),
  );
}

/**
 * A bounded namespace is cut by the limits of its own logins alone. Where several bounded ones log
 * in with one role, each has an equal part of its limit, because no cut of the server's holds them
 * together.
 */
function strictestLimit(snapshot: Snapshot, words: readonly Word[]): Cut | undefined {
  const { reading } = snapshot.database;
  if (!reading) return undefined;
  const cuts = words.flatMap(({ role, database, isBounded }) => [
    ...limitOf(reading.roleLimits, "role", role, isBounded ? sharersOf(snapshot, { role }) : 1),
    ...limitOf(
      reading.databaseLimits,
      "database",
      database,
      isBounded ? sharersOf(snapshot, { database }) : 1,
    ),
  ]);
  return smallest(cuts);
}

/** How many namespaces have policies that log in with the role, or to the database. */
function sharersOf(
  { policies }: Snapshot,
  login: Partial<Pick<PolicyFacts, "role" | "database">>,
): number {
  const theirs = speakers(policies).filter((policy) =>
    "role" in login ? policy.role === login.role : policy.database === login.database,
  );
  return Math.max(1, new Set(theirs.map(({ namespace }) => namespace)).size);
}

function limitOf(
  limits: Readonly<Record<string, number>>,
  what: string,
  name: string | undefined,
  sharers: number,
): Cut[] {
  const limit = name === undefined || !Object.hasOwn(limits, name) ? undefined : limits[name];
  if (limit === undefined || limit < 0) return [];
  const part = sharers === 1 ? "" : `, a part of ${sharers}`;
  const slots = divideFloor(limit, sharers);
  return [{ slots, by: `CONNECTION LIMIT ${limit} of ${what} ${name ?? ""}${part}` }];
}

function smallest(cuts: readonly Cut[]): Cut | undefined {
  return cuts.reduce<Cut | undefined>(
    (least, cut) => (least && least.slots <= cut.slots ? least : cut),
    undefined,
  );
}

function reserveOf(
  policies: readonly Word[],
  capacitySlots: number,
): Pick<Capacity, "reserveSlots" | "reserveBy" | "rolloutsMax" | "rolloutsBy"> {
  let [reserveSlots, reserveBy] = [0, policies[0]?.key ?? ""];
  let [rolloutsMax, rolloutsBy] = [0, reserveBy];
  for (const { key, reserve, reserveMax } of policies) {
    const { connections, rollouts } = reserve;
    const slots = Math.min(reserveSlotsOf(connections, capacitySlots), reserveMax);
    if (slots > reserveSlots) [reserveSlots, reserveBy] = [slots, key];
    if (rollouts > rolloutsMax) [rolloutsMax, rolloutsBy] = [rollouts, key];
  }
  return { reserveSlots, reserveBy, rolloutsMax, rolloutsBy };
}

/** `10` is ten slots; `"5%"` is that share of the capacity, rounded up. */
export function reserveSlotsOf(connections: number | string, capacitySlots: number): number {
  if (typeof connections === "number") return connections;
  const amount = Number.parseInt(connections, 10);
  return connections.endsWith("%") ? percentCeil(capacitySlots, amount) : amount;
}

/**
 * Foreign sessions that take from a declared part: what others hold fits beside it first, where
 * the server has slots that nobody declared.
 */
export function foreignWithin(
  { undeclaredSlots }: Pick<Capacity, "undeclaredSlots">,
  foreignSlots: number,
): number {
  return Math.max(0, foreignSlots - undeclaredSlots);
}

/**
 * What the fleet may hold: capacity - reserve - foreign sessions - the operator's own session.
 * Never below 0.
 */
export function budgetOf(capacity: Capacity, foreignSlots: number, ownSessions: number): number {
  const foreign = foreignWithin(capacity, foreignSlots);
  return Math.max(0, capacity.slots - capacity.reserveSlots - foreign - ownSessions);
}
