// Grants by name are kept sorted from one decision to the next: what comes out is what the policies
// say now, whoever came, went, or changed his mind.

import { expect, test } from "vitest";
import type { PolicyFacts } from "../../src/domain/facts/facts.ts";
import { grantsByName } from "../../src/reconcile/observe/grants-by-name.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { aPolicy } from "../support/builders.ts";

function granting(name: string, sizes: Readonly<Record<string, number>>): PolicyFacts {
  const grants = Object.fromEntries(
    Object.entries(sizes).map(([pool, poolSize]) => {
      return [
        pool,
        { container: "app", poolSize, env: [{ name: "DB_POOL_MAX_SIZE", value: `${poolSize}` }] },
      ];
    }),
  );
  const status = { delivery: "Admission" as const, grants };
  return { ...aPolicy(name, { spec: { mode: "Enforce" } }), status };
}

const place = { book: new PolicyBook(), namespace: "shop" };

function sizesOf(policies: readonly PolicyFacts[], name: string, where = place): string[] {
  return grantsByName(policies, where)(name).map(({ key, grant }) => `${key} ${grant.poolSize}`);
}

test("what policies grant to a pool is what they say now, in their order", () => {
  const [a, b] = [granting("a", { "Deployment/web": 4 }), granting("b", { "Deployment/web": 7 })];
  expect(sizesOf([a, b], "Deployment/web")).toEqual(["shop/a 4", "shop/b 7"]);
  expect(sizesOf([a, b], "Deployment/jobs")).toEqual([]);

  const changed = granting("a", { "Deployment/jobs": 3 });
  expect(sizesOf([changed, b], "Deployment/web")).toEqual(["shop/b 7"]);
  expect(sizesOf([changed, b], "Deployment/jobs")).toEqual(["shop/a 3"]);
  expect(sizesOf([changed], "Deployment/web")).toEqual([]);

  const back = granting("a", { "Deployment/web": 5 });
  expect(sizesOf([back, b], "Deployment/web")).toEqual(["shop/a 5", "shop/b 7"]);
});

test("another namespace has grants of its own, and so has another operator", () => {
  const a = granting("a", { "Deployment/web": 4 });
  expect(sizesOf([a], "Deployment/web")).toEqual(["shop/a 4"]);
  expect(sizesOf([], "Deployment/web", { ...place, namespace: "billing" })).toEqual([]);
  expect(sizesOf([a], "Deployment/web")).toEqual(["shop/a 4"]);
  expect(sizesOf([], "Deployment/web", { ...place, book: new PolicyBook() })).toEqual([]);
});

test("a name of every object is a name like any other", () => {
  const a = granting("a", { "Deployment/web": 4 });
  expect(sizesOf([a], "constructor")).toEqual([]);
  expect(sizesOf([a], "__proto__")).toEqual([]);
});
