// Reads the connection URI of a pooler. People write a postgresql:// one, since that is what
// PgBouncer speaks, and the policy says that a pooler listens there: from then on it has a scheme
// of its own, so that nobody takes it for a PostgreSQL server's. All else is as libpq reads it, the
// port as well where none is given: with other programs the same URI must lead to the same place.

import { engines } from "../../api/engines.ts";
import type { UriProblem } from "./connection-parameters.ts";
import { type ConnectionUri, parseConnectionUri, serversNamedIn } from "./connection-uri.ts";
import type { ServerKey } from "../facts/facts.ts";

/** As parseConnectionUri does. */
export function parsePoolerUri(
  text: string,
  beside: { readonly ca?: string | undefined } = {},
): { readonly kind: "uri"; readonly uri: ConnectionUri } | UriProblem {
  return parseConnectionUri(asPostgres(text), beside);
}

/** As serversNamedIn does. */
export function poolersNamedIn(text: string): readonly (ServerKey | undefined)[] {
  return serversNamedIn(asPostgres(text));
}

function asPostgres(text: string): string {
  const own = `${engines.PgBouncer.schemes[0]}://`;
  const trimmed = text.trim();
  const [scheme] = engines.PostgreSQL.schemes;
  return trimmed.startsWith(own) ? `${scheme}://${trimmed.slice(own.length)}` : trimmed;
}
