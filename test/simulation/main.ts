// `make simulate SEEDS=how-many SEED=first`: runs that many seeds on all cores and ends with one
// line. A failure is told with its seed, the commit, and the shortest history that still fails;
// with SEEDS=1 the whole history is printed, the same bytes each time.

import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Outcome, simulate } from "./run.ts";
import { drawScenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";

interface SeedResult {
  readonly seed: number;
  readonly simulatedMs: number;
  readonly failure: string | undefined;
}

interface Share {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

async function runSeed(seed: number): Promise<SeedResult> {
  const outcome = await simulate(drawScenario(seed));
  const { simulatedMs, violation } = outcome;
  const failure = violation && describe(await shrink(outcome.scenario, outcome));
  return { seed, simulatedMs, failure };
}

function describe({ scenario, violation, history }: Outcome): string {
  const { seed, fleet, events } = scenario;
  return [
    `SEED=${seed} COMMIT=${commit()}`,
    `${violation?.rule}: ${violation?.message}`,
    JSON.stringify(fleet),
    ...events.map((event) => JSON.stringify(event)),
    ...history,
  ].join("\n");
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

async function work({ first, count, step }: Share): Promise<void> {
  for (let seed = first; seed < first + count; seed += step) {
    parentPort?.postMessage(await runSeed(seed));
  }
}

async function runAll(first: number, count: number): Promise<readonly SeedResult[]> {
  const step = Math.min(availableParallelism(), count);
  const results: SeedResult[] = [];
  const workers = Array.from({ length: step }, (_, offset) => {
    const share: Share = { first: first + offset, count: count - offset, step };
    return new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      worker.on("message", (result: SeedResult) => {
        results.push(result);
        if (result.failure !== undefined) console.log(`\n${result.failure}\n`);
      });
      worker.once("error", reject);
      worker.once("exit", () => {
        resolve();
      });
    });
  });
  await Promise.all(workers);
  return results;
}

async function main(): Promise<number> {
  const first = Number(process.env["SEED"] ?? 1);
  const count = Number(process.env["SEEDS"] ?? 100);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
    console.error(`SEED=${first} SEEDS=${count}: both must be whole numbers, SEEDS at least 1`);
    return 2;
  }
  const beganMs = performance.now();
  if (count === 1) {
    const outcome = await simulate(drawScenario(first));
    console.log(outcome.history.join("\n"));
    console.log(`digest ${outcome.digest}`);
  }
  const results = await runAll(first, count);
  const hours = results.reduce((sum, { simulatedMs }) => sum + simulatedMs, 0) / 3_600_000;
  const failed = results.filter(({ failure }) => failure !== undefined);
  const seconds = (performance.now() - beganMs) / 1000;
  console.error(
    `${(hours / seconds).toFixed(1)} simulated hours a second, ${seconds.toFixed(1)} s`,
  );
  if (failed.length > 0)
    console.log(
      `failed: ${failed
        .map(({ seed }) => seed)
        .sort((a, b) => a - b)
        .join(" ")}`,
    );
  console.log(
    `simulate: ${results.length} seeds, ${hours.toFixed(0)} simulated hours, ${failed.length} violations`,
  );
  return failed.length === 0 ? 0 : 1;
}

if (isMainThread) process.exitCode = await main();
else await work(workerData as Share);
