// A database server as the command line or the policies declare it: it answers as a real one with
// these limits would, and has no sessions but the operator's own and those that are declared.

import { engineOfUri, engines, usualEngine } from "../api/engines.ts";
import type { PoolPolicySpec } from "../api/poolpolicy.ts";
import type { DatabaseReading, ServerKey, SessionGroup } from "../domain/facts/facts.ts";
import { pairNameOf, partsOf } from "../domain/supply/connection-limits.ts";
import { uriReaderFor } from "../domain/supply/connection-uris.ts";
import { usuallyWithheld, type Withheld } from "../domain/supply/withheld.ts";
import { behindAs, type PoolMode } from "./assumed-tier.ts";
import type { LoginLimit, PublishedLimits } from "./published-ledger.ts";
import { unknownLogin } from "./secrets.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../ports.ts";

export interface GivenMaximum {
  /** As it was written. */
  readonly text: string;
  /** A host without a port is one of each engine; none: every server. */
  readonly servers: readonly ServerKey[];
  readonly connections: number;
}

export interface GivenLimits {
  readonly maxConnections: readonly GivenMaximum[];
  /** Kept from applications beside what the engine keeps by default. */
  readonly reservedConnections: number;
  /** CONNECTION LIMIT by role. */
  readonly roleLimits: ReadonlyMap<string, number>;
  /** Of poolers that nobody reads. */
  readonly poolMode?: PoolMode | undefined;
  /** Sessions of others, which no pod has. */
  readonly otherSessions: number;
  /** The same by server, as the operator has seen them; beside those. */
  readonly otherSessionsOn?: ReadonlyMap<ServerKey, number>;
  /** What the operator has found there beyond max_connections. */
  readonly publishedOn?: ReadonlyMap<ServerKey, PublishedLimits>;
}

/** Of the command line; undefined where it says nothing of the server. */
export function givenFor(server: ServerKey, { maxConnections }: GivenLimits): number | undefined {
  const one = maxConnections.find(({ servers }) => servers.includes(server));
  return (one ?? maxConnections.find(({ servers }) => servers.length === 0))?.connections;
}

/** The most that any policy of the server declares: what others declare cuts it for all. */
export function declaredBy(specs: readonly PoolPolicySpec[]): number | undefined {
  const declared = specs.flatMap(({ database }) => database.maxConnections ?? []);
  return declared.length === 0 ? undefined : Math.max(...declared);
}

export interface Declaring {
  readonly limits: GivenLimits;
  readonly clock: Pick<Clock, "nowMs">;
  /** Of the policies that mean the server. */
  readonly specsOn: (server: ServerKey) => readonly PoolPolicySpec[];
  /** The name that all names of the server have in common. */
  readonly serviceOf: (server: ServerKey) => ServerKey;
  /** Those that policies of a pooler name as behind it. */
  readonly behindOn: (pooler: ServerKey) => readonly ServerKey[];
}

export function createDeclaredDatabase(declaring: Declaring): Database {
  return {
    read: (target) => Promise.resolve(outcomeOf(target, declaring)),
    forget: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

const limitUnknown =
  "its limit is not known: give --max-connections, or --read, or set spec.database.maxConnections";

function outcomeOf(target: DatabaseTarget, declaring: Declaring): DatabaseOutcome {
  const { specsOn } = declaring;
  const given = givenOn(target.server, declaring);
  const maxConnections = given ?? declaredBy(specsOn(target.server));
  if (maxConnections === undefined) {
    return { kind: "failed", reason: "DatabaseUnreachable", message: limitUnknown };
  }
  return { kind: "read", reading: readingOf(target, maxConnections, declaring) };
}

/** Whichever of its names it was given for. */
function givenOn(server: ServerKey, { limits, serviceOf }: Declaring): number | undefined {
  const service = serviceOf(server);
  const given = limits.maxConnections.filter(({ servers }) =>
    servers.some((one) => serviceOf(one) === service),
  );
  if (given.length === 0) return givenFor(server, limits);
  return Math.min(...given.map(({ connections }) => connections));
}

/** As of a server that was started long ago; each has an identifier, whatever it is called. */
function readingOf(
  { server, uri, roles, databases, pairs = [] }: DatabaseTarget,
  maxConnections: number,
  { limits, clock, serviceOf, behindOn }: Declaring,
): DatabaseReading {
  const login = loginIn(uri);
  const published = limits.publishedOn?.get(server);
  const limitOf = (kind: LoginLimit["kind"], name: string): number =>
    kind === "role" && limits.roleLimits.has(name)
      ? (limits.roleLimits.get(name) ?? -1)
      : publishedLimit(published?.login, { kind, name });
  return {
    ...{ atMs: clock.nowMs(), versionNumber: 0, role: login.user },
    ...{ systemIdentifier: serviceOf(server), startedAtMicroseconds: 1, isStandby: false },
    ...{ maxConnections, withheld: withheldOf(uri, limits, published) },
    roleLimits: Object.fromEntries(roles.map((name) => [name, limitOf("role", name)])),
    databaseLimits: Object.fromEntries(databases.map((name) => [name, limitOf("database", name)])),
    pairLimits: Object.fromEntries(
      pairs.map(pairNameOf).map((name) => [name, limitOf("pair", name)]),
    ),
    behind: behindAs(behindOn(server), {
      poolMode: limits.poolMode,
      published: published?.behind ?? [],
    }),
    seesAllSessions: true,
    sessions: otherSessionsOf(limits, server),
    ownSessions: [{ ...login, count: 1 }],
  };
}

/** All policies share it, so it holds for a login whose name is in a Secret as well. */
function publishedLimit(
  known: LoginLimit | undefined,
  { kind, name }: Pick<LoginLimit, "kind" | "name">,
): number {
  if (known?.kind !== kind) return -1;
  const [own, meant] = [partsOf(known), partsOf({ kind, name })];
  const isMeant = (["role", "database"] as const).every(
    (part) => meant[part] === own[part] || meant[part] === unknownLogin,
  );
  return isMeant ? known.limit : -1;
}

function withheldOf(
  uri: string,
  { reservedConnections }: GivenLimits,
  published: PublishedLimits | undefined,
): readonly Withheld[] {
  if (published && reservedConnections === 0) return published.withheld;
  const usual = usuallyWithheld(engines[engineOfUri(uri) ?? usualEngine]);
  // The last of an engine's settings is the one that people set.
  return usual.map((one, index) =>
    index === usual.length - 1 ? { ...one, slots: one.slots + reservedConnections } : one,
  );
}

/** Sessions that no pod has. */
export function otherSessionsOf(
  { otherSessions, otherSessionsOn }: GivenLimits,
  server: ServerKey,
): readonly SessionGroup[] {
  const group = { user: "others", database: "", address: "" };
  const seen = otherSessionsOn?.get(server) ?? 0;
  return [
    { ...group, applicationName: "--other-sessions", count: otherSessions },
    { ...group, applicationName: "foreign sessions of now", count: seen },
  ].filter(({ count }) => count > 0);
}

function loginIn(uri: string): { readonly user: string; readonly database: string } {
  const parsed = uriReaderFor(uri, engineOfUri(uri) ?? usualEngine).read(uri, { ca: undefined });
  if (parsed.kind === "problem") return { user: "", database: "" };
  return { user: parsed.uri.user, database: parsed.uri.database };
}
