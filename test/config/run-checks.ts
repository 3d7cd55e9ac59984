// `make test`: every check one after the other, none left out because another failed, then what
// each took, what failed, and one line of sums. Whoever waits ten minutes should see where they
// went, and whoever has broken two things should hear of both at once, at the end of the output.
// What leaves a core idle runs side by side: lint and the other static checks, then the two suites
// on real parts. Simulation and fast tests use all cores, so each runs alone; fast tests share the
// modules that they import.
import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { currentCommit, seedsOf } from "./commit-seeds.ts";
import { describeSkipped } from "./counting-reporter.ts";
import type { Counts } from "./counting-reporter.ts";

const root = join(import.meta.dirname, "..", "..");
const reports = join(root, "out", "test");

type Check = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where vitest leaves its sums. A check without counts as one test. */
  readonly reportPath?: string;
  /** What this check is told, whatever the caller's environment says. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Printed above its output. */
  readonly note?: string;
};

/** How its process ended. */
type End = { readonly isPassed: boolean; readonly lastLines: readonly string[] };

type Result = { readonly name: string; readonly seconds: number; readonly counts: Counts };

const NOTHING: Counts = { passed: 0, failed: 0, failures: [], skipped: [], slowest: [] };
/** Enough for the end of a history of the simulation. */
const LAST_LINES = 20;

const LINT: Check = {
  name: "lint",
  command: "eslint",
  args: ["--config", "test/config/eslint.config.js", "--max-warnings", "0", "src", "test"],
};
const STATIC_CHECKS: readonly Check[] = [
  { name: "typecheck", command: "tsc", args: ["-p", "."] },
  { name: "format", command: "prettier", args: ["--log-level", "warn", "--check", "."] },
  { name: "generate", command: "node", args: ["src/tools/generate.ts", "--check"] },
  { name: "build", command: "node", args: ["test/config/bundle.ts"] },
  testsOf("tidy"),
];
/** The same seeds always: SEED and SEEDS in a shell are meant for `make simulate`. */
const FIXED_SEEDS: Check = {
  name: "simulate",
  command: "node",
  args: ["test/simulation/main.ts"],
  environment: { SEEDS: "300", SEED: "1" },
};

/** Those of this commit: one that fails is repeated with the line that is printed. */
function commitSeeds(): Check {
  const { first, count, note } = seedsOf(currentCommit(root));
  const environment = { SEEDS: String(count), SEED: String(first) };
  return { name: "seeds", command: "node", args: ["test/simulation/main.ts"], environment, note };
}

function testsOf(project: string): Check {
  return {
    name: project,
    command: "vitest",
    args: ["run", "--config", "test/config/vitest.config.ts", "--project", project],
    reportPath: join(reports, `${project}.json`),
  };
}

/** `isHeldBack`: its output is printed when it has ended, so as not to mix with another's. */
async function runCheck(check: Check, isHeldBack = false): Promise<Result> {
  if (!isHeldBack) printTitle(check);
  const started = performance.now();
  const end = await run(check, isHeldBack);
  const seconds = (performance.now() - started) / 1000;
  const { name, reportPath } = check;
  const counts = reportPath === undefined ? countOnce(name, end) : await read(check, end);
  return { name, seconds, counts };
}

/** A check that counts nothing itself is one test. */
function countOnce(name: string, { isPassed, lastLines }: End): Counts {
  if (isPassed) return { ...NOTHING, passed: 1 };
  return { ...NOTHING, failed: 1, failures: [[name, ...lastLines].join("\n    ")] };
}

function printTitle({ name, note }: Check): void {
  console.log(`\n=== ${name}`);
  if (note !== undefined) console.log(note);
}

function run(check: Check, isHeldBack: boolean): Promise<End> {
  const { command, args, reportPath, environment } = check;
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment, ...(reportPath && { TEST_REPORT_PATH: reportPath }) },
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output.push(chunk);
      if (!isHeldBack) process.stdout.write(chunk);
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const whole = Buffer.concat(output);
      if (isHeldBack) printTitle(check);
      if (isHeldBack) process.stdout.write(whole);
      resolve({ isPassed: code === 0, lastLines: lastLinesOf(whole) });
    });
  });
}

function lastLinesOf(output: Buffer): readonly string[] {
  return stripVTControlCharacters(output.toString()).trimEnd().split("\n").slice(-LAST_LINES);
}

/** A run that broke down before it could count, or after, has failed once at least. */
async function read({ name, reportPath = "" }: Check, end: End): Promise<Counts> {
  const text = await readFile(reportPath, "utf8").catch(() => undefined);
  if (text === undefined) return countOnce(name, { ...end, isPassed: false });
  const counts = JSON.parse(text) as Counts;
  if (end.isPassed || counts.failed > 0) return counts;
  return { ...counts, failed: 1, failures: countOnce(name, end).failures };
}

function report(results: readonly Result[]): void {
  console.log("\n=== where the time went");
  for (const { name, seconds, counts } of results) {
    const verdict = counts.failed === 0 ? "ok    " : "FAILED";
    console.log(
      `${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s  ${verdict}  ${sums(counts)}`,
    );
    for (const file of counts.slowest.filter(({ seconds: took }) => took >= 1)) {
      console.log(`${" ".repeat(11)}${file.seconds.toFixed(1).padStart(6)} s  ${file.path}`);
    }
  }
}

function sums({ passed, failed, skipped }: Counts): string {
  const plain = `${passed} passed, ${failed} failed`;
  return skipped.length === 0 ? plain : `${plain}, ${skipped.length} skipped`;
}

function add(results: readonly Result[]): Counts {
  return {
    passed: results.reduce((sum, { counts }) => sum + counts.passed, 0),
    failed: results.reduce((sum, { counts }) => sum + counts.failed, 0),
    failures: results.flatMap(({ counts }) => counts.failures),
    skipped: results.flatMap(({ counts }) => counts.skipped),
    slowest: [],
  };
}

async function runAll(checks: readonly Check[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const check of checks) results.push(await runCheck(check));
  return results;
}

async function main(): Promise<void> {
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  // Simulation and fast tests use all cores themselves; the others leave one idle.
  const still = await Promise.all([runAll(STATIC_CHECKS), runCheck(LINT, true)]);
  const alone = await runAll([FIXED_SEEDS, commitSeeds(), testsOf("fast")]);
  const onRealParts = await Promise.all([
    runCheck(testsOf("real")),
    runCheck(testsOf("isolated"), true),
  ]);
  const results = [...still.flat(), ...alone, ...onRealParts];
  report(results);
  const total = add(results);
  if (total.skipped.length > 0) console.log(describeSkipped(total.skipped));
  // For .ci/run, a shell script that adds the demo, and says again what failed.
  const numbers = [total.passed, total.failed, total.skipped.length];
  await writeFile(join(reports, "sums"), `${numbers.join(" ")}\n`);
  const failures = total.failures.map((failure) => `FAILED ${failure}\n`).join("");
  await writeFile(join(reports, "failures"), failures);
  process.stdout.write(failures);
  console.log(`\nmake test: ${sums(total)}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main();
