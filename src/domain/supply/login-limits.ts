// A CONNECTION LIMIT of a role or a database bounds the sessions that log in with the role, or to
// the database, and nobody else. So it is a limit (limit.ts) whose members are the workloads of
// the policies with that login: slots = limit - reserve of these policies - foreign sessions with
// the login - the operator's own with it. Each circle of them (login-circles.ts) has a line of its
// own. Of the limits that all policies share the one that cuts the server's own line (capacity.ts)
// is not counted twice. However large another one is beside what the policies declare, foreign
// sessions may leave less of it than of the server.

import { ordinarySlots } from "./withheld.ts";
import { type Capacity, reserveSlotsOf, usualReserve } from "./capacity.ts";
import {
  type LimitedLogin,
  limitedLogins,
  limitName,
  sayLimit,
  settingOf,
} from "./connection-limits.ts";
import type { Snapshot } from "../facts/facts.ts";
import { type LoginSessions, loginSessionsOf } from "./login-sessions.ts";
import type { ConnectionLimit } from "./limit.ts";
import { circlesOf, type LoginCircle, workloadsOf } from "./login-circles.ts";
import { isBounded } from "./quota-settings.ts";
import { ownSlots } from "./own-sessions.ts";
import { speakers } from "../demand/standing.ts";

/** Limits beside the server's own line, roles before databases, by name. */
export function loginLimits(snapshot: Snapshot, capacity: Capacity): readonly ConnectionLimit[] {
  const { database, policies } = snapshot;
  const speaking = new Set(speakers(policies));
  const isHeard = (circle: LoginCircle): boolean =>
    circle.policies.some((one) => speaking.has(one));
  const sessions = loginSessionsOf(snapshot);
  return (database.reading ? limitedLogins(database.reading) : [])
    .filter((login) => isBeside(capacity, login))
    .flatMap((login) => {
      const circles = circlesOf(snapshot, login).filter(isHeard);
      return circles.map((circle) => limitOf(login, circle, { snapshot, capacity, sessions }));
    });
}

/** One that the server has no slots for bounds nobody; one that cuts its line is counted there. */
function isBeside(capacity: Capacity, login: LimitedLogin): boolean {
  const { cut, engine } = capacity;
  return login.limit < ordinarySlots(capacity) && cut?.by !== sayLimit(login, engine);
}

interface Scene {
  readonly snapshot: Snapshot;
  readonly capacity: Capacity;
  readonly sessions: LoginSessions;
}

function limitOf(
  login: LimitedLogin,
  circle: LoginCircle,
  { snapshot, capacity, sessions }: Scene,
): ConnectionLimit {
  const { limit } = login;
  const foreign = sessions.within(login, circle);
  const ownSessions = ownSlots(snapshot.database.reading?.ownSessions, login);
  const reserveSlots = largestReserve(circle, limit, snapshot);
  return {
    kind: "login",
    name: nameOf(login, circle),
    by: sayLimit(login, capacity.engine),
    setting: settingOf(login, capacity.engine),
    pools: new Set([...workloadsOf(snapshot, circle.policies)].map(({ poolKey }) => poolKey)),
    ghostSlots: foreign.ghostSlots,
    slots: Math.max(0, limit - reserveSlots - foreign.slots - ownSessions),
    rolloutsMax: capacity.rolloutsMax,
  };
}

/** As people are told: no two limits have one name. */
function nameOf(login: LimitedLogin, { namespace }: LoginCircle): string {
  return `${limitName(login)}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}

/** A bounded namespace keeps no more than the default from others. */
function largestReserve(
  { policies }: LoginCircle,
  limit: number,
  { namespaceQuotas }: Snapshot,
): number {
  const isAlone = new Set(policies.map(({ namespace }) => namespace)).size === 1;
  const reserves = speakers(policies).map(({ namespace, spec }) => {
    const slots = reserveSlotsOf(spec.reserve.connections, limit);
    const isWhole = isAlone || !isBounded(namespace, namespaceQuotas);
    return isWhole ? slots : Math.min(slots, usualReserve.connections);
  });
  return Math.max(0, ...reserves);
}
