// The ledger as strings with aligned numbers. `kubectl describe` prints a list of objects as blocks
// of three lines each, which nobody adds up; it prints a list of strings as they are, one below the
// other: a table.

import type { Capacity } from "../supply/capacity.ts";

export interface LedgerLine {
  /** Never 0; negative only for what is missing. */
  readonly slots: number;
  /** What the slots are for, and whose word that is. */
  readonly text: string;
  /** What would make it smaller, or how it was counted. */
  readonly notes?: readonly string[];
}

/** A role or a program may be called anything; it must not forge a line. */
const controlCharacters = /\p{Cc}/gu;

/** The notes of a line stand below it, without a number. The sum stands last, below a rule. */
export function tableOf(
  lines: readonly LedgerLine[],
  { maxConnections, engine }: Pick<Capacity, "maxConnections" | "engine">,
): string[] {
  const numbers = [...lines.map(({ slots }) => slots), maxConnections].map(String);
  const width = numbers.reduce((most, { length }) => Math.max(most, length), 0);
  const row = (number: number | string, text: string): string =>
    `${String(number).padStart(width)}  ${text.replaceAll(controlCharacters, " ")}`;
  return [
    ...lines.flatMap(({ slots, text, notes = [] }) => [
      row(slots, text),
      ...notes.map((note) => row("", `(${note})`)),
    ]),
    "-".repeat(width),
    row(maxConnections, engine.connectionsSetting),
  ];
}
