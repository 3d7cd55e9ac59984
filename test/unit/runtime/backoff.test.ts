// Delays double up to a limit, never leave their band, and begin anew after a success.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff } from "../../../src/runtime/backoff.ts";
import { constantRandom, seededRandom } from "../../support/prng.ts";

test("delays double up to the limit", () => {
  const backoff = new Backoff({ random: constantRandom(0.999_999), baseMs: 1_000, maxMs: 10_000 });
  const delays = [1, 2, 3, 4, 5, 6].map(() => Math.round(backoff.nextMs("a")));
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test("a success begins anew, for its own key only", () => {
  const backoff = new Backoff({ random: constantRandom(0), baseMs: 1_000, maxMs: 10_000 });
  for (const key of ["a", "b", "a", "b"]) backoff.nextMs(key);
  backoff.reset("a");
  expect([backoff.nextMs("a"), backoff.nextMs("b")]).toEqual([500, 2_000]);
});

test("every delay lies between half and the whole of its limit, however many failures", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 2_000 }), (seed, failures) => {
      const backoff = new Backoff({ random: seededRandom(seed), baseMs: 5, maxMs: 30_000 });
      for (let n = 1; n < failures; n++) backoff.nextMs("a");
      const limitMs = Math.min(30_000, 5 * 2 ** (failures - 1));
      const delayMs = backoff.nextMs("a");
      expect(delayMs).toBeGreaterThanOrEqual(limitMs / 2);
      expect(delayMs).toBeLessThanOrEqual(limitMs);
    }),
    { numRuns: 50 },
  );
});
