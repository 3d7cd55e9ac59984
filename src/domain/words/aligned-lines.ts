// A table for a terminal: columns as wide as their widest cell.

/** Cells of a column of numbers stand to the right; no line has blanks at its end. */
export function alignedLines(
  rows: readonly (readonly string[])[],
  isNumeric: (column: number) => boolean,
): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 0),
  );
  return rows.map((row) =>
    widths
      .map((width, at) => {
        const cell = row[at] ?? "";
        return isNumeric(at) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
