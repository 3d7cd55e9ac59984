// A CONNECTION LIMIT of a role or a database bounds the sessions that log in with the role, or to
// the database, and nobody else. So it is a part of the server (parts.ts) whose members are the
// workloads of the policies with that login: slots = limit - reserve of these policies - foreign
// sessions with the login - the operator's own. A limit that all policies of the server share is
// no part: it bounds the server's own line (capacity.ts).

import { type Capacity, reserveSlotsOf } from "./capacity.ts";
import type { PolicyFacts, SessionGroup, Snapshot } from "./facts.ts";
import { sessionsWithin } from "./foreign.ts";
import type { Part } from "./parts.ts";
import { speakers } from "./standing.ts";

type Login = "role" | "database";

/** Limits that only some of the policies share, roles before databases, by name. */
export function loginLimits(snapshot: Snapshot, capacity: Capacity): readonly Part[] {
  const { reading } = snapshot.database;
  if (!reading) return [];
  return [
    ...limitsOf("role", reading.roleLimits, { snapshot, capacity }),
    ...limitsOf("database", reading.databaseLimits, { snapshot, capacity }),
  ];
}

interface Server {
  readonly snapshot: Snapshot;
  readonly capacity: Capacity;
}

function limitsOf(
  login: Login,
  limits: Readonly<Record<string, number>>,
  server: Server,
): readonly Part[] {
  const speaking = speakers(server.snapshot.policies);
  const names = new Set(speaking.map((policy) => policy[login]));
  if (names.size < 2) return [];
  return [...names].sort().flatMap((name) => {
    const limit = name !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined;
    if (name === undefined || limit === undefined || limit < 0) return [];
    return limit < server.capacity.slots ? [partOf({ login, name, limit }, server)] : [];
  });
}

function partOf(
  { login, name, limit }: { readonly login: Login; readonly name: string; readonly limit: number },
  { snapshot, capacity }: Server,
): Part {
  const policies = snapshot.policies.filter((policy) => policy[login] === name);
  const isWithin = (group: SessionGroup): boolean =>
    (login === "role" ? group.user : group.database) === name;
  const foreign = sessionsWithin(snapshot, isWithin);
  const ownSessions = snapshot.database.reading?.ownSessions ?? 0;
  const reserveSlots = largestReserve(policies, limit);
  return {
    namespace: `${login} ${name}`,
    login: {
      by: `CONNECTION LIMIT ${limit} of ${login} ${name}`,
      workloads: workloadsOf(policies, snapshot),
      ghostSlots: foreign.ghostSlots,
    },
    ofSlots: limit,
    slots: Math.max(0, limit - reserveSlots - foreign.slots - ownSessions),
    rolloutsMax: capacity.rolloutsMax,
  };
}

function workloadsOf(
  policies: readonly PolicyFacts[],
  { workloads }: Snapshot,
): ReadonlySet<string> {
  const keys = new Set(policies.map(({ key }) => key));
  return new Set(workloads.filter(({ policy }) => keys.has(policy)).map(({ key }) => key));
}

function largestReserve(policies: readonly PolicyFacts[], limit: number): number {
  const reserves = speakers(policies).map(({ spec }) => {
    return reserveSlotsOf(spec.reserve.connections, limit);
  });
  return Math.max(0, ...reserves);
}
