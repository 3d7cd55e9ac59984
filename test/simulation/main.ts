// `make simulate SEEDS=how-many SEED=first`: runs that many seeds and ends with one line. A failure
// is told with its seed, the commit, and the shortest history that still fails. With SEEDS=1 the
// whole history is printed, the same bytes each time. DIGESTS=1 prints a line for each seed that is
// the same as long as everything in it is, each status to the letter: compare two of these lists to
// see that a rearrangement changed nothing.

import { givenNumber } from "../support/given-setting.ts";
import { simulate } from "./run.ts";
import { drawScenario } from "./scenario.ts";
import { describe, runSeeds, type SeedResult } from "./seeds.ts";

async function one(seed: number): Promise<readonly SeedResult[]> {
  const outcome = await simulate(drawScenario(seed));
  console.log(describe(outcome));
  const { simulatedMs, violation, digest } = outcome;
  return [{ seed, simulatedMs, failure: violation?.rule, digest }];
}

async function many(first: number, count: number): Promise<readonly SeedResult[]> {
  const results: SeedResult[] = [];
  const beganMs = performance.now();
  await runSeeds(first, count, (result) => {
    results.push(result);
    if (result.failure !== undefined) console.log(`\n${result.failure}\n`);
    if (results.length % 100 === 0) console.error(progress(results, beganMs));
  });
  console.error(progress(results, beganMs));
  return results;
}

function progress(results: readonly SeedResult[], beganMs: number): string {
  const seconds = (performance.now() - beganMs) / 1000;
  const speed = (hoursOf(results) / seconds).toFixed(1);
  return `${results.length} seeds after ${seconds.toFixed(0)} s, ${speed} simulated hours a second`;
}

function hoursOf(results: readonly SeedResult[]): number {
  return results.reduce((sum, { simulatedMs }) => sum + simulatedMs, 0) / 3_600_000;
}

const first = givenNumber("SEED", { usual: 1, least: 1 });
const count = givenNumber("SEEDS", { usual: 300, least: 1 });
const results = count === 1 ? await one(first) : await many(first, count);
if (givenNumber("DIGESTS", { usual: 0, least: 0 }) > 0) {
  const lines = results.toSorted((a, b) => a.seed - b.seed);
  for (const { seed, digest } of lines) console.log(`seed ${seed} ${digest}`);
}
const failed = results.flatMap(({ seed, failure }) => (failure === undefined ? [] : [seed]));
if (failed.length > 0) console.log(`failed seeds: ${failed.sort((a, b) => a - b).join(" ")}`);
console.log(
  `simulate: ${count} seeds, ${hoursOf(results).toFixed(0)} simulated hours, ${failed.length} violations`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
