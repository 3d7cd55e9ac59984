// Counts the server's client sessions from outside, ten times a second, over a superuser's session
// of its own that outlives every restart of the server by being opened anew.
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

const EVERY_MS = 100;
const ANSWER_WITHIN_MS = 2_000;

const COUNT_SESSIONS = `
  SELECT usename AS role, count(*)::int AS sessions
  FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
  GROUP BY usename`;

export type SessionWatch = {
  /** Looks that were answered. */
  looks(): number;
  stop(): Promise<void>;
};

/** Tells how many sessions each role has. Sees nothing while the server is away. */
export function watchSessions(
  uri: string,
  onLook: (byRole: ReadonlyMap<string, number>) => void,
): SessionWatch {
  const stopping = new AbortController();
  let looks = 0;
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await lookUntilLost(uri, stopping.signal, (byRole) => {
        looks += 1;
        onLook(byRole);
      }).catch(() => undefined);
      await delay(EVERY_MS);
    }
  })();
  return {
    looks: () => looks,
    stop: () => {
      stopping.abort();
      return watching;
    },
  };
}

async function lookUntilLost(
  uri: string,
  stopping: AbortSignal,
  onLook: (byRole: ReadonlyMap<string, number>) => void,
): Promise<void> {
  const client = new pg.Client({
    connectionString: uri,
    application_name: "observer",
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    while (!stopping.aborted) {
      const { rows } = await client.query<{ role: string; sessions: number }>(COUNT_SESSIONS);
      onLook(new Map(rows.map(({ role, sessions }) => [role, sessions])));
      await delay(EVERY_MS);
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}
