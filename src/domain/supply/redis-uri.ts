// Reads a connection URI of Redis or Valkey: redis:// without TLS, rediss:// with it. Clients have
// parameters of their own, so names are compared without case, hyphens and underscores. Nothing is
// ignored in silence: a parameter is kept, or it has no bearing on a reading, or the URI is refused
// with its name.

import { engines } from "../../api/engines.ts";
import { orProblem, type TlsVersion, Unusable, type UriProblem } from "./connection-parameters.ts";
import { decode, readAddress, type ServerAddress, splitAddress } from "./database-host.ts";
import type { ServerKey } from "../facts/facts.ts";
import {
  type KnownParameters,
  plainParameters,
  type PlainParameters,
  plainWords,
} from "./plain-parameters.ts";
import { decodeName, refused, refuseLongPassword, splitUri, type UriParts } from "./uri-parts.ts";

export interface RedisUri extends ServerAddress {
  /** `default` if the URI names none. */
  readonly user: string;
  /** A function, so that no log or JSON shows it by accident. Empty if the URI has none. */
  readonly password: () => string;
  /** Always empty: a number of a database says nothing of a client. */
  readonly database: string;
  readonly tls: RedisTls;
  readonly minTlsVersion: TlsVersion;
  readonly maxTlsVersion: TlsVersion;
}

/** None; any certificate; one of the CA; one of the CA that has the server's name in it. */
type RedisTls = "none" | "unchecked" | "authority" | "identity";

const engine = engines.Redis;

/** Reads a URI of Redis. `ca` is the PEM that stands beside it. Never throws. */
export function parseRedisUri(
  text: string,
  { ca }: { readonly ca?: string | undefined } = {},
): { readonly kind: "uri"; readonly uri: RedisUri } | UriProblem {
  return orProblem(() => ({ kind: "uri", uri: readUri(text.trim(), ca !== undefined) }));
}

/** The server that the URI names. Empty if the text is no URI. Never throws. */
export function redisServersNamedIn(text: string): readonly (ServerKey | undefined)[] {
  const named = orProblem(() => addressIn(splitUri(text.trim(), engine)));
  return "server" in named ? [named.server] : [];
}

function addressIn({ hosts }: UriParts): ServerAddress {
  if (!hosts.includes(",")) return readAddress(splitAddress(hosts), engine);
  throw refused(engine, "names several hosts, and each has maxclients of its own");
}

function readUri(text: string, hasCa: boolean): RedisUri {
  const parts = splitUri(text, engine);
  const parameters = plainParameters(parts.query, known);
  const [user, password] = [decodeName(parts.user), decode(parts.password)];
  refuseLongPassword(password, engine);
  decodeName(parts.database);
  return {
    ...addressIn(parts),
    ...{ user: user || "default", password: () => password, database: "" },
    tls: readTls(/^(rediss|valkeys):/.test(text), parameters, hasCa),
    ...{ minTlsVersion: "TLSv1.2", maxTlsVersion: "TLSv1.3" },
  };
}

// --- parameters ---------------------------------------------------------------------------------

const kept = plainWords("ssl_cert_reqs ssl_check_hostname skip_verify");

/** How long to wait, how to pool, how values are written: no reading is less safe without them. */
const withoutBearing = plainWords(`
  db database protocol client_name clientName lib_name lib_version name family
  timeout connectTimeout commandTimeout socket_timeout socket_connect_timeout socket_keepalive
  dial_timeout read_timeout write_timeout retry_on_timeout retry_on_error max_retries
  min_retry_backoff max_retry_backoff maxRetriesPerRequest health_check_interval keepAlive
  pool_size pool_timeout pool_fifo max_connections maxPoolSize minPoolSize min_idle_conns
  max_idle_conns max_active_conns conn_max_idle_time conn_max_lifetime idle_timeout
  idle_check_frequency max_conn_age max_pool_size decode_responses encoding encoding_errors
  single_connection_client lazyConnect enableReadyCheck keyPrefix prefix namespace channel_prefix
  virtual_host visibility_timeout`);

const files = plainWords("ssl_ca_certs ssl_ca_path ssl_certfile ssl_keyfile cacert cert key");

/** What these ask for, nobody here would do. */
const notKept = plainWords(`
  ssl_ca_data ssl_min_version ssl_ciphers ssl_validate_ocsp ssl_password
  sentinelMasterId master_name sentinel_username sentinel_password
  username user password path host port ssl tls`);

const known: KnownParameters = { kept, withoutBearing, files, notKept };

// --- TLS ----------------------------------------------------------------------------------------

function readTls(isSecure: boolean, parameters: PlainParameters, hasCa: boolean): RedisTls {
  const isChecked = isCertificateChecked(parameters);
  const isNameChecked = isOn(parameters, "sslcheckhostname") ?? true;
  if (!isSecure) {
    if (!hasCa) return "none";
    throw new Unusable(
      "redis:// would not check the server against secretRef.caKey: write rediss://, or remove caKey",
    );
  }
  if (isChecked) return isNameChecked ? "identity" : "authority";
  if (!hasCa) return "unchecked";
  throw new Unusable(
    "the URI asks for TLS that would not check the server against secretRef.caKey: remove ssl_cert_reqs and skip_verify, or caKey",
  );
}

/** Clients of Python say it by one name, those of Go by another. */
function isCertificateChecked(parameters: PlainParameters): boolean {
  const wanted = parameters.get("sslcertreqs")?.toLowerCase() ?? "required";
  const words = ["none", "optional", "required", "cert_none", "cert_optional", "cert_required"];
  if (!words.includes(wanted)) {
    throw new Unusable("ssl_cert_reqs must be one of none, optional, required");
  }
  return !wanted.endsWith("none") && isOn(parameters, "skipverify") !== true;
}

function isOn(parameters: PlainParameters, name: string): boolean | undefined {
  const value = parameters.get(name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (["true", "1", "yes"].includes(value)) return true;
  if (["false", "0", "no"].includes(value)) return false;
  throw new Unusable(
    `${name === "skipverify" ? "skip_verify" : "ssl_check_hostname"} must be true or false`,
  );
}
