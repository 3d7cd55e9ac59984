// Replicas that swing faster than the cooldown must not let the shares leap: what was planned for
// counts until fewer pods have lasted for it, told from nothing but the last status.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RecentPods, recentPodsOf } from "../../src/domain/demand/planned-pods.ts";
import { startMs } from "../support/builders.ts";

const cooldownMs = 300_000;

interface Look {
  readonly afterMs: number;
  readonly plannedPods: number;
}

const looks: fc.Arbitrary<Look[]> = fc.array(
  fc.record({ afterMs: fc.integer({ min: 1, max: 400_000 }), plannedPods: fc.nat(9) }),
  { maxLength: 12, size: "max" },
);

interface Seen extends RecentPods {
  readonly atMs: number;
  readonly plannedPods: number;
}

/** What counts at each look, if each look's word is the next one's memory. */
function follow(list: readonly Look[]): Seen[] {
  const seen: Seen[] = [];
  let nowMs = startMs;
  for (const { afterMs, plannedPods } of list) {
    nowMs += afterMs;
    const last = seen.at(-1);
    const recentPlan = last && { plannedPods: last.pods, fewerSinceMs: last.fewerSinceMs };
    const known = recentPlan ? { recentPlan } : {};
    const recent = recentPodsOf(known, plannedPods, { cooldownMs, nowMs });
    seen.push({ ...recent, atMs: nowMs, plannedPods });
  }
  return seen;
}

describe("what must be left to a workload", () => {
  test("is never less than what it plans for, nor more than it ever planned for", () => {
    fc.assert(
      fc.property(looks, (list) => {
        let most = 0;
        for (const { pods, plannedPods } of follow(list)) {
          most = Math.max(most, plannedPods);
          expect(pods).toBeGreaterThanOrEqual(plannedPods);
          expect(pods).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  test("gets less only once it has planned for fewer during the whole cooldown", () => {
    fc.assert(
      fc.property(looks, (list) => {
        const seen = follow(list);
        for (const [at, { pods, atMs }] of seen.entries()) {
          const before = seen[at - 1]?.pods ?? 0;
          if (pods >= before) continue;
          const asMany = seen.slice(0, at).findLastIndex((one) => one.plannedPods >= before);
          const fewerSinceMs = seen[asMany + 1]?.atMs ?? Infinity;
          expect(atMs - fewerSinceMs).toBeGreaterThanOrEqual(cooldownMs);
        }
      }),
      { numRuns: 300 },
    );
  });
});
