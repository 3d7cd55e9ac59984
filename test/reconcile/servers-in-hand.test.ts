// No two decisions on one server at once, whichever servers are decided together by then.
import { expect, test } from "vitest";
import { ServersInHand } from "../../src/reconcile/memory/servers-in-hand.ts";

test.each([
  { name: "the same servers", unit: ["a", "b"], want: false },
  { name: "a unit that has grown", unit: ["a", "b", "c"], want: false },
  { name: "a unit that shares one server", unit: ["b", "c"], want: false },
  { name: "a part of it", unit: ["b"], want: false },
  { name: "servers that share nothing", unit: ["c", "d"], want: true },
])("while a decision is under way: $name", ({ unit, want }) => {
  const inHand = new ServersInHand();
  expect(inHand.begin(["a", "b"])).toBe(true);
  expect(inHand.begin(unit)).toBe(want);
});

test("what was not begun holds nothing, and what is over is free", () => {
  const inHand = new ServersInHand();
  inHand.begin(["a", "b"]);
  inHand.begin(["b", "c"]);
  expect(inHand.begin(["c"])).toBe(true);
  inHand.end(["a", "b"]);
  expect(inHand.begin(["b"])).toBe(true);
});
