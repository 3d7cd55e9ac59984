// Says at the end of a run which tests were skipped and why, and writes what `make test` reports:
// the sums, and what failed.
// vitest's own JSON report does not carry the reasons, nor count a file that cannot be loaded.
import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { inspect, stripVTControlCharacters } from "node:util";
import type { Reporter, TestModule } from "vitest/node";

export type Skipped = { readonly name: string; readonly reason: string };
export type SlowFile = { readonly path: string; readonly seconds: number };
export type Counts = {
  readonly passed: number;
  readonly failed: number;
  /** For a person: each test or file that failed, and the first lines of why. */
  readonly failures: readonly string[];
  readonly skipped: readonly Skipped[];
  /** The slowest first, a few of them. */
  readonly slowest: readonly SlowFile[];
};

const SLOW_FILES = 5;
const LINES_OF_AN_ERROR = 4;

export class CountingReporter implements Reporter {
  readonly reportPath: string | undefined;

  constructor(reportPath?: string) {
    this.reportPath = reportPath;
  }

  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    const counts = countTests(modules, errors);
    if (counts.skipped.length > 0) process.stdout.write(describeSkipped(counts.skipped));
    if (this.reportPath !== undefined) await writeFile(this.reportPath, JSON.stringify(counts));
  }
}

export function describeSkipped(skipped: readonly Skipped[]): string {
  const lines = skipped.map(({ name, reason }) => `  ${name}\n      because: ${reason}\n`);
  return `\nskipped:\n${lines.join("")}`;
}

function countTests(modules: readonly TestModule[], strayErrors: readonly unknown[]): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const withState = (state: string): number =>
    tests.filter((test) => test.result().state === state).length;
  const unloadable = modules.filter((module) => module.errors().length > 0);
  return {
    passed: withState("passed"),
    failed: withState("failed") + unloadable.length + strayErrors.length,
    failures: [
      ...tests.flatMap((test) => describeFailure(test.fullName, test.result().errors ?? [])),
      ...unloadable.flatMap((module) => describeFailure(pathOf(module), module.errors())),
      ...strayErrors.flatMap((error) => describeFailure("outside of a test", [error])),
    ],
    skipped: tests.flatMap((test) => {
      const result = test.result();
      if (result.state !== "skipped") return [];
      return [{ name: test.fullName, reason: result.note ?? "no reason given" }];
    }),
    slowest: slowestFiles(modules),
  };
}

function describeFailure(name: string, errors: readonly unknown[]): readonly string[] {
  const [error] = errors;
  if (error === undefined) return [];
  const lines = stripVTControlCharacters(messageOf(error)).split("\n");
  return [[name, ...lines.slice(0, LINES_OF_AN_ERROR)].join("\n    ")];
}

function messageOf(error: unknown): string {
  const { message } = error as { readonly message?: unknown };
  return typeof message === "string" ? message : inspect(error);
}

function pathOf(module: TestModule): string {
  return relative(process.cwd(), module.moduleId);
}

function slowestFiles(modules: readonly TestModule[]): SlowFile[] {
  return modules
    .map((module) => ({
      path: pathOf(module),
      seconds: module.diagnostic().duration / 1000,
    }))
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, SLOW_FILES);
}
