// Capacity: what the server allows ordinary logins, and what of it the fleet may plan with.
//   ordinary = connections - what the server keeps from ordinary logins (withheld.ts)
//   capacity = ordinary, cut by the limit of a role or database that all policies share
// Where policies of one server disagree the stricter word wins, and whose word it was is kept, so
// that it can be said. A namespace that is bounded by the operator's setting speaks for itself: its
// words count for the others only as far as any policy's defaults do. A policy that has no place
// (standing.ts) has no say.

import type { Engine } from "../../api/engines.ts";
import {
  limitOfLogin,
  type Login,
  loginKinds,
  loginOf,
  sayLimit,
  settingOf,
} from "./connection-limits.ts";
import type { PolicyFacts, PolicyKey, ServerWord, Snapshot } from "../facts/facts.ts";
import { circleOf, isShared, sharersIn } from "./login-circles.ts";
import { type LoginSessions, loginSessionsOf } from "./login-sessions.ts";
import { namespaceOf } from "../../api/keys.ts";
import { isBounded } from "./quota-settings.ts";
import { isToBeRead } from "./readers.ts";
import { divideFloor, percentCeil } from "../demand/slots.ts";
import { speakers } from "../demand/standing.ts";
import { engineOf } from "./server-engine.ts";
import { cutByTier } from "./tiers-behind.ts";
import { ordinarySlots, usuallyWithheld, type Withheld } from "./withheld.ts";

export interface Cut {
  readonly slots: number;
  /** Of a CONNECTION LIMIT: foreign sessions that it counts; others are beside it. */
  readonly foreignSlots?: number;
  /** What cuts, such as `CONNECTION LIMIT 50 of role orders_app`. */
  readonly by: string;
  /** What people change to have more. */
  readonly setting?: string;
}

export interface Capacity {
  /** In whose words its limits are told. */
  readonly engine: Engine;
  readonly maxConnections: number;
  /** max_connections above the declared limit. */
  readonly undeclaredSlots: number;
  /** Whose declaration that is, e.g. `maxConnections of policy shop/orders`; empty without one. */
  readonly declaredBy: string;
  /** What the server keeps from ordinary logins, whatever is declared. */
  readonly withheld: readonly Withheld[];
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
interface PolicyLimits {
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
export const usualReserve = { connections: 10, rollouts: 1 };

/**
 * Undefined while neither a reading nor a declaration says how many connections there are.
 * `namespace`: as it is for that one alone, with all that its own policies say.
 */
export function capacityOf(snapshot: Snapshot, namespace?: string): Capacity | undefined {
  // Of two equal words the one of the first name counts, whatever the order of arrival.
  const policies = speakers(snapshot.policies)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((policy) => limitsOfPolicy(policy, snapshot, namespace));
  const declared = strictestDeclaration(policies);
  const server = serverLimits(snapshot, declared);
  if (!server) return undefined;
  const { maxConnections } = server;
  const undeclaredSlots = Math.max(0, maxConnections - (declared?.slots ?? maxConnections));
  const slots = Math.max(0, ordinarySlots(server) - undeclaredSlots);
  return {
    ...server,
    undeclaredSlots,
    declaredBy: declared?.by ?? "",
    ...withinLimits(commonLimits(snapshot, policies, slots), [
      policies,
      slots,
      limitedBy(snapshot, declared, { ...server, undeclaredSlots }),
    ]),
  };
}

/** The limit that leaves least binds; a reserve in percent is of the smallest. */
function withinLimits(
  limits: readonly Cut[],
  [policies, slots, unlimitedBy]: readonly [readonly PolicyLimits[], number, string],
): Omit<Capacity, keyof OfServer | "undeclaredSlots" | "declaredBy"> {
  const cut = cutOf(smallest(limits, slotsLeft), slots);
  return {
    cut,
    slots: slots - (cut?.slots ?? 0),
    boundBy: cut?.by ?? unlimitedBy,
    ...reserveOf(policies, smallest(limits)?.slots ?? slots),
  };
}

type OfServer = Pick<Capacity, "engine" | "maxConnections" | "withheld">;

function limitsOfPolicy(
  policy: PolicyFacts,
  snapshot: Snapshot,
  namespace: string | undefined,
): PolicyLimits {
  const { key, spec, role, database } = policy;
  const { maxConnections } = spec.database;
  const { reserve } = spec;
  const isOfBounded = isBounded(policy.namespace, snapshot.namespaceQuotas);
  if (!isOfBounded || policy.namespace === namespace) {
    const said = { key, maxConnections, role, database, reserve };
    return { ...said, reserveMax: Infinity, isBounded: isOfBounded };
  }
  const rollouts = Math.min(reserve.rollouts, usualReserve.rollouts);
  return {
    key,
    // Where nobody has ever read the server, what is declared is all that is known of it.
    maxConnections: isToBeRead(snapshot) ? undefined : maxConnections,
    role: undefined,
    database: undefined,
    reserve: { ...reserve, rollouts },
    reserveMax: usualReserve.connections,
    isBounded: isOfBounded,
  };
}

function serverLimits(snapshot: Snapshot, declared: Cut | undefined): OfServer | undefined {
  const { reading } = snapshot.database;
  const engine = engineOf(snapshot);
  if (reading) {
    const { maxConnections, withheld } = reading;
    return { engine, maxConnections, withheld };
  }
  return declared && { engine, maxConnections: declared.slots, withheld: usuallyWithheld(engine) };
}

function limitedBy(
  { database }: Snapshot,
  declared: Cut | undefined,
  { engine, undeclaredSlots }: Pick<Capacity, "engine" | "undeclaredSlots">,
): string {
  const isDeclared = database.reading === undefined || undeclaredSlots > 0;
  return declared && isDeclared ? declared.by : engine.connectionsSetting;
}

/** What the limit of a login takes away from the ordinary slots, if it takes anything. */
function cutOf(limit: Cut | undefined, slots: number): Cut | undefined {
  if (!limit) return undefined;
  return { ...limit, slots: slots - limit.slots };
}

function strictestDeclaration(policies: readonly PolicyLimits[]): Cut | undefined {
  return smallest(
    policies.flatMap(({ key, maxConnections: slots }) => {
      return slots === undefined ? [] : [{ slots, by: `maxConnections of policy ${key}` }];
    }),
  );
}

/**
 * A limit that every policy shares, one without a place as well, bounds the server's line; others
 * are limits of their own (login-limits.ts). A bounded namespace is cut by the limits of its own
 * logins alone. Where several bounded ones are known to log in with one role, each has an equal
 * part of its limit, because no cut of the server's holds them together.
 */
function commonLimits(
  snapshot: Snapshot,
  ofPolicies: readonly PolicyLimits[],
  slotsMax: number,
): readonly Cut[] {
  const { reading } = snapshot.database;
  if (!reading) return [];
  const isCommon = (kind: LoginKind, name: string | undefined): boolean =>
    name !== undefined && isShared(snapshot, { kind, name });
  const loginsOf = (login: LoginKind): LoginWord[] => {
    const counting = ofPolicies.filter(
      (word) => word.isBounded || isCommon(login, loginOf(login, word)),
    );
    const told = counting.map(({ key, isBounded, ...word }) => {
      return { login, name: loginOf(login, word), isBounded, namespace: namespaceOf(key) };
    });
    return [...new Map(told.map((one) => [`${one.isBounded} ${one.name ?? ""}`, one])).values()];
  };
  const sessions = loginSessionsOf(snapshot);
  const cuts = loginKinds
    .flatMap(loginsOf)
    .flatMap((one) => cutsOf(one, reading, { snapshot, sessions }));
  return [...cuts, ...cutByTier(snapshot.database)].filter(({ slots }) => slots < slotsMax);
}

type LoginKind = Login["kind"];

interface LoginWord {
  readonly login: LoginKind;
  readonly name: string | undefined;
  readonly isBounded: boolean;
  /** One whose policies say so. */
  readonly namespace: string;
}

/** None where the login is not known or has no limit. */
function cutsOf(
  word: LoginWord,
  reading: ServerWord,
  { snapshot, sessions }: { readonly snapshot: Snapshot; readonly sessions: LoginSessions },
): Cut[] {
  if (word.name === undefined) return [];
  const login = { kind: word.login, name: word.name };
  const limited = limitOfLogin(reading, login);
  if (limited === undefined) return [];
  const circle = circleOf(snapshot, login, word.namespace);
  const sharers = word.isBounded ? sharersIn(circle, login, snapshot) : 1;
  const part = sharers === 1 ? "" : `, a part of ${sharers}`;
  const slots = divideFloor(limited.limit, sharers);
  const engine = engineOf(snapshot);
  const { slots: foreignSlots } = sessions.within(login, circle);
  const by = `${sayLimit(limited, engine)}${part}`;
  return [{ slots, foreignSlots, by, setting: settingOf(limited, engine) }];
}

/** What foreign sessions that it counts leave of a limit. */
function slotsLeft({ slots, foreignSlots = 0 }: Cut): number {
  return slots - foreignSlots;
}

function smallest(
  cuts: readonly Cut[],
  sizeOf: (cut: Cut) => number = ({ slots }) => slots,
): Cut | undefined {
  return cuts.reduce<Cut | undefined>(
    (least, cut) => (least && sizeOf(least) <= sizeOf(cut) ? least : cut),
    undefined,
  );
}

function reserveOf(
  policies: readonly PolicyLimits[],
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
 * Foreign sessions that take from the capacity. What others hold fits beside a declared part first,
 * where the server has slots that nobody declared, and beside a CONNECTION LIMIT, where it does not
 * count them.
 */
export function foreignWithin(
  { undeclaredSlots, cut }: Pick<Capacity, "undeclaredSlots" | "cut">,
  foreignSlots: number,
): number {
  const beside = Math.max(0, foreignSlots - undeclaredSlots);
  if (!cut) return beside;
  const { slots, foreignSlots: counted = foreignSlots } = cut;
  return Math.max(Math.min(counted, foreignSlots), beside - slots);
}

/**
 * What the fleet may hold: capacity - reserve - foreign sessions - the operator's own session.
 * Never below 0.
 */
export function budgetOf(capacity: Capacity, foreignSlots: number, ownSessions: number): number {
  const foreign = foreignWithin(capacity, foreignSlots);
  return Math.max(0, capacity.slots - capacity.reserveSlots - foreign - ownSessions);
}
