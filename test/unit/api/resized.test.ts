// What a pod's annotation says of its last resize is read as it was written.

import fc from "fast-check";
import { expect, test } from "vitest";
import { readResized, resizedText } from "../../../src/api/resized.ts";

test("what was written is read again", () => {
  const resizes = fc.record({
    from: fc.integer({ min: 0, max: 1_000_000 }),
    atMs: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
    touches: fc.integer({ min: 0, max: 999 }),
  });
  fc.assert(
    fc.property(resizes, (resized) => {
      expect(readResized(resizedText(resized))).toEqual(resized);
    }),
  );
});

test.each([
  "was 1 until +275760-09-13T00:00:00.000Z, touched 0",
  "was 1 until 2100-01-01T00:00:00.001Z, touched 0",
  "",
  "was 20",
  "was 20 until now, touched 0",
  "20",
  "was -1 until 2026, touched 0",
])("%j says nothing", (text) => {
  expect(readResized(text)).toBeUndefined();
});
