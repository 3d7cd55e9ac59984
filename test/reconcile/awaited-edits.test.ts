// For how long edits are waited for where servers are decided together.
import { expect, test } from "vitest";
import { AwaitedEdits } from "../../src/reconcile/memory/awaited-edits.ts";

function anHourglass(): { readonly edits: AwaitedEdits; readonly wait: (forMs: number) => void } {
  let nowMs = 0;
  const edits = new AwaitedEdits({ monotonicMs: () => nowMs });
  return { edits, wait: (forMs) => (nowMs += forMs) };
}

test("a server that is tied to others later does not make them wait anew", () => {
  const { edits, wait } = anHourglass();
  expect(edits.areAwaited(["one"], true)).toBe(true);
  wait(1_500);
  expect(edits.areAwaited(["one", "two"], true)).toBe(true);
  wait(500);
  expect(edits.areAwaited(["one", "three", "two"], true)).toBe(false);
});

test("once nothing is edited, the next edit is waited for as long as the first", () => {
  const { edits, wait } = anHourglass();
  expect(edits.areAwaited(["one", "two"], true)).toBe(true);
  wait(2_000);
  expect(edits.areAwaited(["one", "two"], false)).toBe(false);
  expect(edits.areAwaited(["one", "two"], true)).toBe(true);
});
