// What we wrote counts until the cache shows it or something newer: a cache that lags behind our
// own write must not have it done twice.

import { describe, expect, test } from "vitest";
import { Expectations } from "../../src/reconcile/memory/expectations.ts";

function cached(resourceVersion: string): { key: string; uid: string; resourceVersion: string } {
  return { key: "shop/web", uid: "1", resourceVersion };
}

describe("a write of version 100", () => {
  test.each([
    { name: "counts while the cache is older", version: "99", want: "ours" },
    { name: "counts though 9 sorts behind 100 as text", version: "9", want: "ours" },
    { name: "has been seen", version: "100", want: undefined },
    { name: "has been passed", version: "1000", want: undefined },
    { name: "counts while the version is another and no number", version: "x", want: "ours" },
  ])("$name", ({ version, want }) => {
    const expectations = new Expectations<string>();
    expectations.expect("shop/web", "100", "ours");
    expect(expectations.pending("shop/web", cached(version))).toBe(want);
  });

  test("once seen, an older version later (a relist) brings it not back", () => {
    const expectations = new Expectations<string>();
    expectations.expect("shop/web", "100", "ours");
    expectations.pending("shop/web", cached("100"));
    expect(expectations.pending("shop/web", cached("99"))).toBe(undefined);
  });

  test("to an object that is gone counts no more", () => {
    const expectations = new Expectations<string>();
    expectations.expect("shop/web", "100", "ours");
    expect(expectations.pending("shop/web", undefined)).toBe(undefined);
  });

  test("is forgotten when told to", () => {
    const expectations = new Expectations<string>();
    expectations.expect("shop/web", "100", "ours");
    expectations.forget("shop/web");
    expect(expectations.pending("shop/web", cached("99"))).toBe(undefined);
  });
});
