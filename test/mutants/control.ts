// The tree without any defect. What a checker says of a mutant counts only if it says nothing of
// the original under the same seed; and if it does, the run as a whole has failed.

import { simulateIn, testIn } from "./checkers.ts";

/** For one seed, or for the tests of one pattern. */
const limitMs = 300_000;

export class Control {
  readonly #tree: string;
  readonly #seeds = new Map<number, Promise<boolean>>();
  readonly #tests = new Map<string, Promise<boolean>>();
  readonly complaints: string[] = [];

  constructor(tree: string) {
    this.#tree = tree;
  }

  /** Seeds that were run. */
  get seeds(): number {
    return this.#seeds.size;
  }

  /** Each seed is run once, however often it is asked for. */
  passesSeed(seed: number): Promise<boolean> {
    const known = this.#seeds.get(seed) ?? this.#runSeed(seed);
    this.#seeds.set(seed, known);
    return known;
  }

  /** Those whose path has the pattern in it, once. */
  passesTests(pattern: string): Promise<boolean> {
    const known = this.#tests.get(pattern) ?? this.#runTests(pattern);
    this.#tests.set(pattern, known);
    return known;
  }

  async #runSeed(seed: number): Promise<boolean> {
    const [line] = await simulateIn(this.#tree, [seed], limitMs);
    if (line && line.rule === undefined) return true;
    const { rule = "did not end", message = "" } = line ?? {};
    this.complaints.push(`seed ${seed}: ${rule}: ${message}`);
    return false;
  }

  async #runTests(pattern: string): Promise<boolean> {
    const failed = await testIn(this.#tree, { pattern }, limitMs);
    if (failed !== undefined) this.complaints.push(failed);
    return failed === undefined;
  }
}
