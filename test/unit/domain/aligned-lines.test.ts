// A table for a terminal.
import { expect, it } from "vitest";
import { alignedLines } from "../../../src/domain/words/aligned-lines.ts";

const isNumeric = (at: number): boolean => at === 1;

it("texts stand to the left, numbers with their title to the right", () => {
  const rows = [
    ["POOL", "SIZE", "WHY"],
    ["web", "5", "grows"],
    ["reports", "120", ""],
  ];

  expect(alignedLines(rows, isNumeric)).toEqual([
    "POOL     SIZE  WHY",
    "web         5  grows",
    "reports   120",
  ]);
});

it("no rows are no lines", () => {
  expect(alignedLines([], isNumeric)).toEqual([]);
});
