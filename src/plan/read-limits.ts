// `--read`: the limits of the real servers, and nothing else of them. Their sessions are left out:
// many are of the very pods that the manifests describe, under addresses that no manifest says, and
// would be counted twice. Each server is asked once.

import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../ports.ts";
import { type GivenLimits, otherSessionsOf } from "./declared-database.ts";

export interface Reading {
  readonly clock: Pick<Clock, "nowMs">;
  readonly limits: GivenLimits;
}

export function createLimitsReader(database: Database, { clock, limits }: Reading): Database {
  const known = new Map<string, Promise<DatabaseOutcome>>();
  const ask = (target: DatabaseTarget): Promise<DatabaseOutcome> => {
    const { server, uri, roles, databases } = target;
    const key = JSON.stringify([server, uri, roles, databases]);
    const asked = known.get(key) ?? database.read(target);
    known.set(key, asked);
    return asked;
  };
  return {
    read: async (target) => {
      const outcome = await ask(target);
      if (outcome.kind !== "read") return outcome;
      const sessions = otherSessionsOf(limits, target.server);
      const { ownSessions, ...reading } = outcome.reading;
      // Our own session takes the slot that the operator's will take.
      const [own] = ownSessions;
      const atMs = clock.nowMs();
      return {
        kind: "read",
        reading: { ...reading, atMs, sessions, ownSessions: own ? [{ ...own, count: 1 }] : [] },
      };
    },
    forget: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
