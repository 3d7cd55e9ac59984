// Reads a connection URI of MySQL or MariaDB. There is no one standard for it: each client has its
// own names for the same parameters (ssl-mode, sslMode, sslmode), so names are compared without
// case, hyphens and underscores. Nothing is ignored in silence, as with PostgreSQL: a parameter is
// kept, or it has no bearing on a reading, or the URI is refused with its name.

import { engines } from "../../api/engines.ts";
import { orProblem, type TlsVersion, Unusable, type UriProblem } from "./connection-parameters.ts";
import { decode, readAddress, type ServerAddress, splitAddress } from "./database-host.ts";
import { uriEncoding } from "./database-host.ts";
import type { ServerKey } from "../facts/facts.ts";
import {
  type KnownParameters,
  plainParameters,
  type PlainParameters,
  plainOf,
  plainWords,
} from "./plain-parameters.ts";
import { decodeName, refused, refuseLongPassword, splitUri, type UriParts } from "./uri-parts.ts";

/** As `mysql --ssl-mode` has them, each stricter than the one before. */
const mysqlSslModes = [
  "DISABLED",
  "PREFERRED",
  "REQUIRED",
  "VERIFY_CA",
  "VERIFY_IDENTITY",
] as const;
type MysqlSslMode = (typeof mysqlSslModes)[number];

export interface MysqlUri extends ServerAddress {
  readonly user: string;
  /** A function, so that no log or JSON shows it by accident. Empty if the URI has none. */
  readonly password: () => string;
  /** Empty if the URI has none. */
  readonly database: string;
  readonly sslMode: MysqlSslMode;
  readonly minTlsVersion: TlsVersion;
  readonly maxTlsVersion: TlsVersion;
  /** On a line without TLS, the password may be encrypted with a key that the server sends. */
  readonly trustsSentKey: boolean;
}

const engine = engines.MySQL;

/**
 * Reads a mysql:// or mariadb:// URI. `ca` is the PEM that stands beside it, which VERIFY_CA needs,
 * and which makes VERIFY_IDENTITY the default. Never throws.
 */
export function parseMysqlUri(
  text: string,
  { ca }: { readonly ca?: string | undefined } = {},
): { readonly kind: "uri"; readonly uri: MysqlUri } | UriProblem {
  return orProblem(() => ({ kind: "uri", uri: readUri(text.trim(), ca !== undefined) }));
}

/** The server that the URI names. Empty if the text is no URI. Never throws. */
export function mysqlServersNamedIn(text: string): readonly (ServerKey | undefined)[] {
  const named = orProblem(() => addressIn(splitUri(text.trim(), engine)));
  return "server" in named ? [named.server] : [];
}

function addressIn({ hosts }: UriParts): ServerAddress {
  if (hosts.includes(",")) throw refused(engine, "names several hosts");
  return readAddress(splitAddress(hosts), engine);
}

function readUri(text: string, hasCa: boolean): MysqlUri {
  const parts = splitUri(text, engine);
  const parameters = plainParameters(parts.query, known);
  const user = decodeName(parts.user);
  if (user === "") throw refused(engine, "has no user name", uriEncoding);
  const password = decode(parts.password);
  refuseLongPassword(password, engine);
  const sslMode = readSslMode(parameters, hasCa);
  return {
    ...addressIn(parts),
    ...{ user, password: () => password, database: decodeName(parts.database), sslMode },
    ...readVersions(parameters),
    trustsSentKey: readTrustInKey(parameters, sslMode),
  };
}

// --- parameters ---------------------------------------------------------------------------------

const kept = plainWords(`
  ssl-mode ssl useSSL requireSSL tls-version tlsVersions
  allowPublicKeyRetrieval get-server-public-key`);

/** How long to wait, how to pool, how values are written: no reading is less safe without them. */
const withoutBearing = plainWords(`
  connection_limit pool pool_timeout pool_size max_overflow pool_recycle pool_pre_ping pool_reset
  maxPoolSize minPoolSize poolName maxIdleTime maxIdle idleTimeout queueLimit waitForConnections
  connectTimeout connect_timeout socketTimeout socket_timeout timeout readTimeout read_timeout
  writeTimeout write_timeout checkout_timeout reaping_frequency conn_max_age conn_health_checks
  tcpKeepAlive enableKeepAlive keepAliveInitialDelay autoReconnect reconnect maxReconnects
  failOverReadOnly charset character_encoding characterEncoding useUnicode encoding collation
  connectionCollation serverTimezone connectionTimeZone forceConnectionTimeZoneToSession
  timezone loc parseTime dateStrings zeroDateTimeBehavior supportBigNumbers bigNumberStrings
  decimalNumbers namedPlaceholders multiStatements multipleStatements allowMultiQueries
  interpolateParams clientFoundRows columnsWithAlias maxAllowedPacket cachePrepStmts
  prepStmtCacheSize prepStmtCacheSqlLimit useServerPrepStmts rewriteBatchedStatements
  useLocalSessionState useLocalTransactionState cacheResultSetMetadata cacheServerConfiguration
  elideSetAutoCommits maintainTimeStats useCursorFetch defaultFetchSize useInformationSchema
  nullCatalogMeansCurrent nullDatabaseMeansCurrent createDatabaseIfNotExist tinyInt1isBit
  useLegacyDatetimeCode connectionAttributes connectAttributes sessionVariables init_command
  program_name compress useCompression compression-algorithms statement_cache_size
  prepared_statements strict sql_mode`);

const files = plainWords(`
  ssl-ca ssl-capath ssl-cert ssl-key ssl-crl ssl-crlpath sslrootcert sslidentity serverSslCert
  trustCertificateKeyStoreUrl clientCertificateKeyStoreUrl serverRSAPublicKeyFile
  server-public-key-path defaults-file`);

/** What these ask for, nobody here would do. */
const notKept = plainWords(`
  sslaccept sslpassword verifyServerCertificate ssl-cipher enabledTLSCipherSuites tls-ciphersuites
  ssl-fips-mode tls-sni-servername default-auth defaultAuthenticationPlugin authenticationPlugins
  restrictedAuth allowCleartextPasswords enable-cleartext-plugin allowOldPasswords tls
  socket socketPath unix_socket localSocket host port user password`);

const known: KnownParameters = { kept, withoutBearing, files, notKept };

// --- TLS ----------------------------------------------------------------------------------------

/** The stricter of what it is asked for by several names. */
function readSslMode(parameters: PlainParameters, hasCa: boolean): MysqlSslMode {
  const named = namedMode(parameters.get("sslmode"));
  const isRequired = ["ssl", "usessl", "requiressl"].some((name) => isOn(parameters, name));
  const mode = stricter(named, isRequired ? "REQUIRED" : undefined);
  if (mode === undefined) return hasCa ? "VERIFY_IDENTITY" : "PREFERRED";
  if (hasCa && !mode.startsWith("VERIFY_")) {
    throw new Unusable(
      `ssl-mode=${mode} would not check the server against secretRef.caKey: write ssl-mode=VERIFY_IDENTITY, or remove caKey`,
    );
  }
  if (mode === "VERIFY_CA" && !hasCa) {
    throw new Unusable(
      "ssl-mode=VERIFY_CA needs the CA's certificate: put its PEM into the secret and name its key in secretRef.caKey",
    );
  }
  return mode;
}

/** MariaDB's Connector/J has its own words for four of them. */
const modesByName: Readonly<Record<string, MysqlSslMode>> = {
  ...Object.fromEntries(mysqlSslModes.map((mode) => [plainOf(mode), mode])),
  ...{ disable: "DISABLED", trust: "REQUIRED", verifyfull: "VERIFY_IDENTITY" },
};

function namedMode(value: string | undefined): MysqlSslMode | undefined {
  if (value === undefined) return undefined;
  const plain = plainOf(value);
  const mode = Object.hasOwn(modesByName, plain) ? modesByName[plain] : undefined;
  if (mode === undefined) throw new Unusable(`ssl-mode must be one of ${mysqlSslModes.join(", ")}`);
  return mode;
}

function stricter(a: MysqlSslMode | undefined, b: MysqlSslMode | undefined): typeof a {
  if (a === undefined || b === undefined) return a ?? b;
  return mysqlSslModes.indexOf(a) > mysqlSslModes.indexOf(b) ? a : b;
}

function isOn(parameters: PlainParameters, name: string): boolean {
  const value = parameters.get(name)?.toLowerCase();
  if (value === undefined || ["false", "0"].includes(value)) return false;
  if (["true", "1"].includes(value)) return true;
  throw new Unusable(`${name} must be true or false; write ssl-mode=VERIFY_IDENTITY or another`);
}

const versions: readonly TlsVersion[] = ["TLSv1.2", "TLSv1.3"];

/** Older ones are not spoken, whoever allows them. */
function readVersions(
  parameters: PlainParameters,
): Pick<MysqlUri, "minTlsVersion" | "maxTlsVersion"> {
  const text = parameters.get("tlsversion") ?? parameters.get("tlsversions");
  const wanted = text?.split(",").map((one) => one.trim().toLowerCase());
  const left = versions.filter((one) => wanted?.includes(one.toLowerCase()) ?? true);
  const [minTlsVersion] = left;
  const maxTlsVersion = left.at(-1);
  if (minTlsVersion !== undefined && maxTlsVersion !== undefined) {
    return { minTlsVersion, maxTlsVersion };
  }
  throw new Unusable(`tls-version allows none of ${versions.join(", ")}, which are supported`);
}

/** Who says DISABLED knows that the line is open; by chance nobody's key is trusted. */
function readTrustInKey(parameters: PlainParameters, sslMode: MysqlSslMode): boolean {
  const isAsked = ["allowpublickeyretrieval", "getserverpublickey"].some((name) =>
    isOn(parameters, name),
  );
  return isAsked || sslMode === "DISABLED";
}
