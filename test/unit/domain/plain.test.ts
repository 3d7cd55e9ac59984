// What comes from elsewhere is printed without characters that mean something to a terminal.

import { expect, test } from "vitest";
import { plain, withTexts } from "../../../src/domain/words/plain.ts";

test.each([
  ["a name", "a name"],
  ["a\nb\r\nc", "a b  c"],
  ["\u001b[2Jx", " [2Jx"],
  ["c1 \u009b and \u007f", "c1   and  "],
  ["lines \u2028 and \u2029", "lines   and  "],
  ["größer → 5", "größer → 5"],
])("%j is printed as %j", (text, want) => {
  expect(plain(text)).toBe(want);
});

test("texts are changed wherever they stand, names of fields as well, and nothing else", () => {
  const value = { "a\n": ["b\n", 1, true, undefined, { c: "d\n" }], e: undefined };
  const want = { "a ": ["b ", 1, true, undefined, { c: "d " }], e: undefined };
  expect(withTexts(value, plain)).toEqual(want);
});

test("whatever nothing changes in is not copied", () => {
  const value = { same: [{ a: "b" }], other: ["c\n"] };
  const after = withTexts(value, plain);
  expect(after.same).toBe(value.same);
  expect(after).toEqual({ same: [{ a: "b" }], other: ["c "] });
  expect(withTexts(value.same, plain)).toBe(value.same);
});
