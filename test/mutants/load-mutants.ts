// Defects that let one namespace fill the memory of the operator, or keep its only thread busy.

import type { Mutant } from "./mutant.ts";

export const loadMutants: readonly Mutant[] = [
  {
    name: "names of any length remembered of every reading",
    file: "src/reconcile/session-samples.ts",
    from: "|| weight.bytes > maxBytes ||",
    to: "||",
  },
  {
    name: "sessions remembered of any number of servers",
    file: "src/reconcile/session-budget.ts",
    from: "return this.#bytes > maxBytes;",
    to: "return this.#bytes < 0;",
  },
];
