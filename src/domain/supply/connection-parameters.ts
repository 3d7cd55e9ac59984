// What a connection URI may ask for beyond the server and the login. Nothing is ignored in silence:
// a parameter is kept, or it has no bearing on a reading, or the URI is refused with its name. What
// somebody wrote to be safe (a login method, a version of TLS) must not become a comment.

export type LoginMethod = "none" | "password" | "md5" | "scram-sha-256";
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** What the URI demands of the login and of TLS. */
export interface LoginTerms {
  /** channel_binding=require. */
  readonly channelBinding: boolean;
  /** Logins that the server may ask for (require_auth); all that we make, if nothing is said. */
  readonly loginMethods: readonly LoginMethod[];
  readonly minTlsVersion: TlsVersion;
  readonly maxTlsVersion: TlsVersion;
  /** The libpq parameter `options`: settings of the session. */
  readonly options: string;
}

export interface UriProblem {
  readonly kind: "problem";
  /** A clause that follows a name such as `secret orders-db, key uri:`. Free of secrets. */
  readonly message: string;
}

/** Thrown while a URI is read, so that each step can be one plain line. */
export class Unusable extends Error {}

export function orProblem<T>(read: () => T): T | UriProblem {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unusable) return { kind: "problem", message: error.message };
    throw error;
  }
}

/** Kept, here or where the URI is read. */
const kept = words(`
  host hostaddr port dbname user password options sslmode ssl sslrootcert sslnegotiation
  channel_binding require_auth gssencmode ssl_min_protocol_version ssl_max_protocol_version`);

/** How long to wait, how to pool, what to call a session: no reading is less safe without them. */
const withoutBearing = words(`
  application_name fallback_application_name client_encoding connect_timeout tcp_user_timeout
  keepalives keepalives_idle keepalives_interval keepalives_count
  target_session_attrs load_balance_hosts sslcompression krbsrvname gsslib
  search_path timezone TimeZone statement_timeout lock_timeout idle_in_transaction_session_timeout
  schema connection_limit pool_timeout socket_timeout pgbouncer statement_cache_size
  ApplicationName currentSchema prepareThreshold preparedStatementCacheQueries
  preparedStatementCacheSizeMiB binaryTransfer loginTimeout connectTimeout socketTimeout
  tcpKeepAlive reWriteBatchedInserts defaultRowFetchSize stringtype targetServerType
  pool_max_conns pool_min_conns pool_max_conn_lifetime pool_max_conn_lifetime_jitter
  pool_max_conn_idle_time pool_health_check_period default_query_exec_mode
  statement_cache_capacity description_cache_capacity statement-cache-capacity binary_parameters
  uselibpqcompat command_timeout prepared_statement_cache_size pool pool_size max_overflow
  pool_recycle pool_pre_ping conn_max_age conn_health_checks encoding prepared_statements
  checkout_timeout reaping_frequency`);

/** Values with which these ask for what we do anyway. */
const kindValues: Readonly<Record<string, readonly string[]>> = {
  gssdelegation: ["0"],
  max_protocol_version: ["3.0", "3.2", "latest"],
  min_protocol_version: ["3.0"],
  replication: ["false", "off", "no", "0"],
  requiressl: ["0"],
  sslcertmode: ["disable", "allow"],
  sslsni: ["1"],
};

const fileParameters = words(
  `sslcert sslkey sslcrl sslcrldir passfile service servicefile sslkeylogfile`,
);

/** Of libpq, and security hints of others: what they ask for, nobody here would do. */
const notKept = words(`
  requirepeer sslpassword scram_client_key scram_server_key oauth_issuer oauth_client_id
  oauth_client_secret oauth_scope sslaccept sslidentity sslfactory sslhostnameverifier role`);

type Parameters = ReadonlyMap<string, string>;

/**
 * Throws Unusable for the first parameter that is not kept. Only names that are known are repeated
 * unless `isPlain`: in a text that was cut at the wrong place a name may be part of a password.
 */
export function refuseWhatIsNotKept(parameters: Parameters, isPlain: boolean): void {
  for (const [name, value] of parameters) {
    if (isFine(name, value)) continue;
    if (fileParameters.has(name)) {
      throw new Unusable(`${name} names a file, which the operator cannot read: remove it`);
    }
    const isKnown = notKept.has(name) || Object.hasOwn(kindValues, name);
    if (isKnown) throw new Unusable(`the operator does not support ${name}: remove it`);
    throw unknownName(isPlain ? name : "");
  }
}

function isFine(name: string, value: string): boolean {
  if (kept.has(name) || withoutBearing.has(name)) return true;
  return Object.hasOwn(kindValues, name) && kindValues[name]?.includes(value) === true;
}

function unknownName(name: string): Unusable {
  const shown = /^[A-Za-z][\w.-]{0,39}$/.test(name) ? name : "";
  return new Unusable(
    `the URI has an unknown parameter${shown === "" ? "" : `, ${shown}`}: correct it, or remove it`,
  );
}

/** Throws Unusable for a value that cannot be kept. */
export function readLoginTerms(parameters: Parameters): LoginTerms {
  if (oneOf(parameters, "gssencmode", ["disable", "prefer", "require"]) === "require") {
    throw new Unusable("gssencmode=require asks for GSSAPI, which the operator does not support");
  }
  const channelBinding = oneOf(parameters, "channel_binding", ["disable", "prefer", "require"]);
  return {
    channelBinding: channelBinding === "require",
    loginMethods: readMethods(parameters.get("require_auth")),
    minTlsVersion: readMinVersion(parameters),
    maxTlsVersion: readMaxVersion(parameters),
    options: readOptions(parameters.get("options") ?? ""),
  };
}

/** One of these values, or undefined if the parameter is not given. */
export function oneOf<T extends string>(
  parameters: Parameters,
  name: string,
  values: readonly T[],
): T | undefined {
  const given = parameters.get(name);
  if (given === undefined) return undefined;
  const known = values.find((value) => value === given);
  if (known === undefined) throw new Unusable(`${name} must be one of ${values.join(", ")}`);
  return known;
}

// --- the login ----------------------------------------------------------------------------------

const ourMethods: readonly LoginMethod[] = ["none", "password", "md5", "scram-sha-256"];
const allMethods: readonly string[] = [...ourMethods, "gss", "sspi", "oauth"];

/** `a,b` are those that may be asked for, `!a,!b` those that may not. */
function readMethods(text: string | undefined): readonly LoginMethod[] {
  if (text === undefined) return ourMethods;
  const entries = text.split(",");
  const negated = entries.filter((entry) => entry.startsWith("!"));
  const named = entries.map((entry) => entry.replace(/^!/, ""));
  const isMixed = negated.length > 0 && negated.length < entries.length;
  if (isMixed || named.some((name) => !allMethods.includes(name))) {
    throw new Unusable(`require_auth is no list of ${allMethods.join(", ")}, each with ! or none`);
  }
  const isWanted = negated.length === 0;
  const left = ourMethods.filter((method) => named.includes(method) === isWanted);
  if (left.length > 0) return left;
  throw new Unusable(
    `require_auth allows none of the methods that the operator supports (${ourMethods.join(", ")})`,
  );
}

// --- versions of TLS ----------------------------------------------------------------------------

const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

/** At least 1.2, whatever the URI would put up with. */
function readMinVersion(parameters: Parameters): TlsVersion {
  const given = oneOf(parameters, "ssl_min_protocol_version", versions);
  return given === "TLSv1.3" ? given : "TLSv1.2";
}

function readMaxVersion(parameters: Parameters): TlsVersion {
  const given = oneOf(parameters, "ssl_max_protocol_version", versions) ?? "TLSv1.3";
  if (given === "TLSv1" || given === "TLSv1.1") {
    throw new Unusable("ssl_max_protocol_version is below TLSv1.2, the oldest that it supports");
  }
  if (given === "TLSv1.2" && readMinVersion(parameters) === "TLSv1.3") {
    throw new Unusable("ssl_max_protocol_version is below ssl_min_protocol_version");
  }
  return given;
}

// --- settings of the session --------------------------------------------------------------------

/** None of them changes what a reading says. endpoint and project tell Neon whose server it is. */
const settings = words(`
  search_path timezone datestyle intervalstyle extra_float_digits client_min_messages geqo jit
  work_mem statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout
  transaction_timeout default_transaction_isolation default_transaction_read_only`);

/**
 * A session may set names with a dot to whatever it likes, and some of them are limits: they would
 * be read as the server's own.
 */
function readOptions(text: string): string {
  const joined = text.replace(/(^|\s)-c\s+/g, "$1-c");
  const parts = joined.match(/(?:\\.|[^\s\\])+/g) ?? [];
  if (parts.every(isHarmless)) return text;
  const list = [...settings].join(", ");
  throw new Unusable(`options may set only ${list}, each as -c name=value: remove the rest`);
}

function isHarmless(option: string): boolean {
  if (/^(endpoint|project)=[\w-]+$/.test(option)) return true;
  const name = /^(?:-c|--)([\w-]+)=/.exec(option)?.[1];
  return name !== undefined && settings.has(name.toLowerCase().replaceAll("-", "_"));
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
