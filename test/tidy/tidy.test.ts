// The rules of the layout, held against this repository. A failure names file and line, what is
// wrong and how to put it right.
import { describe, expect, test } from "vitest";
import { reasonGroups } from "../../src/api/conditions.ts";
import { bannedCalls, waivers } from "./banned-code.ts";
import { unusedExamples } from "./examples.ts";
import {
  emptyNames,
  longFiles,
  missingOpening,
  missingTests,
  privateTexts,
  strayFiles,
} from "./file-shape.ts";
import { importCycles } from "./import-cycles.ts";
import { untoldFindings } from "./findings.ts";
import { forbiddenImports } from "./import-table.ts";
import { brokenLinks } from "./links.ts";
import { slowPatterns } from "./slow-patterns.ts";
import { describeViolations, readSourceFiles, allPaths, readTextFiles } from "./source-files.ts";
import type { Violation } from "./source-files.ts";

const files = readSourceFiles();
const source = files.filter(({ path }) => path.startsWith("src/"));

const texts = readTextFiles();
const pages = texts.filter(({ path }) => path.endsWith(".md"));

const RULES: readonly { name: string; violations: () => Violation[] }[] = [
  {
    name: "each layer imports only what the table allows",
    violations: () => files.flatMap(forbiddenImports),
  },
  { name: "no file of src needs itself in a circle", violations: () => importCycles(source) },
  { name: "nobody calls what is banned", violations: () => files.flatMap(bannedCalls) },
  { name: "no pattern is slow on long texts", violations: () => source.flatMap(slowPatterns) },
  { name: "nobody switches a check off", violations: () => files.flatMap(waivers) },
  { name: "names say what a file is about", violations: () => files.flatMap(emptyNames) },
  { name: "nothing strays on the top level", violations: () => allPaths().flatMap(strayFiles) },
  { name: "files can be read in one go", violations: () => files.flatMap(longFiles) },
  { name: "files say why they are there", violations: () => files.flatMap(missingOpening) },
  { name: "what decides or renders has a test", violations: () => missingTests(files) },
  {
    name: "nothing names the machine it was written on",
    violations: () => texts.flatMap(privateTexts),
  },
  {
    name: "links of the documentation lead somewhere",
    violations: () => brokenLinks(pages, new Set(allPaths())),
  },
  {
    name: "troubleshooting says of every finding what to do",
    violations: () =>
      texts
        .filter(({ path }) => path === "docs/troubleshooting.md")
        .flatMap((page) => untoldFindings(page, Object.keys(reasonGroups.Findings))),
  },
  { name: "every example is used by a check", violations: () => unusedExamples(texts) },
];

describe("this repository", () => {
  test("was found", () => {
    expect(source.map(({ path }) => path)).toContain("src/domain/decide/plan.ts");
  });

  test.each(RULES)("$name", ({ violations }) => {
    expect(describeViolations(violations())).toEqual([]);
  });
});
