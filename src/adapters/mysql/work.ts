// Who is at work on MySQL and MariaDB: sessions that run a command, and with the right to see them
// those within a transaction, which the list of processes shows as asleep.

import type { ClientsAtWork } from "../../domain/facts/facts.ts";
import { clientsAtWork } from "../database/clients-at-work.ts";
import { BrokenProtocol } from "../database/failures.ts";
import type { Row } from "./connection.ts";
import { columnCount } from "./queries.ts";

const inTransaction = `
      OR p.ID IN (SELECT t.trx_mysql_thread_id FROM information_schema.INNODB_TRX AS t)`;

/**
 * SQL of one look. The line takes answers of one width only, so what a reading has more is NULL.
 * INNODB_TRX needs the right PROCESS.
 */
export function workSql(withTransactions: boolean, timeoutMs: number): string {
  const rest = Array.from({ length: columnCount - 1 }, (_, place) => `NULL AS n${place}`);
  const settings = `max_statement_time=${timeoutMs / 1000}, group_concat_max_len=4194304`;
  return `/*M!100100 SET STATEMENT ${settings} FOR */ SELECT /*+ MAX_EXECUTION_TIME(${timeoutMs}) */
  (SELECT JSON_ARRAYAGG(JSON_OBJECT(
    'user', g.usr, 'address', g.adr, 'sessions', g.n, 'atWork', g.w))
  FROM (
    SELECT CONVERT(p.USER USING utf8mb4) COLLATE utf8mb4_bin AS usr,
      LEFT(p.HOST, CHAR_LENGTH(p.HOST) - LOCATE(':', REVERSE(p.HOST))) AS adr,
      COUNT(*) AS n,
      CAST(SUM(p.COMMAND <> 'Sleep'${withTransactions ? inTransaction : ""}) AS SIGNED) AS w
    FROM information_schema.PROCESSLIST AS p
    WHERE p.ID <> CONNECTION_ID() AND LOCATE(':', p.HOST) > 0
      AND p.USER NOT IN ('system user', 'unauthenticated user')
    GROUP BY 1, 2) AS g) AS clients, ${rest.join(", ")}`;
}

/** Checks the row. Those of which the server shows a name in place of the address are left out. */
export function clientsIn(row: Row): readonly ClientsAtWork[] {
  if (row.length !== columnCount) throw new BrokenProtocol("an answer without its row");
  const [answer = null] = row;
  return clientsAtWork(answer?.toString() ?? null);
}
