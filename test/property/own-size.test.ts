// Laws of the size that a pod says of itself: whatever stands in its annotation and its
// environment, it never counts for less than the process may open by it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObservedContainer } from "../../src/observed.ts";
import { poolSizeIn } from "../../src/reconcile/sizes/said-size.ts";
import { largestOwnSize, ownSizeOf } from "../../src/reconcile/sizes/own-size.ts";
import { aSizing } from "../support/builders.ts";

const sizing = aSizing({ maxSizeName: "MAX", maxSizeAliases: ["ALIAS"], unmanagedPoolSize: 10 });

const text = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map(String),
  fc.constantFrom("", "fifty", "0", "-1", "1e3", " 7 ", "1000001"),
);
const entry = fc.record({ name: fc.constantFrom("MAX", "ALIAS", "OTHER"), value: text });

const container: fc.Arbitrary<ObservedContainer> = fc
  .array(entry, { maxLength: 3 })
  .map((env) => ({ name: "app", env, envFrom: [] }));

const annotation = fc.option(text, { nil: undefined });
const resolve = (): undefined => undefined;

/** What the process reads: the last entry of a name counts. */
function said({ env }: ObservedContainer): number | undefined {
  const value =
    env.findLast(({ name }) => name === "MAX") ?? env.findLast(({ name }) => name === "ALIAS");
  if (!value) return undefined;
  const { value: saidText = "" } = value;
  // More than any grant where it means no limit.
  if (["0", "-1", "1000001"].includes(saidText)) return sizing.ceiling + 1;
  return poolSizeIn(saidText) ?? sizing.unmanagedPoolSize;
}

describe("the size that a pod says", () => {
  test("is not less than its annotation, its entry, or what a pod without an entry may hold", () => {
    fc.assert(
      fc.property(container, annotation, (one, annotated) => {
        const { poolSize } = ownSizeOf(one, sizing, { annotation: annotated, resolve });
        const least = said(one) ?? sizing.unmanagedPoolSize;
        expect(poolSize).toBe(Math.max(least, poolSizeIn(annotated ?? "") ?? 0));
      }),
      { numRuns: 500 },
    );
  });

  test("is the largest of all containers where it is not known which holds the pool", () => {
    fc.assert(
      fc.property(fc.array(container, { maxLength: 3 }), annotation, (list, annotated) => {
        const lookup = { annotation: annotated, resolve };
        const each = list.map((one) => ownSizeOf(one, sizing, lookup).poolSize);
        const wanted = list.length === 0 ? [ownSizeOf(undefined, sizing, lookup).poolSize] : each;
        expect(largestOwnSize(list, sizing, lookup).poolSize).toBe(Math.max(...wanted));
      }),
    );
  });
});
