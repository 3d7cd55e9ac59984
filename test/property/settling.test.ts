// What a shrink frees is given on only when the settle time has passed since the operator saw the
// smaller size stand in the cluster, whenever it was decided and by whoever's clock.

import fc from "fast-check";
import { expect, test } from "vitest";
import { settledAtMsOf } from "../../src/domain/demand/position.ts";
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
