// Pool sizes in connection strings: parameters of a URL (?connection_limit=40), or fields of the
// semicolon form that ADO.NET reads (Maximum Pool Size=40), or words of the form that libpq reads
// (host=db user=app pool_max_conns=40), or parameters that a program puts behind its URL. Of
// servers that are known here, each with its kind: a URL of Redis in the same container has a pool
// of its own, on another server.

import { type EngineName, usualEngine } from "../../api/engines.ts";
import { plainName } from "../../api/relaxed-names.ts";
import { connectionStringsIn, engineOfUrl } from "./connection-strings.ts";
import type { Setting } from "./json-settings.ts";

const fieldsMax = 200;

/**
 * What libraries read, by their documentation, in plain spelling: Prisma (connection_limit), Rails
 * (pool), Ecto (pool_size), pgx (pool_max_conns), Ory's programs (max_conns), Npgsql (Maximum Pool
 * Size, MaxPoolSize), R2DBC and encode/databases (maxSize, max_size), Tortoise (maxsize),
 * postgres.js (max), MariaDB's Connector/J (maxPoolSize), mysql2 (connectionLimit), redis-py
 * (max_connections), go-redis (pool_size).
 */
const sizeParameters = new Set([
  ...["connectionlimit", "pool", "poolsize", "poolmaxconns", "maximumpoolsize", "maxpoolsize"],
  ...["maxsize", "max", "maxconnections", "maxconns"],
]);
/** Of the least that a pool keeps: one above the size stops a process. */
const minimumParameters = new Set([
  ...["poolminconns", "minsize", "minimumpoolsize", "minpoolsize", "minconnections"],
]);
/** Of a pool, whatever stands around them. */
const unmistakable = new Set(["connectionlimit", "poolsize", "poolmaxconns", "maxpoolsize"]);

export interface UrlSetting extends Setting {
  /** Where the URL leads: host or host:port; absent where no one host stands there. */
  readonly host?: string;
  /** Absent of the usual kind, and where its form does not say. */
  readonly engine?: EngineName;
}

/** None of a text that has no connection string. `place`: the variable that holds it. */
export function settingsInUrl(text: string, place = ""): UrlSetting[] {
  const found = connectionStringsIn(text).flatMap(settingsInString);
  return found.length > 0 || !databaseWords.test(place) ? found : settingsInParameters(text);
}

/** A program puts what DATABASE_ARGS says behind its URL; a URL may begin with another variable. */
const databaseWords =
  /database|postgres|mysql|prisma|connection_?string|(^|_)(db|dsn|pg|sql)(_|$)/i;
const parametersAlone = /^\??[\w.]+=[^&\s]*(&[\w.]+=[^&\s]*)*$/;
/** `$(BASE_URL)?…`, `$(SCHEME)://host/db?…` and `$(BASE);…`: what comes before its parameters. */
const reference = /^\$(?:\([\w.-]+\)|\{[\w.-]+\})(?::\/\/[^?;\s]*)?(?=[?;])/;

function settingsInParameters(text: string): UrlSetting[] {
  const bare = unquoted(text);
  if (bare.length > parametersLimitCharacters) return [];
  const own = bare.replace(reference, "");
  if (own.startsWith(";")) return pairs(own.slice(1), ";").filter(isSizing);
  if (!parametersAlone.test(own)) return [];
  const all = pairs(own.replace(/^\?/, ""), "&");
  return own === bare
    ? all.filter(({ name }) => unmistakable.has(plainName(name)))
    : all.filter(isSizing);
}

const parametersLimitCharacters = 2_000;

function settingsInString(text: string): UrlSetting[] {
  const { pairs: all, hosts, engine } = partsOf(text);
  const settings = all.filter(isSizing);
  if (settings.length === 0) return [];
  const [host = "", ...others] = hosts;
  const isKnown = others.length === 0 && host.length <= hostLimitCharacters && oneHost.test(host);
  const more = { ...(isKnown && { host }), ...(engine !== undefined && { engine }) };
  return settings.map((setting) => ({ ...setting, ...more }));
}

function isSizing({ name }: Setting): boolean {
  const plain = plainName(name);
  return sizeParameters.has(plain) || minimumParameters.has(plain);
}

/** With a port. */
const hostLimitCharacters = 260;
const oneHost = /^([\w.-]+|\[[0-9a-f:.]+\])(:\d+)?$/i;

interface UrlParts {
  readonly pairs: readonly Setting[];
  readonly hosts: readonly string[];
  readonly engine?: EngineName | undefined;
}

function partsOf(text: string): UrlParts {
  const engine = engineOfUrl(text);
  if (engine !== undefined) {
    const query = text.indexOf("?");
    const all = query < 0 ? [] : pairs(text.slice(query + 1), "&");
    const hosts = [authorityOf(text), ...hostsIn(all)];
    return { pairs: all, hosts, ...(engine !== usualEngine && { engine }) };
  }
  if (text.includes(";")) return ofHost(pairs(text, ";"));
  const words = keywordForm.test(text) ? pairs(text, /\s+/) : [];
  return words.some(({ name }) => loginNames.has(name)) ? ofHost(words) : noParts;
}

const keywordForm = /^[a-z_]+\s*=/i;
/** A line of other settings may have a host as well. */
const loginNames = new Set(["user", "dbname"]);
const noParts: UrlParts = { pairs: [], hosts: [] };

function ofHost(all: readonly Setting[]): UrlParts {
  const hosts = hostsIn(all);
  return hosts.length > 0 ? { pairs: all, hosts } : noParts;
}

function hostsIn(all: readonly Setting[]): string[] {
  return all.flatMap(({ name, value }) => (hostNames.has(plainName(name)) ? value : []));
}

const hostNames = new Set([
  ...["host", "server", "datasource", "address", "addr", "networkaddress"],
]);

/** Nothing where a password may hold what ends it. */
function authorityOf(text: string): string {
  const [, authority = "", rest = ""] = /^[^/]*\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  return rest.includes("@") ? "" : authority.slice(authority.lastIndexOf("@") + 1);
}

function pairs(text: string, separator: string | RegExp): Setting[] {
  return text
    .split(separator, fieldsMax)
    .filter((pair) => pair.length <= pairLimitCharacters)
    .flatMap((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0
        ? []
        : [{ name: pair.slice(0, equals).trim(), value: unquoted(pair.slice(equals + 1)) }];
    });
}

function unquoted(value: string): string {
  return value.trim().replaceAll(/^["']|["']$/g, "");
}

/** No longer one names a size; a password may be longer. */
const pairLimitCharacters = 200;
