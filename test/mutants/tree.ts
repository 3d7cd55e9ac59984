// Copies of this repository to break, each in a folder of its own: the working tree is never
// touched. What is copied is what the simulation and the property tests need; the installed
// packages are linked. All is gone when the process ends, however it ends.

import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Mutant, mutate } from "./mutant.ts";

const root = join(import.meta.dirname, "..", "..");
const copied = ["package.json", "tsconfig.json", "src", "test"];

/** The working tree as it was at one moment: an edit meanwhile does not confuse a long run. */
export class Trees {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    process.once("exit", () => {
      rmSync(folder, { recursive: true, force: true });
    });
  }

  static async create(): Promise<Trees> {
    const trees = new Trees(await mkdtemp(join(tmpdir(), "poolwarden-mutants-")));
    for (const path of copied) {
      await cp(join(root, path), join(trees.original, path), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(trees.original, "node_modules"));
    return trees;
  }

  get original(): string {
    return join(this.#folder, "original");
  }

  /** Throws unless each mutant can be put into the code: before hours are spent on the others. */
  async check(mutants: readonly Mutant[]): Promise<void> {
    for (const mutant of mutants) {
      mutate(await readFile(join(this.original, mutant.file), "utf8"), mutant);
    }
  }

  /** Runs in a tree with one defect, which is gone afterwards. */
  async withMutant<T>(mutant: Mutant, run: (tree: string) => Promise<T>): Promise<T> {
    const tree = join(this.#folder, mutant.name.replaceAll(/\W+/g, "-"));
    await cp(this.original, tree, { recursive: true, verbatimSymlinks: true });
    const path = join(tree, mutant.file);
    await writeFile(path, mutate(await readFile(path, "utf8"), mutant));
    try {
      return await run(tree);
    } finally {
      await rm(tree, { recursive: true });
    }
  }
}
