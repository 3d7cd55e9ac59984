// How a file must look from outside: a name that says something, an opening that says why it is
// there, a size that can be read in one go, and a test where it decides something.
import { posix } from "node:path";
import type { SourceFile, TextFile, Violation } from "./source-files.ts";

const LINES_MAX = 300;
const EMPTY_NAMES = /^(index|utils?|helpers?|common|misc|types)\.ts$/;

/** Names that tell nothing: whatever has no better place ends up there. */
export function emptyNames(file: SourceFile): Violation[] {
  const name = posix.basename(file.path);
  const isTest = name.endsWith(".test.ts") || name.endsWith(".bench.ts");
  const isKebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?\.ts$/.test(name);
  const isEmpty = EMPTY_NAMES.test(name) && !isTest;
  if (isKebab && !isEmpty) return [];
  return [{ ...first(file), problem: `is named ${name}`, mend: "name it after its one concept" }];
}

const FOLDERS = new Set([".ci", "charts", "crds", "docs", "examples", "src", "test"]);
const TOP_FILES =
  /^([A-Z]\w+|README\.md|(package|package-lock|tsconfig)\.json|\.(editorconfig|\w+ignore))$/;

/** What a tool has left beside the folders, and `git add` would take along. */
export function strayFiles(path: string): Violation[] {
  const [top = "", ...below] = path.split("/");
  if (below.length > 0 ? FOLDERS.has(top) : TOP_FILES.test(top)) return [];
  const mend = "delete it, or put it into a folder";
  return [{ path, line: 1, problem: "stands on the top level", mend }];
}

export function longFiles(file: SourceFile): Violation[] {
  const lines = file.text.split("\n").length - 1;
  if (lines <= LINES_MAX) return [];
  const problem = `has ${lines} lines, at most ${LINES_MAX} are allowed`;
  return [{ ...first(file), problem, mend: "it holds two concepts: make two files" }];
}

export function missingOpening(file: SourceFile): Violation[] {
  const start = file.text.replace(/^#!.*\n/, "");
  if (/^(\/\/|\/\*)/.test(start)) return [];
  const mend = "begin with 2 to 6 lines: which problem it solves, and why this way";
  return [{ ...first(file), problem: "does not begin with a comment", mend }];
}

/** Files that decide or render must have a test of their name, wherever under test it lies. */
export function missingTests(files: readonly SourceFile[]): Violation[] {
  const tested = new Set(
    files.flatMap(({ path }) => /^test\/.*\/([^/]+?)(?:\.\w+)?\.test\.ts$/.exec(path)?.[1] ?? []),
  );
  return files
    .filter(({ path }) => /^src\/(domain|render)\//.test(path))
    .filter((file) => hasCode(file) && !tested.has(posix.basename(file.path, ".ts")))
    .map((file) => ({
      ...first(file),
      problem: "has no test",
      mend: `write ${file.path.replace(/^src/, "test/unit").replace(/\.ts$/, ".test.ts")}`,
    }));
}

/** A file of types alone has nothing that could break. */
function hasCode(file: SourceFile): boolean {
  return /^(export )?(async )?(function|const|class|let) /m.test(file.text);
}

/** Ann is nobody: her home may stand in tests. The brackets keep this file from matching itself. */
const PRIVATE_TEXTS: readonly { pattern: RegExp; problem: string; mend: string }[] = [
  {
    pattern: /(?<![\w/.-])[/]((home|Users)\/(?!ann\b|node\b)\w+|root|work)\/\w/,
    problem: "names a folder of one machine",
    mend: "make the path relative, or ask the system for it",
  },
  {
    pattern: /"[r]esolved":|^\s*registry\s*=|[/][/]registry\.|[a]rtifactory|[v]erdaccio/,
    problem: "names a package registry",
    mend: "leave it to the npm of whoever installs",
  },
];

/** Traces of the machine where something was written. */
export function privateTexts(file: TextFile): Violation[] {
  return file.text.split("\n").flatMap((line, position) =>
    PRIVATE_TEXTS.filter(({ pattern }) => pattern.test(line)).map(({ problem, mend }) => ({
      path: file.path,
      line: position + 1,
      problem,
      mend,
    })),
  );
}

function first(file: TextFile): { path: string; line: number } {
  return { path: file.path, line: 1 };
}
