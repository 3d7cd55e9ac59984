// Times as Kubernetes writes and reads them.

import { expect, test } from "vitest";
import { isoTime, timeMs } from "../../../src/domain/words/iso-time.ts";

test("a time is written without milliseconds, and read again as the second that it was in", () => {
  const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  expect(isoTime(atMs)).toBe("2026-01-02T03:04:05Z");
  expect(timeMs(isoTime(atMs))).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
});

test.each([undefined, "", "soon", "2026-13-01T00:00:00Z"])("%s is no time", (text) => {
  expect(timeMs(text)).toBe(undefined);
});
