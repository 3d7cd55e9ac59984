// Pool sizes in connection strings: parameters of a URL (?connection_limit=40), or fields of the
// semicolon form that ADO.NET reads (Maximum Pool Size=40). Only of PostgreSQL's: a MongoDB URL in
// the same container has a pool of its own, on another server.

import { plainName } from "../../api/relaxed-names.ts";
import type { Setting } from "./json-settings.ts";

const schemes =
  /^(jdbc:|r2dbc:)?(pool:)?(postgres|postgresql|pgsql|ecto|cockroachdb)(\+[a-z0-9_]+)?:/i;
const fieldsMax = 200;

/**
 * What libraries read, by their documentation, in plain spelling: Prisma (connection_limit), Rails
 * (pool), Ecto (pool_size), pgx (pool_max_conns), Npgsql (Maximum Pool Size, MaxPoolSize), R2DBC
 * and encode/databases (maxSize, max_size), Tortoise (maxsize), postgres.js (max).
 */
const sizeParameters = new Set([
  ...["connectionlimit", "pool", "poolsize", "poolmaxconns", "maximumpoolsize", "maxpoolsize"],
  ...["maxsize", "max", "maxconnections"],
]);

/** None of a text that is no connection string. */
export function settingsInUrl(text: string): Setting[] {
  return pairsIn(text.trim()).filter(({ name }) => sizeParameters.has(plainName(name)));
}

function pairsIn(text: string): Setting[] {
  if (schemes.test(text)) {
    const query = text.indexOf("?");
    return query < 0 ? [] : pairs(text.slice(query + 1), "&");
  }
  const all = pairs(text, ";");
  return all.some(({ name }) => hostNames.has(plainName(name))) ? all : [];
}

const hostNames = new Set(["host", "server"]);

function pairs(text: string, separator: string): Setting[] {
  return text
    .split(separator, fieldsMax)
    .filter((pair) => pair.length <= pairLimitCharacters)
    .flatMap((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0
        ? []
        : [{ name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1) }];
    });
}

/** No longer one names a size; a password may be longer. */
const pairLimitCharacters = 200;
