// The two kinds of checkers, run in a tree of their own by a process of their own: a defect may
// well end in an endless loop or without memory, so each has a time after which it is given up.

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { createInterface } from "node:readline/promises";
import type { SeedLine } from "./run-seeds.ts";

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Seeds of the simulation in this order, up to the first that fails or until the time is over. */
export async function simulateIn(
  tree: string,
  seeds: readonly number[],
  limitMs: number,
): Promise<readonly SeedLine[]> {
  if (seeds.length === 0 || limitMs <= 0) return [];
  const args = ["test/mutants/run-seeds.ts", seeds.join(",")];
  const child = start(tree, args, { limitMs, stdout: "pipe" });
  const lines: SeedLine[] = [];
  if (!child.stdout) return lines;
  for await (const line of createInterface(child.stdout)) lines.push(JSON.parse(line) as SeedLine);
  return lines;
}

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

/** Tests whose path has the pattern in it, or those that need a file of src. */
export type Tests = { readonly pattern: string } | { readonly thatNeed: string };

/** The first of these tests that fails, as `file: test`; undefined if none does. */
export async function testIn(
  tree: string,
  tests: Tests,
  limitMs: number,
): Promise<string | undefined> {
  const report = join(tree, "report.json");
  await rm(report, { force: true });
  const config = ["--config", "test/mutants/vitest.config.ts"];
  const output = ["--reporter", "json", "--outputFile", report];
  const which = "pattern" in tests ? ["run", tests.pattern] : ["related", "--run", tests.thatNeed];
  const args = ["node_modules/vitest/vitest.mjs", ...which, ...config, ...output];
  const code = await ended(start(tree, args, { limitMs, stdout: "ignore" }));
  if (code === 0) return undefined;
  const pattern = which.at(-1) ?? "";
  const text = await readFile(report, "utf8").catch(() => undefined);
  if (text === undefined) return `${pattern}: did not end within ${limitMs / 1000} s`;
  const { testResults } = JSON.parse(text) as TestReport;
  for (const { name, message, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed");
    const what = failed?.title ?? message;
    if (what !== "") return `${relative(tree, name)}: ${what}`;
  }
  return `${pattern}: ended with ${code}`;
}

function start(
  cwd: string,
  args: readonly string[],
  { limitMs, stdout }: { readonly limitMs: number; readonly stdout: "pipe" | "ignore" },
): ChildProcess {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", stdout, "inherit"] });
  running.add(child);
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  child.once("exit", () => {
    clearTimeout(timer);
    running.delete(child);
  });
  return child;
}

/** 1 if it was killed. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      resolve(code ?? 1);
    });
  });
}
