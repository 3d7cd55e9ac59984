// Who is at work on PostgreSQL: sessions that run a statement, or that are within a transaction,
// in the server's own words (pg_stat_activity.state). Those of which our login may not see it, and
// those of a server that does not track it, are left out: nobody knows of them.

import type { ClientsAtWork } from "../../domain/facts/facts.ts";
import { record } from "../database/answers.ts";
import { clientsAtWork } from "../database/clients-at-work.ts";

/** SQL of one look: one row, one JSON column `answer`. */
export const workSql = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'user', g.usr, 'address', g.adr, 'sessions', g.n, 'atWork', g.w)) AS answer
  FROM (
    SELECT
      a.usename::pg_catalog.text AS usr,
      pg_catalog.host(a.client_addr) AS adr,
      pg_catalog.count(*) AS n,
      pg_catalog.count(*) FILTER (WHERE a.state OPERATOR(pg_catalog.<>) 'idle') AS w
    FROM pg_catalog.pg_stat_activity AS a
    WHERE a.backend_type OPERATOR(pg_catalog.=) 'client backend'
      AND a.client_addr IS NOT NULL AND a.usename IS NOT NULL
      AND a.state OPERATOR(pg_catalog.<>) ALL (ARRAY['disabled', 'starting'])
      AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
    GROUP BY 1, 2) AS g`;

/** Checks the row. Throws Error if it is not one. */
export function clientsIn(row: unknown): readonly ClientsAtWork[] {
  return clientsAtWork(record(row)["answer"]);
}
