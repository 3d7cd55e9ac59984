// Where connection strings stand in a text. It may be one; or it has some: in quotes, behind an
// argument (--database-url=postgresql://…), in a shell command, in a configuration as JSON or YAML.
// Each pattern takes time in proportion to the text, and how many are found has a bound.

import type { EngineName } from "../../api/engines.ts";
import { withoutEnd } from "./without-end.ts";

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
const scheme = `(?:jdbc:|r2dbcs?:)?(?:pool:)?(${allNames})(?:\\+[a-z0-9_]{1,30})?:`;
const atStart = new RegExp(`^${scheme}`, "i");
const anywhere = new RegExp(`(?<![a-z0-9+])${scheme}(?:[a-z0-9]{1,20}:){0,2}//[^\\s"'\`<>]+`, "gi");

function named(names: string, engine: EngineName): Readonly<Record<string, EngineName>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, engine]));
}

/** The kind of server that a URL leads to; undefined of what is no such URL. */
export function engineOfUrl(text: string): EngineName | undefined {
  return schemeNames[atStart.exec(text)?.[1]?.toLowerCase() ?? ""];
}

const foundMax = 20;
const partsMax = 200;

/** The whole text where it is one or may be, then those within it. */
export function connectionStringsIn(text: string): readonly string[] {
  const whole = text.trim();
  if (atStart.test(whole)) return [whole];
  return [...urlsIn(whole), whole, ...linesIn(whole), ...quotedIn(whole)];
}

/** Each argument is one. */
function linesIn(text: string): readonly string[] {
  const lines = text.split("\n", partsMax);
  return lines.length === 1 ? [] : lines.map((line) => line.trim());
}

function urlsIn(text: string): readonly string[] {
  if (!text.includes("//")) return [];
  return [...text.matchAll(anywhere)].slice(0, foundMax).map(([url]) => bareUrl(url));
}

/** JSON of Go writes & as a number; what ends a list or a field is no part of a URL. */
function bareUrl(url: string): string {
  const bare = withoutEnd(url.replaceAll("\\u0026", "&"), "],;\\");
  return bare.includes("${") ? bare : withoutEnd(bare, "}],;\\");
}

/** Of the form with semicolons: what stands between quotes. */
function quotedIn(text: string): readonly string[] {
  if (!text.includes(";")) return [];
  const parts = text.split(/["']/, partsMax);
  return parts.length === 1 ? [] : parts.filter((part) => part.includes(";"));
}
