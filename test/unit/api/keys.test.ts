// Who is bounded, woken or told is found by the names in a key: all keys are read alike.
import { expect, test } from "vitest";
import {
  kindAndName,
  namespaceOf,
  poolKeyOf,
  poolNameIn,
  readKindAndName,
  readObjectKey,
  readWorkloadKey,
  workloadKeyOf,
  workloadOfPool,
} from "../../../src/api/keys.ts";

test.each([
  { key: "shop/orders", want: "shop" },
  { key: "shop/Deployment/web", want: "shop" },
  { key: "team-a/StatefulSet/a.b", want: "team-a" },
])("the namespace of $key is $want", ({ key, want }) => {
  expect(namespaceOf(key)).toBe(want);
});

const web = { namespace: "shop", kind: "Deployment", name: "web" };

test("a key is read as it was put together", () => {
  expect(readWorkloadKey(workloadKeyOf(web))).toEqual(web);
  expect(readKindAndName(kindAndName(web))).toEqual({ kind: "Deployment", name: "web" });
  expect(readObjectKey("shop/orders")).toEqual({ namespace: "shop", name: "orders" });
});

test("what is no key has empty names", () => {
  expect(readWorkloadKey("web")).toEqual({ namespace: "web", kind: "", name: "" });
});

test.each([
  { pool: undefined, key: "shop/Deployment/web", name: "Deployment/web" },
  { pool: "main", key: "shop/Deployment/web", name: "Deployment/web" },
  { pool: "replica", key: "shop/Deployment/web/replica", name: "Deployment/web/replica" },
])("pool $pool of a workload is $name to its policy", ({ pool, key, name }) => {
  expect(poolKeyOf(workloadKeyOf(web), pool)).toBe(key);
  expect(poolNameIn(poolKeyOf(workloadKeyOf(web), pool))).toBe(name);
  expect(workloadOfPool(poolKeyOf(workloadKeyOf(web), pool))).toBe("shop/Deployment/web");
  expect(namespaceOf(key)).toBe("shop");
});
