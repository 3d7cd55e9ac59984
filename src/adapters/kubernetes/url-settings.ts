// Pool sizes in connection strings: parameters of a URL (?connection_limit=40), or fields of the
// semicolon form that ADO.NET reads (Maximum Pool Size=40), or words of the form that libpq reads
// (host=db user=app pool_max_conns=40). Of servers that are known here, each with its kind: a URL
// of Redis in the same container has a pool of its own, on another server.

import { type EngineName, usualEngine } from "../../api/engines.ts";
import { plainName } from "../../api/relaxed-names.ts";
import type { Setting } from "./json-settings.ts";

/** As libraries call servers, and what speaks like them, in a URL. */
const schemeNames: Readonly<Record<string, EngineName>> = {
  ...named(
    "postgres postgresql pgsql postgis timescale timescalegis cockroach cockroachdb ecto asyncpg psycopg",
    "PostgreSQL",
  ),
  ...named("mysql mysqlx mariadb mysql2 trilogy aurora", "MySQL"),
  ...named("redis rediss valkey valkeys", "Redis"),
};
const allNames = Object.keys(schemeNames).join("|");
const schemes = new RegExp(`^(?:jdbc:|r2dbcs?:)?(?:pool:)?(${allNames})(?:\\+[a-z0-9_]+)?:`, "i");

function named(names: string, engine: EngineName): Readonly<Record<string, EngineName>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, engine]));
}

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

export interface UrlSetting extends Setting {
  /** Where the URL leads: host or host:port; absent where no one host stands there. */
  readonly host?: string;
  /** Absent of the usual kind, and where its form does not say. */
  readonly engine?: EngineName;
}

/** None of a text that is no connection string. */
export function settingsInUrl(text: string): UrlSetting[] {
  const { pairs: all, hosts, engine } = partsOf(text.trim());
  const settings = all.filter(({ name }) => sizeParameters.has(plainName(name)));
  if (settings.length === 0) return [];
  const [host = "", ...others] = hosts;
  const isKnown = others.length === 0 && host.length <= hostLimitCharacters && oneHost.test(host);
  const more = { ...(isKnown && { host }), ...(engine !== undefined && { engine }) };
  return settings.map((setting) => ({ ...setting, ...more }));
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
  const scheme = schemes.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    const query = text.indexOf("?");
    const all = query < 0 ? [] : pairs(text.slice(query + 1), "&");
    const engine = schemeNames[scheme];
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

const hostNames = new Set(["host", "server"]);

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
