// Who is bounded, woken or told is found by the namespace in a key: all keys are read alike.
import { expect, test } from "vitest";
import { namespaceOf } from "../../../src/domain/namespace-of.ts";

test.each([
  { key: "shop/orders", want: "shop" },
  { key: "shop/Deployment/web", want: "shop" },
  { key: "team-a/StatefulSet/a.b", want: "team-a" },
])("the namespace of $key is $want", ({ key, want }) => {
  expect(namespaceOf(key)).toBe(want);
});
