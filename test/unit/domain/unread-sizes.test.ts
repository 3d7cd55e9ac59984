// Whose growth and whose rolls wait for pool sizes that were never read.
import { describe, expect, test } from "vitest";
import type { QuotaSetting } from "../../../src/domain/supply/quota-settings.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { areSizesRead, holdUpAll } from "../../../src/domain/supply/unread-sizes.ts";
import { aGrant, aSnapshot, aWorkload, pods } from "../../support/builders.ts";
import { startMs } from "../../support/builders.ts";

const half = (namespace: string): QuotaSetting => ({ namespace, amount: 50, unit: "percent" });

describe("everybody waits", () => {
  test.each<{
    name: string;
    unread: string[];
    shares: QuotaSetting[] | undefined;
    want: boolean;
  }>([
    { name: "for no value", unread: [], shares: [], want: false },
    { name: "for those of a namespace without a bound", unread: ["a"], shares: [], want: true },
    { name: "where nobody has a bound", unread: ["a"], shares: undefined, want: true },
    { name: "not for those of one with a bound", unread: ["a"], shares: [half("a")], want: false },
    { name: "not where each has one", unread: ["a", "b"], shares: [half("*")], want: false },
    { name: "for one of two", unread: ["a", "b"], shares: [half("a")], want: true },
  ])("$name: $want", ({ unread, shares, want }) => {
    expect(holdUpAll(new Set(unread), shares)).toBe(want);
  });
});

test("a namespace waits for its own values", () => {
  expect(areSizesRead("a", { unreadIn: ["a"] })).toBe(false);
  expect(areSizesRead("a", { unreadIn: ["b"] })).toBe(true);
  expect(areSizesRead("a", {})).toBe(true);
});

describe("a plan with values that were never read", () => {
  const growing = aWorkload("web", { pods: pods(3, { poolSize: 6 }), grant: aGrant(6) });
  const shrinking = aWorkload("web", { pods: pods(5, { poolSize: 20 }), grant: aGrant(18) });

  test("of the namespace itself neither grows nor rolls", () => {
    const wait = { unreadIn: [growing.namespace] };
    const { pools } = plan(aSnapshot({ workloads: [growing], ...wait }), startMs);
    expect(pools[0]?.grant).toMatchObject({ decision: "Wait", poolSize: 6 });
    const { rolls } = plan(aSnapshot({ workloads: [shrinking], ...wait }), startMs);
    expect(rolls.roll ?? rolls.eviction).toBe(undefined);
    expect(rolls.waiting[0]?.obstacle).toMatchObject({
      reason: "RollsWaiting",
      message: expect.stringContaining("each ConfigMap and Secret of its namespace") as string,
    });
  });

  test("of another one does both", () => {
    const wait = { unreadIn: ["another"] };
    const { pools } = plan(aSnapshot({ workloads: [growing], ...wait }), startMs);
    expect(pools[0]?.grant.decision).toBe("Grow");
    const { rolls } = plan(aSnapshot({ workloads: [shrinking], ...wait }), startMs);
    expect(rolls.roll).not.toBe(undefined);
  });
});
