// Many seeds on all cores: each worker takes every n-th seed, and tells what became of each. What
// fails is made short before it is told.

import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Outcome, simulate } from "./run.ts";
import { drawScenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";

export interface SeedResult {
  readonly seed: number;
  readonly simulatedMs: number;
  /** For a person: seed, commit, and the shortest history that fails. */
  readonly failure: string | undefined;
  /** Of all that happened, with every status that was written. */
  readonly digest: string;
}

interface Share {
  readonly first: number;
  readonly end: number;
  readonly step: number;
}

/** Seeds `first` to `first + count - 1`, in whatever order they end. */
export async function runSeeds(
  first: number,
  count: number,
  onResult: (result: SeedResult) => void,
): Promise<void> {
  const step = Math.min(availableParallelism(), count);
  const workers = Array.from({ length: step }, (_, offset) => {
    const share: Share = { first: first + offset, end: first + count, step };
    return runWorker(share, onResult);
  });
  await Promise.all(workers);
}

/** Nearly all objects of a run are short-lived: with room to die young they are not copied on. */
const resourceLimits = { maxYoungGenerationSizeMb: 192 };

function runWorker(share: Share, onResult: (result: SeedResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share, resourceLimits });
    worker.on("message", onResult);
    worker.once("error", reject);
    worker.once("exit", () => {
      resolve();
    });
  });
}

export async function runSeed(seed: number): Promise<SeedResult> {
  const outcome = await simulate(drawScenario(seed));
  const { simulatedMs, violation, digest } = outcome;
  const failure = violation && describe(await shrink(outcome.scenario, outcome));
  return { seed, simulatedMs, failure, digest };
}

export function describe({ scenario, violation, history }: Outcome): string {
  const { seed, fleet, events } = scenario;
  return [
    `SEED=${seed} COMMIT=${commit()}`,
    ...(violation ? [`${violation.rule}: ${violation.message}`] : []),
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

if (!isMainThread) {
  // Thousands of errors that are only said are made in a run; a single seed shows where from.
  Error.stackTraceLimit = 0;
  const { first, end, step } = workerData as Share;
  for (let seed = first; seed < end; seed += step) {
    parentPort?.postMessage(await runSeed(seed));
    // A run never comes back to the event loop, where what it held is let go.
    await setImmediate();
  }
}
