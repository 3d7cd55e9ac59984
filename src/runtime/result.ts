// How a reconcile ends well: nothing more to do until something changes, or a look again at a time.
// An exception means back-off; there is no third way, and never both.

export type Result =
  { readonly kind: "done" } | { readonly kind: "after"; readonly delayMs: number };

export const done: Result = Object.freeze({ kind: "done" });

/** Look again after delayMs (0 or more) at the latest. */
export function after(delayMs: number): Result {
  return { kind: "after", delayMs: Math.max(0, delayMs) };
}

/** The one that looks again first; `done` only if all are. */
export function soonest(...results: readonly Result[]): Result {
  const delays = results.flatMap((result) => (result.kind === "after" ? [result.delayMs] : []));
  return delays.length === 0 ? done : after(Math.min(...delays));
}
