// Regular expressions of src are tried against texts that are made to be slow for them: long runs
// of what the pattern is made of, which then do not end as it wants. Most of them run over text
// that somebody else writes, and one that takes time with the square of it stops the only thread.
import ts from "typescript";
import { leastCpuMs } from "../support/cpu-time.ts";
import { lineOf, nodesOf } from "./source-files.ts";
import type { SourceFile, Violation } from "./source-files.ts";

/** What generates our own files sees nothing else. */
const TOOLS = /^src\/tools\//;
/** What takes the cube of a length is found before it is given the long one. */
const LENGTHS = [800, 4_000, 10_000];
const mostMs = 20;
const failsAtLast = "\n\u0001";
const ALWAYS = ["a", "0", " ", "\n"];

export function slowPatterns(file: SourceFile): Violation[] {
  if (TOOLS.test(file.path)) return [];
  return nodesOf(file.syntax)
    .filter(ts.isRegularExpressionLiteral)
    .filter(({ text }) => isSlow(text))
    .map((node) => ({
      path: file.path,
      line: lineOf(file, node),
      problem: `${node.text} takes time with the square of a text`,
      mend: "give its repetitions a bound, as {0,128}, or look at each character once in a loop",
    }));
}

function isSlow(literal: string): boolean {
  const end = literal.lastIndexOf("/");
  const source = literal.slice(1, end);
  const pattern = new RegExp(source, literal.slice(end + 1));
  return LENGTHS.some((length) =>
    [...runsOf(source, length)].some((text) => {
      return leastCpuMs(mostMs, () => text.replace(pattern, "")) >= mostMs;
    }),
  );
}

/** Each character and each word of the pattern again and again, alone and behind how it begins. */
function* runsOf(source: string, length: number): Generator<string> {
  const start = /^\^?([\w "'=:-]*)/.exec(source)?.[1] ?? "";
  for (const piece of new Set([
    ...Array.from(source),
    ...(source.match(/\w{2,20}/g) ?? []),
    ...ALWAYS,
  ])) {
    const run = piece.repeat(length / piece.length);
    yield run + failsAtLast;
    if (start === "") continue;
    yield start + run + failsAtLast;
    yield `${start}${piece}`.repeat(length / (start.length + piece.length)) + failsAtLast;
  }
}
