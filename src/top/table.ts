// Lines with aligned columns, for a terminal.

import { plain } from "../domain/words/plain.ts";

type Row = readonly (string | number)[];

/** A column of numbers stands to the right with its title, one of texts to the left. */
export function alignedLines(rows: readonly Row[]): string[] {
  const columns = (rows.at(-1) ?? []).map((last, at) => ({
    width: rows.reduce((most, row) => Math.max(most, plain(String(row[at] ?? "")).length), 0),
    isNumeric: typeof last === "number",
  }));
  return rows.map((row) =>
    columns
      .map(({ width, isNumeric }, at) => {
        const text = plain(String(row[at] ?? ""));
        return isNumeric ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

/** `width`: in characters; what is longer ends with an ellipsis. */
export function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
