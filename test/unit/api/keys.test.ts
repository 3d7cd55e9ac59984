// Who is bounded, woken or told is found by the names in a key: all keys are read alike.
import { expect, test } from "vitest";
import {
  kindAndName,
  namespaceOf,
  readKindAndName,
  readObjectKey,
  readWorkloadKey,
  workloadKeyOf,
} from "../../../src/api/keys.ts";

test.each([
  { key: "shop/orders", want: "shop" },
  { key: "shop/Deployment/web", want: "shop" },
  { key: "team-a/StatefulSet/a.b", want: "team-a" },
])("the namespace of $key is $want", ({ key, want }) => {
  expect(namespaceOf(key)).toBe(want);
});

test("a key is read as it was put together", () => {
  const web = { namespace: "shop", kind: "Deployment", name: "web" };
  expect(readWorkloadKey(workloadKeyOf(web))).toEqual(web);
  expect(readKindAndName(kindAndName(web))).toEqual({ kind: "Deployment", name: "web" });
  expect(readObjectKey("shop/orders")).toEqual({ namespace: "shop", name: "orders" });
});

test("what is no key has empty names", () => {
  expect(readWorkloadKey("web")).toEqual({ namespace: "web", kind: "", name: "" });
});
