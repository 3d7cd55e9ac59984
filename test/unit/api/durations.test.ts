// Durations as users write them: every text that the pattern lets in must be readable, and nothing
// else may be.
import { describe, expect, test } from "vitest";
import { durationMs, durationPattern } from "../../../src/api/durations.ts";
import { matches } from "../../../src/api/rules.ts";

const durations = [
  { name: "milliseconds are not minutes", text: "250ms", wantMs: 250 },
  { name: "seconds", text: "90s", wantMs: 90_000 },
  { name: "minutes", text: "5m", wantMs: 300_000 },
  { name: "several units add up", text: "1h30m", wantMs: 5_400_000 },
  { name: "nothing", text: "0s", wantMs: 0 },
];

describe("durationMs", () => {
  test.each(durations)("$name: $text", ({ text, wantMs }) => {
    expect(matches(text, durationPattern)).toBe(true);
    expect(durationMs(text)).toBe(wantMs);
  });
});

describe("durationPattern refuses", () => {
  test.each(["", "5", "m", "-5m", "1.5h", "5 m", "5d", "12345678901h"])("%j", (text) => {
    expect(matches(text, durationPattern)).toBe(false);
  });
});
