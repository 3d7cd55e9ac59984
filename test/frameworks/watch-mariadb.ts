// What a MariaDB server shows of the sessions of one user, looked at over a session of its own.
import type { RowDataPacket } from "mysql2/promise";
import { type MariaDb, openMysql } from "../support/mariadb.ts";
import type { SessionWatch } from "../support/session-watch.ts";

const sql = `SELECT COUNT(*) AS open, COALESCE(SUM(COMMAND <> 'Sleep'), 0) AS busy
               FROM information_schema.PROCESSLIST WHERE USER = ?`;

export async function watchMariaDb(
  server: MariaDb,
  user: string,
): Promise<Pick<SessionWatch, "now"> & AsyncDisposable> {
  const connection = await openMysql(server.uri());
  return {
    now: async () => {
      const [[row]] = await connection.query<RowDataPacket[]>(sql, [user]);
      return { open: Number(row?.["open"]), busy: Number(row?.["busy"]) };
    },
    [Symbol.asyncDispose]: () => connection.end(),
  };
}
