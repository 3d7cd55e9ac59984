// What a PostgreSQL server shows of one program, looked at over a session of its own.
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

export type Sessions = { readonly open: number; readonly busy: number };

export type SessionWatch = AsyncDisposable & {
  now(): Promise<Sessions>;
  /** How long it took, or nothing where it did not come in time. */
  until(isReached: (sessions: Sessions) => boolean, withinMs: number): Promise<number | undefined>;
  /** The most that was open, and busy, at once. */
  highestFor(durationMs: number): Promise<Sessions>;
};

const pauseMs = 10;
const sql = `SELECT count(*)::int AS open, count(*) FILTER (WHERE state = 'active')::int AS busy
               FROM pg_stat_activity WHERE application_name = $1`;

export async function watchSessions(uri: string, name: string): Promise<SessionWatch> {
  const client = new pg.Client({ connectionString: uri, application_name: "watch" });
  await client.connect();
  const now = async (): Promise<Sessions> => {
    const { rows } = await client.query<Sessions>(sql, [name]);
    return rows[0] ?? { open: 0, busy: 0 };
  };
  return {
    now,
    until: async (isReached, withinMs) => {
      const start = performance.now();
      while (performance.now() - start < withinMs) {
        if (isReached(await now())) return performance.now() - start;
        await delay(pauseMs);
      }
      return undefined;
    },
    highestFor: async (durationMs) => {
      const start = performance.now();
      let [open, busy] = [0, 0];
      while (performance.now() - start < durationMs) {
        const seen = await now();
        [open, busy] = [Math.max(open, seen.open), Math.max(busy, seen.busy)];
        await delay(pauseMs);
      }
      return { open, busy };
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}
