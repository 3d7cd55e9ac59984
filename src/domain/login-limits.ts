// A CONNECTION LIMIT of a role or a database bounds the sessions that log in with the role, or to
// the database, and nobody else. So it is a limit (limit.ts) whose members are the workloads of
// the policies with that login: slots = limit - reserve of these policies - foreign sessions with
// the login - the operator's own with it. Of the limits that all policies share the one that cuts
// the server's own line (capacity.ts) is not counted twice. However large another one is beside
// what the policies declare, foreign sessions may leave less of it than of the server.

import { type Capacity, reserveSlotsOf } from "./capacity.ts";
import { type LimitedLogin, limitedLogins, sayLimit } from "./connection-limits.ts";
import type { PolicyFacts, Snapshot } from "./facts.ts";
import { isMemberOf, memberWorkloads } from "./login-members.ts";
import { LoginSessions } from "./login-sessions.ts";
import type { ConnectionLimit } from "./limit.ts";
import { ownSlots } from "./own-sessions.ts";
import { speakers } from "./standing.ts";

/** Limits beside the server's own line, roles before databases, by name. */
export function loginLimits(snapshot: Snapshot, capacity: Capacity): readonly ConnectionLimit[] {
  const { database, policies } = snapshot;
  const speaking = speakers(policies);
  const sessions = new LoginSessions(snapshot);
  return (database.reading ? limitedLogins(database.reading) : [])
    .filter((login) => speaking.some((policy) => isMemberOf(policy, login)))
    .filter((login) => isBeside(capacity, login))
    .map((login) => limitOf(login, snapshot, { capacity, sessions }));
}

/** One that the server has no slots for bounds nobody; one that cuts its line is counted there. */
function isBeside(capacity: Capacity, login: LimitedLogin): boolean {
  const { maxConnections, superuserReservedSlots, reservedSlots, cut } = capacity;
  const ordinarySlots = maxConnections - superuserReservedSlots - reservedSlots;
  return login.limit < ordinarySlots && cut?.by !== sayLimit(login);
}

function limitOf(
  login: LimitedLogin,
  snapshot: Snapshot,
  { capacity, sessions }: { readonly capacity: Capacity; readonly sessions: LoginSessions },
): ConnectionLimit {
  const { limit } = login;
  const policies = snapshot.policies.filter((policy) => isMemberOf(policy, login));
  const foreign = sessions.within(login);
  const ownSessions = ownSlots(snapshot.database.reading?.ownSessions, login);
  const reserveSlots = largestReserve(policies, limit);
  return {
    kind: "login",
    name: `${login.kind} ${login.name}`,
    by: sayLimit(login),
    workloads: new Set([...memberWorkloads(snapshot, login)].map(({ key }) => key)),
    ghostSlots: foreign.ghostSlots,
    slots: Math.max(0, limit - reserveSlots - foreign.slots - ownSessions),
    rolloutsMax: capacity.rolloutsMax,
  };
}

function largestReserve(policies: readonly PolicyFacts[], limit: number): number {
  const reserves = speakers(policies).map(({ spec }) => {
    return reserveSlotsOf(spec.reserve.connections, limit);
  });
  return Math.max(0, ...reserves);
}
