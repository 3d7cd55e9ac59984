// Texts become documents, each with its place, whatever stands in them.

import { expect, test } from "vitest";
import { documentsOf, sayPlace, yamlOf } from "../../../src/adapters/manifests/documents.ts";

function told(text: string): string[] {
  return documentsOf({ name: "a.yaml", text }).map((one) => {
    const said = "problem" in one ? one.problem : JSON.stringify(one.value);
    return `${one.place.document}:${one.place.line} ${said}`;
  });
}

const bomb = [
  "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
  ...[1, 2, 3, 4, 5, 6, 7].map(
    (n) => `a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(", ")}]`,
  ),
].join("\n");

test.each<{ name: string; text: string; want: string[] }>([
  { name: "one", text: "a: 1\n", want: ['1:1 {"a":1}'] },
  {
    name: "several, with comments and blanks between",
    text: "# Source: x\n---\n\n---\n# Source: y\na: 1\n--- # another\nb: 2\n...\n---\n",
    want: ['1:6 {"a":1}', '2:8 {"b":2}'],
  },
  { name: "none of comments alone", text: "# nothing\n\n---\n", want: [] },
  {
    name: "Windows' line ends",
    text: "a: 1\r\n---\r\nb: 2\r\n",
    want: ['1:1 {"a":1}', '2:3 {"b":2}'],
  },
  { name: "a YAML directive", text: "%YAML 1.2\n---\na: 1\n", want: ['1:3 {"a":1}'] },
  { name: "JSON", text: '{"a": 1}\n---\n{"b": 2}', want: ['1:1 {"a":1}', '2:3 {"b":2}'] },
  { name: "JSON with tabs", text: '{\n\t"a": 1\n}', want: ['1:1 {"a":1}'] },
  { name: "what begins like JSON", text: "{a: 1}", want: ['1:1 {"a":1}'] },
  {
    name: "the merge key",
    text: "x: &x {a: 1}\nz: {<<: *x, b: 2}",
    want: ['1:1 {"x":{"a":1},"z":{"a":1,"b":2}}'],
  },
  {
    name: "a broken one between two others, with its line",
    text: "a: 1\n---\n# one\nb: [\nc: 2\n---\nd: 4\n",
    want: ['1:1 {"a":1}', "2:5 is not YAML: deficient indentation", '3:7 {"d":4}'],
  },
  { name: "a key twice", text: "a: 1\na: 2\n", want: ["1:2 is not YAML: duplicated mapping key"] },
  {
    name: "a template of Helm",
    text: "kind: Deployment\nspec:\n  {{- toYaml . }}\n",
    want: [expect.stringContaining("give what helm template prints") as string],
  },
  {
    name: "aliases of aliases",
    text: bomb,
    want: ["1:1 has more than a million values, or stands for as many by its aliases (*name)"],
  },
  {
    name: "aliases of aliases, by names that are no words",
    text: bomb.replaceAll(/([&*])a/g, "$1-.a"),
    want: ["1:1 has more than a million values, or stands for as many by its aliases (*name)"],
  },
  {
    name: "an alias within what it names",
    text: "a: &a\n  b: *a\n",
    want: ["1:1 is nested more than 200 levels deep"],
  },
  {
    name: "JSON that is nested without end",
    text: `${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    want: ["1:1 is nested more than 200 levels deep"],
  },
  {
    name: "numbers and words as kubectl reads them",
    text: "a: 0150\nb: yes\nc: 1:30\nd: 1_000\ne: 2026-01-01\n",
    want: ['1:1 {"a":104,"b":true,"c":"1:30","d":1000,"e":"2026-01-01"}'],
  },
  {
    name: "what is nested without end",
    text: "[".repeat(200_000),
    want: [expect.stringContaining("is not YAML") as string],
  },
])("$name", ({ text, want }) => {
  expect(told(text)).toEqual(want);
});

test("a place says file, document and line", () => {
  expect(sayPlace({ input: "a.yaml", document: 2, line: 14 })).toBe("a.yaml, document 2, line 14");
});

test("what is written as YAML is read as the same", () => {
  const value = { on: "yes", n: 1, list: ["a: b", "# c"], none: {} };
  expect(documentsOf({ name: "x", text: yamlOf(value) })[0]).toMatchObject({ value });
});
