// Finds circles of imports in src. Two files that need each other are one file, or want a third;
// types count, because a reader follows them as well.
import { importsOf } from "./imports.ts";
import type { SourceFile, Violation } from "./source-files.ts";

type Graph = ReadonlyMap<string, readonly string[]>;

/** One violation for each circle that a depth-first walk closes. */
export function importCycles(files: readonly SourceFile[]): Violation[] {
  const graph = new Map(files.map((file) => [file.path, importedPaths(file)]));
  const finished = new Set<string>();
  return [...graph.keys()].flatMap((path) => walk(graph, path, [], finished));
}

function importedPaths(file: SourceFile): string[] {
  return importsOf(file).flatMap(({ path }) => (path === undefined ? [] : [path]));
}

function walk(graph: Graph, path: string, trail: string[], finished: Set<string>): Violation[] {
  const since = trail.indexOf(path);
  if (since >= 0) return [asViolation([...trail.slice(since), path])];
  if (finished.has(path)) return [];
  const next = graph.get(path) ?? [];
  const found = next.flatMap((target) => walk(graph, target, [...trail, path], finished));
  finished.add(path);
  return found;
}

function asViolation(circle: readonly string[]): Violation {
  return {
    path: circle[0] ?? "",
    line: 1,
    problem: `is part of a circle: ${circle.join(" → ")}`,
    mend: "move what both need to a file of its own",
  };
}
