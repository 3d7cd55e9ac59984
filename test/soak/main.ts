// `make soak SEED=n`: every program that is not a test at its full length, one after the other,
// none left out because another failed; hours on two cores. With --short, for `.ci/run`, their
// short forms. One line for each in the end; ends with 1 where one of them failed.
import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { givenNumber } from "../support/given-setting.ts";
import { argumentsOf, commandOf, longRuns, type Run, shortRuns } from "./programs.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "out", "soak");

interface Result {
  readonly run: Run;
  readonly isPassed: boolean;
  readonly seconds: number;
}

/** Of today, unless one is given. */
function firstSeed(): number {
  const day = Math.floor(Date.now() / 86_400_000);
  return givenNumber("SEED", { usual: day * 100_000, least: 1 });
}

function succeeds(run: Run): Promise<boolean> {
  const child = spawn("make", argumentsOf(run), { cwd: root, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      resolve(code === 0);
    });
  });
}

async function perform(run: Run): Promise<Result> {
  console.log(`\n=== ${commandOf(run)}`);
  const startedMs = performance.now();
  const isPassed = await succeeds(run);
  return { run, isPassed, seconds: (performance.now() - startedMs) / 1_000 };
}

function lineOf({ run, isPassed, seconds }: Result): string {
  const verdict = isPassed ? "ok    " : "FAILED";
  return `${seconds.toFixed(0).padStart(6)} s  ${verdict}  ${commandOf(run)}`;
}

async function main(): Promise<number> {
  const isShort = process.argv.includes("--short");
  const runs = isShort ? shortRuns : longRuns(firstSeed());
  const results: Result[] = [];
  for (const run of runs) results.push(await perform(run));
  console.log("\n=== programs that are no tests");
  for (const result of results) console.log(lineOf(result));
  const passed = results.filter(({ isPassed }) => isPassed).length;
  const failed = results.length - passed;
  // For .ci/run, a shell script that adds them up.
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "sums"), `${passed} ${failed}\n`);
  console.log(`soak: ${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
