// Rows as the console sends them: every value is text, columns are known by their names, and what
// is no number where one belongs is no answer. Names may be the word of any client, which the
// pooler repeats as it is (with an entry `*` also the database): they are cut, and not refused.

import { count, record, text, textCut } from "../database/answers.ts";
import { NotAPooler } from "./failures.ts";

export type Row = Readonly<Record<string, unknown>>;
export type Rows = readonly Row[];

/** Those of one command. */
export function rowsIn(value: unknown): Rows {
  if (!Array.isArray(value)) throw new NotAPooler("an answer of several parts");
  return value.map(record);
}

export function settingsIn(rows: Rows): ReadonlyMap<string, string> {
  return new Map(
    rows.map((row) => [text(row["key"]), typeof row["value"] === "string" ? row["value"] : ""]),
  );
}

export function numberIn(value: unknown, max?: number): number {
  const isNumber = typeof value === "string" && /^\d{1,15}$/.test(value);
  return count(isNumber ? Number(value) : value, max);
}

/** Undefined where the column is empty, or this version has none. */
export function numberIfAny(value: unknown): number | undefined {
  return value === undefined || value === null || value === "" ? undefined : numberIn(value);
}

/** Undefined where the column is empty, or this version has none. */
export function textIfAny(value: unknown): string | undefined {
  return value === undefined || value === null || value === "" ? undefined : textCut(value);
}

/** The first of a name counts. */
export function byName(rows: Rows): ReadonlyMap<string, Row> {
  return new Map(rows.toReversed().map((row) => [textCut(row["name"]), row]));
}
