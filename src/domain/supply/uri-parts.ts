// A connection URI in its parts, whatever the engine: user, password, hosts, database and
// parameters. A problem never repeats any part of the text: what looks like a port may be a
// password.

import { engineNames, engines, type UriForm, uriFormOf } from "../../api/engines.ts";
import { Unusable } from "./connection-parameters.ts";
import { cut, decode, uriEncoding } from "./database-host.ts";

/** Whose URI it should be. */
type UriEngine = UriForm;

/** In characters. People have a tenth of that; a secret may hold 1 MiB. */
const uriLengthMax = 8_192;
/**
 * Of a password with other characters than ASCII, which a login brings to another form first: that
 * takes far longer than its length. Tokens may be longer; they are ASCII.
 */
const passwordLengthMax = 256;

export interface UriParts {
  readonly user: string;
  readonly password: string;
  readonly hosts: string;
  readonly database: string;
  readonly query: string;
}

/** Throws Unusable for what is no URI of the engine. */
export function splitUri(text: string, engine: UriEngine): UriParts {
  if (text.length > uriLengthMax) {
    throw refused(engine, `is longer than ${uriLengthMax} characters`);
  }
  const rest = withoutScheme(text, engine);
  const at = findAt(rest);
  const [user = "", password = ""] = cut(at < 0 ? "" : rest.slice(0, at), ":");
  const [beforeQuery = "", query = ""] = cut(rest.slice(at + 1), "?");
  const [hosts = "", database = ""] = cut(beforeQuery, "/");
  refuseCutPassword(database, engine);
  return { user, password, hosts, database, query };
}

/** Else the password's first half would be the host, and would go to DNS and into the status. */
function refuseCutPassword(database: string, engine: UriEngine): void {
  if (database.includes("@")) throw refused(engine, "has an @ after the first slash", uriEncoding);
}

function withoutScheme(text: string, engine: UriEngine): string {
  const uriForm = uriFormOf(engine);
  const scheme = engine.schemes.find((one) => text.startsWith(`${one}://`));
  if (scheme !== undefined) return text.slice(scheme.length + "://".length);
  if (text === "") throw refused(engine, "is empty");
  if (text.startsWith("jdbc:")) throw new Unusable(`this is a JDBC URL: ${uriForm}`);
  if (/^\w+\s*=/.test(text)) throw new Unusable(`this is a keyword/value string: ${uriForm}`);
  throw refused(engine, `does not begin with ${schemesInWords}`);
}

/** That of a pooler is written by nobody. */
const schemesInWords = engineNames
  .filter((name) => !("speaks" in engines[name]))
  .flatMap((name) => engines[name].schemes.map((scheme) => `${scheme}://`))
  .join(", ");

export function refused(engine: UriEngine, why: string, ...ways: readonly string[]): Unusable {
  return new Unusable(`the connection URI ${why}: ${[uriFormOf(engine), ...ways].join(", ")}`);
}

// libpq ends the user's part at the first `@` before any slash. A password with a bare `@` in it
// works with other clients, so the part goes on to the last `@`, but never past a `?`: what stands
// there could name another host.
function findAt(rest: string): number {
  const [scope = ""] = cut(rest, "/");
  const first = scope.indexOf("@");
  if (first < 0) return -1;
  const query = scope.indexOf("?", first);
  return scope.slice(0, query < 0 ? undefined : query).lastIndexOf("@");
}

export function refuseLongPassword(password: string, engine: UriEngine): void {
  if (password.length <= passwordLengthMax || !/\P{ASCII}/u.test(password)) return;
  throw refused(
    engine,
    `has a password of over ${passwordLengthMax} characters, not all of them ASCII`,
  );
}

// The first packet carries them to whoever listens there: no line of its own for another protocol.
export function decodeName(text: string): string {
  const decoded = decode(text);
  if (!/\p{Cc}/u.test(decoded)) return decoded;
  throw new Unusable("the connection URI has a control character in it, such as %0A: leave it out");
}

export function readParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split("&").filter((part) => part !== "")) {
    const [name = "", text = ""] = cut(pair, "=");
    const value = name === "password" ? decode(text) : decodeName(text);
    if (value !== "") parameters.set(decodeName(name), value);
  }
  return parameters;
}
