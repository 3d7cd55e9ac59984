// Shows that each tidy rule bites on the smallest file that breaks it, and lets its neighbour pass.
// A rule that finds nothing anywhere would look just like a clean repository.
import { describe, expect, test } from "vitest";
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
import { describeViolations, parseSource } from "./source-files.ts";
import type { SourceFile, Violation } from "./source-files.ts";

type Row = {
  readonly path: string;
  readonly text: string;
  /** Part of the report with its line number; undefined where the file is in order. */
  readonly want: string | undefined;
};

function check(rule: (file: SourceFile) => Violation[], { path, text, want }: Row): void {
  const found = describeViolations(rule(parseSource(path, text)));
  if (want === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([expect.stringContaining(`${path}:${want}`)]);
}

const T = "import type { A } from";
const V = "import { a } from";

describe("the import table", () => {
  test.each<Row>([
    { path: "src/api/a.ts", text: `${V} "zod";`, want: undefined },
    { path: "src/api/a.ts", text: `${V} "../domain/a.ts";`, want: "1: imports ../domain/a.ts" },
    { path: "src/api/a.ts", text: `${V} "node:fs";`, want: "1: imports node:fs; api is pure" },
    { path: "src/domain/a.ts", text: `${V} "./b.ts";`, want: undefined },
    { path: "src/domain/a.ts", text: `${V} "../errors.ts";`, want: undefined },
    { path: "src/domain/a.ts", text: `${T} "../api/a.ts";`, want: undefined },
    { path: "src/domain/a.ts", text: `\n${V} "../api/a.ts";`, want: "2: imports ../api/a.ts" },
    { path: "src/domain/a.ts", text: `export ${V.slice(7)} "../api/a.ts";`, want: "1: imports" },
    { path: "src/domain/a.ts", text: `${T} "zod";`, want: "1: imports zod" },
    { path: "src/domain/a.ts", text: `await import("node:fs");`, want: "1: imports node:fs" },
    { path: "src/domain/a.ts", text: `${V} "../ports.ts";`, want: "1: imports ../ports.ts" },
    {
      path: "src/render/a.ts",
      text: `${V} "../api/a.ts"; ${T} "../domain/a.ts";`,
      want: undefined,
    },
    { path: "src/render/a.ts", text: `${V} "../domain/a.ts";`, want: "1: imports ../domain/a.ts" },
    { path: "src/ports.ts", text: `${T} "./domain/a.ts";`, want: undefined },
    { path: "src/ports.ts", text: `${V} "./observed.ts";`, want: undefined },
    { path: "src/observed.ts", text: `${V} "./api/a.ts";`, want: "1: imports ./api/a.ts" },
    { path: "src/reconcile/a.ts", text: `${V} "../domain/plan.ts";`, want: undefined },
    { path: "src/reconcile/a.ts", text: `${V} "../runtime/result.ts";`, want: undefined },
    { path: "src/reconcile/a.ts", text: `${V} "../runtime/backoff.ts";`, want: undefined },
    { path: "src/reconcile/a.ts", text: `${T} "../runtime/queue.ts";`, want: "1: imports" },
    { path: "src/reconcile/a.ts", text: `${T} "../adapters/a.ts";`, want: "1: imports" },
    { path: "src/domain/explain/a.ts", text: `${V} "../decide/plan.ts";`, want: undefined },
    { path: "src/domain/decide/a.ts", text: `${T} "../explain/a.ts";`, want: "1: imports" },
    { path: "src/domain/demand/a.ts", text: `${T} "../supply/a.ts";`, want: "1: imports" },
    { path: "src/reconcile/observe/a.ts", text: `${V} "../memory/a.ts";`, want: undefined },
    { path: "src/reconcile/memory/a.ts", text: `${T} "../observe/a.ts";`, want: "1: imports" },
    { path: "src/reconcile/resolve/a.ts", text: `${T} "../apply/a.ts";`, want: "1: imports" },
    { path: "src/runtime/a.ts", text: `${V} "../ports.ts"; ${V} "node:http";`, want: undefined },
    { path: "src/runtime/a.ts", text: `${T} "../api/a.ts";`, want: "1: imports ../api/a.ts" },
    { path: "src/adapters/kubernetes/a.ts", text: `${V} "../random.ts";`, want: undefined },
    { path: "src/adapters/kubernetes/a.ts", text: `${V} "undici";`, want: undefined },
    { path: "src/adapters/kubernetes/a.ts", text: `${V} "../postgres/a.ts";`, want: "1: imports" },
    { path: "src/adapters/kubernetes/a.ts", text: `${T} "pg";`, want: "1: imports pg" },
    { path: "src/adapters/postgres/a.ts", text: `${V} "pg";`, want: undefined },
    {
      path: "src/adapters/postgres/a.ts",
      text: `${V} "../../domain/supply/connection-uri.ts";`,
      want: undefined,
    },
    { path: "src/adapters/postgres/a.ts", text: `${V} "../../domain/a.ts";`, want: "1: imports" },
    { path: "src/adapters/log.ts", text: `${V} "pino";`, want: undefined },
    { path: "src/adapters/metrics.ts", text: `${V} "pino";`, want: "1: imports pino" },
    { path: "src/tools/a.ts", text: `${V} "yaml"; ${V} "../api/crd.ts";`, want: undefined },
    { path: "src/tools/a.ts", text: `${V} "../domain/plan.ts";`, want: "1: imports" },
    { path: "src/main.ts", text: `${V} "./domain/a.ts"; ${V} "./adapters/a.ts";`, want: undefined },
    { path: "src/main.ts", text: `${V} "express";`, want: "1: imports express; no such library" },
    { path: "src/api/a.ts", text: `${V} "../../test/a.ts";`, want: "1: imports ../../test/a.ts" },
    { path: "test/unit/a.ts", text: `${V} "pg"; ${V} "vitest";`, want: undefined },
  ])("$path: $text", (row) => {
    check(forbiddenImports, row);
  });
});

describe("banned calls", () => {
  const mock = "vi.mo";
  test.each<Row>([
    { path: "src/domain/a.ts", text: "const now = Date.now();", want: "1: has Date.now" },
    { path: "src/render/a.ts", text: "\n\nnew Date();", want: "3: has new Date()" },
    { path: "src/render/a.ts", text: "new Date(nowMs).toISOString();", want: undefined },
    { path: "src/reconcile/a.ts", text: "Math.random();", want: "1: has Math.random" },
    { path: "src/reconcile/a.ts", text: "setTimeout(run, 5);", want: "1: has setTimeout" },
    { path: "src/api/a.ts", text: "// never Date.now() here", want: undefined },
    { path: "src/adapters/clock.ts", text: "Date.now();", want: undefined },
    { path: "src/adapters/a.ts", text: "process.env.HOME;", want: "1: has process.env" },
    { path: "src/adapters/a.ts", text: 'process.env["HOME"];', want: "1: has process.env" },
    { path: "src/config.ts", text: "process.env;", want: undefined },
    { path: "test/unit/a.test.ts", text: `${mock}ck("./b.ts");`, want: "1: has vi.mock" },
    { path: "test/unit/a.test.ts", text: 'it.skip("x");', want: "1: has it.skip" },
    { path: "test/unit/a.test.ts", text: 'test.only("x");', want: "1: has test.only" },
    { path: "test/unit/a.test.ts", text: "test.skipIf(no)('x');", want: "1: has test.skipIf" },
    { path: "test/unit/a.test.ts", text: "context.skip();", want: "1: has context.skip" },
    { path: "test/unit/a.test.ts", text: "context.skip(!found);", want: "1: has context.skip" },
    { path: "test/unit/a.test.ts", text: 'skip(!found, "no promtool");', want: undefined },
    { path: "src/runtime/a.ts", text: "log.info({ to }, `to ${to}`);", want: "1: has log.info" },
    { path: "src/runtime/a.ts", text: 'this.log.warn("bad");', want: "1: has this.log.warn" },
    { path: "src/runtime/a.ts", text: 'log.info({ to }, "pool size changed");', want: undefined },
    { path: "src/runtime/a.ts", text: 'log.info({}, isUp ? "up" : "down");', want: undefined },
    { path: "src/runtime/a.ts", text: 'log.info({}, isUp ? "up" : why);', want: "1: has log.info" },
  ])("$path: $text", (row) => {
    check(bannedCalls, row);
  });
});

describe("slow patterns", () => {
  test.each<Row>([
    { path: "src/a.ts", text: "\na(/[;&]+$/)", want: "2: /[;&]+$/ takes time with the square" },
    { path: "src/a.ts", text: "a(/^.*db.*(url|uri)$/)", want: "1: /^.*db" },
    { path: "src/a.ts", text: String.raw`a(/^(\d+\.?\d*)(.*)$/)`, want: "1: /^" },
    { path: "src/a.ts", text: "a(/of:[^;]+;/)", want: "1: /of:" },
    { path: "src/a.ts", text: "a(/^[;&]+$/)", want: undefined },
    { path: "src/a.ts", text: "a(/[;&]{1,40}$/)", want: undefined },
    { path: "src/tools/a.ts", text: "a(/[;&]+$/)", want: undefined },
  ])("$path: $text", (row) => {
    check(slowPatterns, row);
  });
});

describe("waivers", () => {
  const [disable, ignore] = ["eslint-dis" + "able", "@ts-" + "ignore"];
  test.each<Row>([
    { path: "src/a.ts", text: `a;\n// ${disable}-next-line x`, want: "2: has eslint-disable" },
    { path: "test/a.ts", text: `/* ${disable} */`, want: "1: has eslint-disable" },
    { path: "src/a.ts", text: `  // ${ignore}`, want: "1: has @ts-ignore" },
    { path: "src/a.ts", text: "// ordinary", want: undefined },
  ])("$path: $text", (row) => {
    check(waivers, row);
  });
});

describe("the shape of a file", () => {
  test.each<Row>([
    { path: "src/domain/index.ts", text: "", want: "1: is named index.ts" },
    { path: "test/support/helpers.ts", text: "", want: "1: is named helpers.ts" },
    { path: "src/domain/poolSize.ts", text: "", want: "1: is named poolSize.ts" },
    { path: "src/domain/pool-size.ts", text: "", want: undefined },
    { path: "test/unit/runtime/main.test.ts", text: "", want: undefined },
  ])("a name that tells something: $path", (row) => {
    check(emptyNames, row);
  });

  test.each([
    { path: "Makefile", count: 0 },
    { path: "src/a.ts", count: 0 },
    { path: "library-1.0-none-any.whl", count: 1 },
    { path: "scratch/a.ts", count: 1 },
  ])("what a tool has left on the top level is found: $path", ({ path, count }) => {
    expect(strayFiles(path)).toHaveLength(count);
  });

  test.each<Row>([
    { path: "src/a.ts", text: "a;\n".repeat(300), want: undefined },
    { path: "src/a.ts", text: "a;\n".repeat(301), want: "1: has 301 lines" },
  ])("at most 300 lines: want $want", (row) => {
    check(longFiles, row);
  });

  test.each<Row>([
    { path: "src/a.ts", text: "// Why.\nimport a;", want: undefined },
    { path: "src/a.ts", text: "/** Why. */", want: undefined },
    { path: "src/a.ts", text: "import a;\n// Late.", want: "1: does not begin" },
    { path: "src/a.ts", text: "", want: "1: does not begin" },
  ])("an opening: $text", (row) => {
    check(missingOpening, row);
  });

  test.each<Row>([
    { path: "a.md", text: "see /ho" + "me/bob/notes", want: "1: names a folder" },
    { path: "a.md", text: "x\nsee /wo" + "rk/main", want: "2: names a folder" },
    {
      path: "a.md",
      text: "/ho" + "me/ann/.cache and src/wo" + "rk/a and /metrics",
      want: undefined,
    },
    { path: "a.json", text: '"reso' + 'lved": "https://x"', want: "1: names a package registry" },
    {
      path: "a.json",
      text: "https:/" + "/registry.example/x",
      want: "1: names a package registry",
    },
  ])("nothing of one machine: $text", (row) => {
    check(privateTexts, row);
  });
});

describe("rules about several files", () => {
  const code = "export function decide() {}\n";

  test("a decision without a test of its name is found, types need none", () => {
    const files = [
      parseSource("src/domain/tested.ts", code),
      parseSource("src/domain/lonely.ts", code),
      parseSource("src/domain/words.ts", "export type Word = string;\n"),
      parseSource("test/property/tested.test.ts", ""),
    ];
    const want = "src/domain/lonely.ts:1: has no test; write test/unit/domain/lonely.test.ts";
    expect(describeViolations(missingTests(files))).toEqual([want]);
  });

  test("a circle is found once, whoever begins, and types close it too", () => {
    const files = [
      parseSource("src/a.ts", `${V} "./b.ts";`),
      parseSource("src/b.ts", `${T} "./c.ts";`),
      parseSource("src/c.ts", `${V} "./b.ts"; ${V} "./d.ts";`),
      parseSource("src/d.ts", ""),
    ];
    const found = describeViolations(importCycles(files));
    expect(found).toEqual([expect.stringContaining("src/b.ts → src/c.ts → src/b.ts")]);
  });
});

describe("links of the documentation", () => {
  const other = { path: "docs/b.md", text: "# A heading, with `code`\n## Twice\n## Twice" };
  const paths = new Set(["README.md", "docs/b.md", "docs/images/a.svg"]);
  test.each<{ text: string; want: string | undefined }>([
    { text: "see [b](docs/b.md)", want: undefined },
    { text: "see [b](docs/b.md#a-heading-with-code)", want: undefined },
    { text: "see [b](docs/b.md#twice-1)", want: undefined },
    { text: "![plot](docs/images/a.svg) and [all](docs/)", want: undefined },
    { text: "# Here\n[up](#here)", want: undefined },
    { text: "[site](https://example.org/none)", want: undefined },
    { text: "`[code](none.md)`\n```\n[code](none.md)\n```", want: undefined },
    { text: "\nsee [c](docs/c.md)", want: "2: links to docs/c.md" },
    { text: "see [b](docs/b.md#twice-2)", want: "1: links to docs/b.md#twice-2" },
    { text: "[up](#nowhere)", want: "1: links to #nowhere" },
    { text: "[out](../c.md)", want: "1: links to ../c.md" },
  ])("$text", ({ text, want }) => {
    const found = describeViolations(brokenLinks([{ path: "README.md", text }, other], paths));
    if (want === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(`README.md:${want}`)]);
  });
});

describe("findings", () => {
  const text = "| `IsStandby` | nothing |\nForeignSessions come through a pooler\n";

  test.each([
    { reason: "IsStandby", want: [] },
    { reason: "Standby", want: [expect.stringContaining("docs/t.md:1: says nothing")] },
    { reason: "ForeignSessions", want: [expect.stringContaining("finding ForeignSessions")] },
  ])("$reason", ({ reason, want }) => {
    const found = untoldFindings({ path: "docs/t.md", text }, [reason]);
    expect(describeViolations(found)).toEqual(want);
  });
});

describe("examples", () => {
  test.each([
    { path: "examples/minimal.yaml", want: 0 },
    { path: "examples/apps/asyncpg/app.py", want: 0 },
    { path: "examples/apps/unknown/app.py", want: 1 },
    { path: "examples/notes.txt", want: 1 },
  ])("$path", ({ path, want }) => {
    expect(unusedExamples([{ path }])).toHaveLength(want);
  });
});
