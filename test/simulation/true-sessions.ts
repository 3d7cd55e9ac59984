// Whose the sessions are that a server really has: of pods of the fleet, of pods that are gone, of
// people, and of operators, whatever the server shows of them.

import { sum, type TrueServer } from "./oracle.ts";
import { nodeAddressOf, type WorldPod } from "./world/pod.ts";
import type { Login, SimulatedPostgres } from "./world/postgres.ts";

/** As every pod of the fleet logs in. */
export const fleetLogin = { user: "app", database: "orders", applicationName: "" } as const;

/** A server, and who may be logged in there. */
interface Visitors {
  readonly database: SimulatedPostgres;
  readonly pods: Iterable<WorldPod>;
  /** Logins of people. */
  readonly strangers: readonly Login[];
  readonly operatorRole: string | undefined;
}

type Sessions = Required<
  Pick<TrueServer, "foreignSessions" | "ownSessions" | "ghostSessions" | "hiddenGhosts">
>;

/**
 * One session is of the operator that is judged. Those of others are foreign to it, unless they log
 * in as the pods do: then they take from the limit of that role, as those of lost pods would.
 */
export function sessionsOf(visitors: Visitors): Sessions {
  const { database, pods, strangers, operatorRole } = visitors;
  const ownSessions = 1;
  const logins = new Map(strangers.map((login) => [login.address, login]));
  const ofPeople = sum([...logins.values()].map((login) => database.countOf(login)));
  const ofOperators = operatorRole === fleetLogin.user ? 0 : database.ofOperators - ownSessions;
  const foreignSessions = ofPeople + Math.max(0, ofOperators);
  const { shown, own } = sessionsAt(pods, database);
  return {
    foreignSessions,
    ownSessions,
    ghostSessions: Math.max(0, database.total - shown - foreignSessions - ownSessions),
    hiddenGhosts: shown - own,
  };
}

/**
 * At the addresses of these pods: sessions that look like theirs, and those that they have opened.
 * The rest are of pods that had an address before.
 */
function sessionsAt(pods: Iterable<WorldPod>, database: SimulatedPostgres): SessionsAt {
  const { isBehindTranslation } = database.settings;
  return isBehindTranslation ? atNodes([...pods], database) : atPods([...pods], database);
}

interface SessionsAt {
  readonly shown: number;
  readonly own: number;
}

function atPods(pods: readonly WorldPod[], database: SimulatedPostgres): SessionsAt {
  const addressed = pods.filter(({ address }) => address !== undefined);
  const shown = addressed.map(({ address = "", slots }) =>
    Math.min(slots, database.countOf({ ...fleetLogin, address })),
  );
  return { shown: sum(shown), own: sum(addressed.map(({ sessions }) => sessions)) };
}

/** Pods of a node have one address there. */
function atNodes(pods: readonly WorldPod[], database: SimulatedPostgres): SessionsAt {
  const shown = [...Map.groupBy(pods, ({ node }) => nodeAddressOf(node))].map(([address, own]) =>
    Math.min(sum(own.map(({ slots }) => slots)), database.countOf({ ...fleetLogin, address })),
  );
  return { shown: sum(shown), own: sum(pods.map(({ sessions }) => sessions)) };
}
