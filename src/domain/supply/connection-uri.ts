// Reads a PostgreSQL connection URI as libpq does, and names the server that it means. Two policies
// share a budget only if their servers get the same name, so names are canonical. Written by hand
// because URL parsers disagree with libpq about passwords, several hosts and what sslmode means.
// A problem never repeats any part of the text: the part that looks like a port may be a password.

import { engines } from "../../api/engines.ts";
import {
  type LoginTerms,
  oneOf,
  orProblem,
  readLoginTerms,
  refuseWhatIsNotKept,
  Unusable,
  type UriProblem,
} from "./connection-parameters.ts";
import {
  decode,
  type HostAndPort,
  readAddress,
  type ServerAddress,
  splitAddress,
  uriEncoding,
} from "./database-host.ts";
import type { ServerKey } from "../facts/facts.ts";
import {
  decodeName,
  readParameters,
  refused,
  refuseLongPassword,
  splitUri,
  type UriParts,
} from "./uri-parts.ts";

export const sslModes = [
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
] as const;
export type SslMode = (typeof sslModes)[number];

/** Its address is that of the first of several hosts. */
export interface ConnectionUri extends ServerAddress, LoginTerms {
  readonly user: string;
  /** A function, so that no log or JSON shows it by accident. Empty if the URI has none. */
  readonly password: () => string;
  readonly database: string;
  readonly sslMode: SslMode;
  /** TLS from the first byte (sslnegotiation=direct). */
  readonly directTls: boolean;
}

const engine = engines.PostgreSQL;
/** Of the whole list. */
const hostsMax = 32;

/**
 * Reads a postgresql:// or postgres:// URI. `ca` is the PEM that stands beside it, which verify-ca
 * needs, and which makes verify-full the default. Never throws.
 */
export function parseConnectionUri(
  text: string,
  { ca }: { readonly ca?: string | undefined } = {},
): { readonly kind: "uri"; readonly uri: ConnectionUri } | UriProblem {
  return orProblem(() => ({ kind: "uri", uri: readUri(text.trim(), ca !== undefined) }));
}

/**
 * Canonical names of every server that the URI names anywhere: all hosts of the list, the
 * parameters host and hostaddr. libpq tries one after the other. Undefined for one that is no host
 * of a network, such as a Unix socket. Empty if the text is no URI. Never throws.
 */
export function serversNamedIn(text: string): readonly (ServerKey | undefined)[] {
  const named = orProblem(() => allHosts(splitUri(text.trim(), engine)).map(nameOrNothing));
  return "kind" in named ? [] : named;
}

function nameOrNothing(address: HostAndPort): ServerKey | undefined {
  const read = orProblem(() => readAddress(address, engine));
  return "server" in read ? read.server : undefined;
}

function readUri(text: string, hasCa: boolean): ConnectionUri {
  const parts = splitUri(text, engine);
  const parameters = readParameters(parts.query);
  refuseManyHosts(allHosts(parts));
  // Where a bare @ is left over, the text was cut in the middle of a password.
  refuseWhatIsNotKept(parameters, !parts.query.includes("@"));
  const user = parameters.get("user") ?? decodeName(parts.user);
  if (user === "") throw refused(engine, "has no user name", uriEncoding);
  const password = parameters.get("password") ?? decode(parts.password);
  refuseLongPassword(password, engine);
  const sslMode = readSslMode(parameters, hasCa);
  return {
    ...readAddress(firstHost(parts.hosts, parameters), engine),
    user,
    password: () => password,
    database: (parameters.get("dbname") ?? decodeName(parts.database)) || user,
    sslMode,
    directTls: readDirectTls(parameters, sslMode),
    ...readLoginTerms(parameters),
  };
}

// --- the server ---------------------------------------------------------------------------------

// libpq tries several hosts in turn; we ask one server, and it is the one that the budget is of.
function firstHost(hosts: string, parameters: ReadonlyMap<string, string>): HostAndPort {
  const [first = ""] = hosts.split(",");
  const inAuthority = splitAddress(first);
  const [host = inAuthority.host] = parameters.get("host")?.split(",") ?? [];
  const [port = inAuthority.port] = parameters.get("port")?.split(",") ?? [];
  return { host: host || (parameters.get("hostaddr") ?? ""), port };
}

function refuseManyHosts({ length }: readonly HostAndPort[]): void {
  if (length > hostsMax) throw refused(engine, `names more than ${hostsMax} hosts`);
}

/** A port of a list goes with the host at its place, a single one with all. */
function allHosts({ hosts, query }: UriParts): HostAndPort[] {
  const parameters = readParameters(query);
  const inAuthority = hosts.split(",").map(splitAddress);
  const ports = parameters.get("port")?.split(",") ?? [];
  const withPorts = (names: readonly string[]): HostAndPort[] =>
    names.map((host, place) => {
      const port = ports.length === 1 ? ports[0] : ports[place];
      return { host, port: port ?? inAuthority[place]?.port ?? "" };
    });
  const listed = ["host", "hostaddr"].flatMap((name) =>
    withPorts(parameters.get(name)?.split(",") ?? []),
  );
  const named = withPorts(inAuthority.map(({ host }) => host));
  // A port alone, as in postgresql://:5433/?host=db, names no host of its own.
  return [...named.filter(({ host }) => host !== "" || listed.length === 0), ...listed];
}

// --- TLS ----------------------------------------------------------------------------------------

function readSslMode(parameters: ReadonlyMap<string, string>, hasCa: boolean): SslMode {
  refuseFiles(parameters);
  const systemRoots = parameters.get("sslrootcert") === "system";
  const usual = systemRoots || hasCa ? "verify-full" : "prefer";
  const mode = namedSslMode(parameters) ?? usual;
  if (hasCa && ["disable", "allow", "prefer"].includes(mode)) {
    throw new Unusable(
      `sslmode=${mode} would not check the server against secretRef.caKey: write sslmode=verify-full, or remove caKey`,
    );
  }
  if (systemRoots && mode !== "verify-full") {
    throw new Unusable("sslrootcert=system needs sslmode=verify-full");
  }
  if (mode === "verify-ca" && !hasCa) {
    throw new Unusable(
      "sslmode=verify-ca needs the CA's certificate: put its PEM into the secret and name its key in secretRef.caKey",
    );
  }
  return mode;
}

function refuseFiles(parameters: ReadonlyMap<string, string>): void {
  const rootCertificate = parameters.get("sslrootcert");
  if (rootCertificate === undefined || rootCertificate === "system") return;
  throw new Unusable(
    "sslrootcert names a file, which the operator cannot read: put the CA's PEM into the secret and name its key in secretRef.caKey",
  );
}

function namedSslMode(parameters: ReadonlyMap<string, string>): SslMode | undefined {
  // As libpq does, for URIs that were written for JDBC.
  const ssl = oneOf(parameters, "ssl", ["true", "false", "1", "0"]);
  const isRequired = ssl === "true" || ssl === "1";
  return oneOf(parameters, "sslmode", sslModes) ?? (isRequired ? "require" : undefined);
}

function readDirectTls(parameters: ReadonlyMap<string, string>, mode: SslMode): boolean {
  if (oneOf(parameters, "sslnegotiation", ["postgres", "direct"]) !== "direct") return false;
  if (["require", "verify-ca", "verify-full"].includes(mode)) return true;
  throw new Unusable("sslnegotiation=direct needs sslmode=require or stronger");
}
