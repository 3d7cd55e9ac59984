// How the connection URIs of each engine are read: which server one names, and with which login.
// What begins with no engine's scheme is told what a URI looks like, as the policy's own engine has
// it.

import { type EngineName, engineOfUri } from "../../api/engines.ts";
import type { UriProblem } from "./connection-parameters.ts";
import { type ConnectionUri, parseConnectionUri, serversNamedIn } from "./connection-uri.ts";
import { parsePoolerUri, poolersNamedIn } from "./pooler-uri.ts";
import { mysqlServersNamedIn, parseMysqlUri } from "./mysql-uri.ts";
import { parseRedisUri, redisServersNamedIn } from "./redis-uri.ts";
import type { ServerKey } from "../facts/facts.ts";

/** What a URI of any engine says. */
export type NamedServer = Pick<ConnectionUri, "server" | "user" | "database">;

interface UriReader {
  /** Never throws. */
  readonly read: (
    text: string,
    beside: { readonly ca?: string | undefined },
  ) => { readonly kind: "uri"; readonly uri: NamedServer } | UriProblem;
  /** Every server that it names anywhere; undefined for one that is no host of a network. */
  readonly namedIn: (text: string) => readonly (ServerKey | undefined)[];
}

const readers: Readonly<Record<EngineName, UriReader>> = {
  PostgreSQL: { read: parseConnectionUri, namedIn: serversNamedIn },
  MySQL: { read: parseMysqlUri, namedIn: mysqlServersNamedIn },
  Redis: { read: parseRedisUri, namedIn: redisServersNamedIn },
  PgBouncer: { read: parsePoolerUri, namedIn: poolersNamedIn },
};

/** `engine`: of the policy. */
export function uriReaderFor(text: string, engine: EngineName): UriReader {
  return readers[engineOfUri(text.trim().replace(/^jdbc:/, "")) ?? engine];
}
