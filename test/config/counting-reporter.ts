// Says at the end of a run which tests were skipped and why, and writes the sums for `make test`.
// vitest's own JSON report does not carry the reasons, nor count a file that cannot be loaded.
import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

export type Skipped = { readonly name: string; readonly reason: string };
export type SlowFile = { readonly path: string; readonly seconds: number };
export type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skipped[];
  /** The slowest first, a few of them. */
  readonly slowest: readonly SlowFile[];
};

const SLOW_FILES = 5;

export class CountingReporter implements Reporter {
  readonly reportPath: string | undefined;

  constructor(reportPath?: string) {
    this.reportPath = reportPath;
  }

  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    const counts = countTests(modules, errors.length);
    if (counts.skipped.length > 0) process.stdout.write(describeSkipped(counts.skipped));
    if (this.reportPath !== undefined) await writeFile(this.reportPath, JSON.stringify(counts));
  }
}

export function describeSkipped(skipped: readonly Skipped[]): string {
  const lines = skipped.map(({ name, reason }) => `  ${name}\n      because: ${reason}\n`);
  return `\nskipped:\n${lines.join("")}`;
}

function countTests(modules: readonly TestModule[], strayErrors: number): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const withState = (state: string): number =>
    tests.filter((test) => test.result().state === state).length;
  const unloadable = modules.filter((module) => module.errors().length > 0);
  return {
    passed: withState("passed"),
    failed: withState("failed") + unloadable.length + strayErrors,
    skipped: tests.flatMap((test) => {
      const result = test.result();
      if (result.state !== "skipped") return [];
      return [{ name: test.fullName, reason: result.note ?? "no reason given" }];
    }),
    slowest: slowestFiles(modules),
  };
}

function slowestFiles(modules: readonly TestModule[]): SlowFile[] {
  return modules
    .map((module) => ({
      path: relative(process.cwd(), module.moduleId),
      seconds: module.diagnostic().duration / 1000,
    }))
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, SLOW_FILES);
}
