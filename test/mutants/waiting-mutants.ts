// Defects in who waits for whom: writes, events, rolls and growth of one namespace that hold others
// back.

import type { Mutant } from "./mutant.ts";

export const waitingMutants: readonly Mutant[] = [
  {
    name: "a shrink written in its turn like any other status",
    file: "src/domain/write-order.ts",
    from: "if (shrinking.has(key)) return 0;",
    to: "if (shrinking.has(key)) return 1;",
  },
  {
    name: "all statuses of one namespace before those of the next",
    file: "src/reconcile/write-in-turns.ts",
    from: ".toSorted((a, b) => a.turn - b.turn);",
    to: ".toSorted((a, b) => 0 * (a.turn - b.turn));",
  },
  {
    name: "a decision that writes until all is written",
    file: "src/reconcile/write-in-turns.ts",
    from: "if (turn === 0 || clock.monotonicMs() < endMs)",
    to: "if (turn >= 0 || clock.monotonicMs() < endMs)",
  },
  {
    name: "the next decision waits for every event",
    file: "src/reconcile/event-line.ts",
    from: "this.#parts.clock.after(tellingMs, goOn);",
    to: "this.#parts.clock.after(1_000 * tellingMs, goOn);",
  },
  {
    name: "rolls of everybody wait for a status of one namespace",
    file: "src/reconcile/attempts.ts",
    from: "return this.passingIn.has(namespace) || this.#unwritten.has(key);",
    to: "return this.passingIn.size > 0 || namespace === '' || this.#unwritten.has(key);",
  },
  {
    name: "failures of one namespace make all others wait longer",
    file: "src/reconcile/attempts.ts",
    from: "const inARow = this.#inARow.get(server)?.get(namespace) ?? 0;",
    to: "const inARow = Math.max(0, ...(this.#inARow.get(server)?.values() ?? []), 0 * namespace.length);",
  },
  {
    name: "a roll that conflicts each time tried each time",
    file: "src/reconcile/contested-acts.ts",
    from: "if (waitMs <= 0) return undefined;",
    to: "if (waitMs <= pauseMaxMs) return undefined;",
  },
  {
    name: "growth of everybody waits for policies of a bounded namespace",
    file: "src/reconcile/recent-accounts.ts",
    from: "!isBounded(namespace, shares) && isStillWaitedFor",
    to: "(shares.length > 0 || !isBounded(namespace, shares)) && isStillWaitedFor",
  },
  {
    name: "growth of everybody waits for policies that come and go",
    file: "src/reconcile/recent-accounts.ts",
    from: "return isNew || monotonicMs - waitsSinceMs < waitingMs;",
    to: "return isNew || monotonicMs - waitsSinceMs < waitingPerMs + waitingMs;",
  },
];
