// Whose the sessions are that a server really has: of pods of the fleet, of pods that are gone, of
// people, and of operators, whatever the server shows of them.

import { sum, type TrueServer } from "./oracle.ts";
import { nodeAddressOf, type WorldPod } from "./world/pod.ts";
import type { Login, SimulatedPostgres } from "./world/postgres.ts";

/** As every pod of the fleet logs in. */
export const fleetLogin = { user: "app", database: "orders", applicationName: "" } as const;

/** A server, and who may be logged in there. */
interface Visitors {
  /** The server's name. */
  readonly name: string;
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
  const { database, strangers, operatorRole } = visitors;
  const ownSessions = 1;
  const logins = new Map(strangers.map((login) => [login.address, login]));
  const ofPeople = sum([...logins.values()].map((login) => database.countOf(login)));
  const ofPoolers = database.ofApplication("pgbouncer");
  const ofOperators = operatorRole === fleetLogin.user ? 0 : database.ofOperators - ownSessions;
  const foreignSessions = ofPeople + ofPoolers + Math.max(0, ofOperators);
  const pods = [...visitors.pods];
  const shown = shownAt(pods, visitors);
  return {
    foreignSessions,
    ownSessions,
    ghostSessions: Math.max(0, database.total - shown - foreignSessions - ownSessions),
    hiddenGhosts: shown - openedBy(pods, visitors),
  };
}

/**
 * At the addresses of these pods: sessions that look like theirs. The rest are of pods that had an
 * address before.
 */
function shownAt(pods: readonly WorldPod[], on: Server): number {
  const { isBehindTranslation } = on.database.settings;
  return isBehindTranslation ? shownAtNodes(pods, on) : shownAtPods(pods, on);
}

type Server = Pick<Visitors, "name" | "database">;

function shownAtPods(pods: readonly WorldPod[], { name, database }: Server): number {
  const shown = pods.map((pod) => {
    const { address } = pod;
    return address === undefined ? 0 : Math.min(pod.slotsOn(name), countAt(address, database));
  });
  return sum(shown);
}

/** Pods of a node have one address there. */
function shownAtNodes(pods: readonly WorldPod[], { name, database }: Server): number {
  const shown = [...Map.groupBy(pods, ({ node }) => nodeAddressOf(node))].map(([address, own]) =>
    Math.min(sum(own.map((pod) => pod.slotsOn(name))), countAt(address, database)),
  );
  return sum(shown);
}

function countAt(address: string, database: SimulatedPostgres): number {
  return database.countOf({ ...fleetLogin, address });
}

/** Those that the pods have opened, as far as the server shows whose they are. */
function openedBy(pods: readonly WorldPod[], { name, database }: Visitors): number {
  const { isBehindTranslation } = database.settings;
  const told = pods.filter(({ address }) => isBehindTranslation || address !== undefined);
  return sum(told.map((pod) => pod.sessionsOn(name)));
}
