// One round of reading a server: with which of its logins it is asked, and when that ends. The
// login that is known to see most comes first: whatever the others cost, the server was read.
// Those in doubt follow while there is time: a new one at once, one that failed after a pause that
// grows, for each may take as long as the server likes, and somebody else's reading waits behind
// this one.

import type { ServerKey } from "../domain/facts.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget, Metrics } from "../ports.ts";
import { isAway, type Login, type Logins } from "./logins.ts";
import type { Rereads } from "./rereads.ts";

export interface RoundParts {
  readonly logins: Logins;
  readonly rereads: Rereads;
  readonly database: Database;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface Attempt {
  readonly login: Login;
  readonly outcome: DatabaseOutcome;
}

/** No further login in doubt is begun after it. */
const roundMs = 20_000;

/**
 * Of each name a login that works, then those in doubt that are due. Ends, for a name, where the
 * server itself is away.
 */
export async function tryLogins(
  parts: RoundParts,
  server: ServerKey,
  offered: readonly Login[],
): Promise<readonly Attempt[]> {
  const { logins, rereads, clock } = parts;
  const untilMs = clock.monotonicMs() + roundMs;
  const isBetween = rereads.isBetween(server);
  const attempts: Attempt[] = [];
  const [read, away] = [new Set<ServerKey>(), new Set<ServerKey>()];
  const isLeft = (login: Login): boolean => {
    if (away.has(login.name)) return true;
    if (logins.works(server, login.id)) return read.has(login.name);
    if (isBetween && logins.refused(server, login.id)) return true;
    // Where no login works one is tried all the same: somebody has to say why.
    const nowMs = clock.monotonicMs();
    return attempts.length > 0 && (nowMs >= untilMs || logins.isLeftAlone(server, login, nowMs));
  };
  for (const login of logins.inOrder(server, offered)) {
    if (isLeft(login)) continue;
    const outcome = await ask(parts, login.target);
    attempts.push({ login, outcome });
    logins.record(server, login, outcome);
    if (outcome.kind === "read") read.add(login.name);
    else if (!isAway(outcome) || read.has(login.name))
      logins.leaveAlone(server, login, clock.monotonicMs());
    else away.add(login.name);
  }
  return attempts;
}

/** Asks the server, and measures how long it took. */
export async function ask(
  { database, clock, metrics }: Pick<RoundParts, "database" | "clock" | "metrics">,
  target: DatabaseTarget,
): Promise<DatabaseOutcome> {
  const startMs = clock.monotonicMs();
  const outcome = await database.read(target);
  const seconds = (clock.monotonicMs() - startMs) / 1000;
  // One that never answered has nothing to tell but its time limit, and a name is made up quickly.
  if (outcome.kind === "read")
    metrics.observe("poolwarden_database_read_seconds", seconds, { server: target.server });
  return outcome;
}
