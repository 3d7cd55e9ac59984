// The two kinds of checkers, run in a tree of their own by a process of their own: a defect may
// well end in an endless loop or without memory, so each has a time after which it is given up.

import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
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

/** The first property test that fails, as `file: test`; undefined if none does. */
export async function testIn(
  tree: string,
  pattern: string,
  limitMs: number,
): Promise<string | undefined> {
  const report = join(tree, "report.json");
  const config = ["--config", "test/mutants/vitest.config.ts"];
  const output = ["--reporter", "json", "--outputFile", report];
  const args = ["node_modules/vitest/vitest.mjs", "run", ...config, ...output, pattern];
  const code = await ended(start(tree, args, { limitMs, stdout: "ignore" }));
  if (code === 0) return undefined;
  const text = await readFile(report, "utf8").catch(() => undefined);
  if (text === undefined) return `${pattern}: did not end within ${limitMs / 1000} s`;
  const { testResults } = JSON.parse(text) as TestReport;
  for (const { name, message, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed");
    const what = failed?.title ?? message;
    if (what !== "") return `${basename(name)}: ${what}`;
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
