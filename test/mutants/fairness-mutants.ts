// Defects in fairness: one server, login or namespace that costs all others their turn, or hides.

import type { Mutant } from "./mutant.ts";

export const fairnessMutants: readonly Mutant[] = [
  {
    name: "a hung run hidden by the one before it",
    file: "src/runtime/controller.ts",
    from: "this.#running.delete(key);\n      queue.finish(key);",
    to: "queue.finish(key);\n      this.#running.delete(key);",
  },
];
