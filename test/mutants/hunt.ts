// One mutant, hunted: first by what caught it the last time, then by one seed of the simulation
// after the other, then by the property tests, then by whatever tests need the file.

import { simulateIn, testIn, type Tests } from "./checkers.ts";
import type { Control } from "./control.ts";
import type { Mutant } from "./mutant.ts";
import type { Trees } from "./tree.ts";

/** A seed of the simulation, or the file of a test. */
export type Hint = number | string;

export interface Effort {
  readonly seeds: number;
  /** For the seeds, and again for the property tests. */
  readonly limitMs: number;
}

export interface Catch {
  /** Rule of the simulation's judge and the seed, or file and name of the test. */
  readonly by: string;
  /** What catches it soonest the next time. */
  readonly hint: Hint;
}

export interface Hunt {
  readonly mutant: Mutant;
  /** Undefined: it was not noticed. */
  readonly caught: Catch | undefined;
  /** How many were run. */
  readonly seeds: number;
  readonly seconds: number;
}

export interface Ground {
  readonly trees: Trees;
  readonly control: Control;
  readonly effort: Effort;
}

export async function hunt(ground: Ground, mutant: Mutant, hint: Hint | undefined): Promise<Hunt> {
  const beganMs = performance.now();
  const { trees, effort } = ground;
  const { caught, seeds } = await trees.withMutant(mutant, async (tree) => {
    const remembered =
      typeof hint === "string" ? await byTests(ground, tree, { pattern: hint }) : undefined;
    if (remembered) return { caught: remembered, seeds: 0 };
    const run = await bySeeds(ground, tree, seedsFrom(hint, effort));
    if (run.caught) return run;
    const law = await byTests(ground, tree, { pattern: "test/property" });
    return { ...run, caught: law ?? (await byTests(ground, tree, { thatNeed: mutant.file })) };
  });
  return { mutant, caught, seeds, seconds: (performance.now() - beganMs) / 1000 };
}

function seedsFrom(hint: Hint | undefined, { seeds }: Effort): readonly number[] {
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  return typeof hint === "number" ? [hint, ...all.filter((seed) => seed !== hint)] : all;
}

async function bySeeds(
  { control, effort }: Ground,
  tree: string,
  list: readonly number[],
): Promise<Pick<Hunt, "caught" | "seeds">> {
  const endMs = performance.now() + effort.limitMs;
  let seeds = 0;
  while (seeds < list.length && performance.now() < endMs) {
    const lines = await simulateIn(tree, list.slice(seeds), endMs - performance.now());
    if (lines.length === 0) break;
    seeds += lines.length;
    const last = lines.at(-1);
    if (last?.rule === undefined || !(await control.passesSeed(last.seed))) continue;
    return { seeds, caught: { by: `${last.rule}, seed ${last.seed}`, hint: last.seed } };
  }
  return { seeds, caught: undefined };
}

async function byTests(
  { control, effort }: Ground,
  tree: string,
  tests: Tests,
): Promise<Catch | undefined> {
  const failed = await testIn(tree, tests, effort.limitMs);
  if (failed === undefined) return undefined;
  const hint = failed.slice(0, failed.indexOf(":"));
  return (await control.passesTests(hint)) ? { by: failed, hint } : undefined;
}
