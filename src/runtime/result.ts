// What a reconcile answers: nothing more to do, or come back later. Throwing means back-off; never both.

export type Result =
  { readonly kind: "done" } | { readonly kind: "after"; readonly delayMs: number };

export const done: Result = { kind: "done" };

/** Come back after `delayMs` (at least 0), or sooner if something happens. */
export function after(delayMs: number): Result {
  return { kind: "after", delayMs };
}

/** The one of two answers that comes back first. */
export function soonest(a: Result, b: Result): Result {
  if (a.kind === "done") return b;
  if (b.kind === "done") return a;
  return a.delayMs <= b.delayMs ? a : b;
}
