// What a shrink frees is given on only when the settle time has passed since the operator saw the
// smaller size stand in the cluster, whenever it was decided and by whoever's clock.

import fc from "fast-check";
import { expect, test } from "vitest";
import { settledAtMsOf } from "../../src/domain/demand/settling.ts";
import { GrantSettlement } from "../../src/reconcile/memory/grant-settlement.ts";
import { aGrant, aWorkload, settleTimeMs, startMs } from "../support/builders.ts";

test("a shrink has settled no sooner than the settle time after it was first seen", () => {
  const decidedAgoMs = fc.integer({ min: -2_000, max: 30_000 });
  const waits = fc.array(fc.nat(4_000), { maxLength: 6 });
  fc.assert(
    fc.property(decidedAgoMs, waits, (agoMs, list) => {
      const settlement = new GrantSettlement();
      const settledAtMs = startMs - agoMs + settleTimeMs;
      const grant = aGrant(4, { settlingPoolSize: 10, settledAtMs });
      let nowMs = startMs;
      for (const waitMs of [0, ...list]) {
        nowMs += waitMs;
        const seen = settlement.settle(aWorkload("web", { grant }), { nowMs, settleTimeMs }).grant;
        expect(seen && settledAtMsOf(seen)).toBe(Math.max(settledAtMs, startMs + settleTimeMs));
      }
    }),
  );
});

test("of shrinks in a row, what each was before may be handed out for the settle time", () => {
  const steps = fc.array(
    fc.record({ waitMs: fc.nat(4_000), less: fc.integer({ min: 1, max: 3 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const settlement = new GrantSettlement();
      const seen: { readonly poolSize: number; readonly untilMs: number }[] = [];
      let [nowMs, poolSize] = [startMs, 40];
      for (const { waitMs, less } of list) {
        nowMs += waitMs;
        seen.push({ poolSize, untilMs: nowMs + settleTimeMs });
        // By a clock that is behind, each has settled at once.
        const grant = aGrant(poolSize - less, { settlingPoolSize: poolSize, settledAtMs: nowMs });
        poolSize -= less;
        const told = settlement.settle(aWorkload("web", { grant }), { nowMs, settleTimeMs }).grant;
        const open = seen.filter(({ untilMs }) => nowMs < untilMs).map((one) => one.poolSize);
        expect(told?.unsettledPoolSize).toBe(Math.max(...open));
      }
    }),
  );
});
