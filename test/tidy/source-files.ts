// The files of this repository as the tidy rules see them: text and, for TypeScript, the compiler's
// own syntax tree, because a regular expression cannot tell a call from a comment about it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "..", "..");
const LEFT_OUT = /^(node_modules|dist|out|coverage|\.git)(\/|$)/;
const BINARY = /\.(log|png|jpg|gif|woff2?|gz|tgz|ico)$/;

export type TextFile = { readonly path: string; readonly text: string };

export type SourceFile = TextFile & { readonly syntax: ts.SourceFile };

/** One place where a rule is broken. `problem` says what is wrong, `mend` how to put it right. */
export type Violation = {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
  readonly mend: string;
};

/** Every text file of the checkout, tracked or not, but none that is built or installed. */
export function readTextFiles(): TextFile[] {
  return allPaths()
    .filter((path) => !BINARY.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** The same, and pictures. */
export function allPaths(): string[] {
  return [...filesBelow("")];
}

function* filesBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (LEFT_OUT.test(path)) continue;
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** All TypeScript of src and test. */
export function readSourceFiles(): SourceFile[] {
  return readTextFiles()
    .filter(({ path }) => /^(src|test)\/.*\.ts$/.test(path))
    .map(({ path, text }) => parseSource(path, text));
}

export function parseSource(path: string, text: string): SourceFile {
  return { path, text, syntax: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Line of a node, from 1. */
export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1;
}

/** Every node of a tree, outer before inner. */
export function nodesOf(root: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return nodes;
}

/** Violations as lines that an editor makes clickable. */
export function describeViolations(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, problem, mend }) => `${path}:${line}: ${problem}; ${mend}`);
}
