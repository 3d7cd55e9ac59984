// A bar is always as long as it should be, and shows whatever is there.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barOf } from "../../../src/top/bar.ts";

const amount = fc.integer({ min: 0, max: 100_000 });
const slots = fc.record({ used: amount, free: amount, foreign: amount, kept: amount });

describe("a server's bar", () => {
  it("shows what is used, free, foreign and reserved in this order", () => {
    const bar = barOf({ maxConnections: 200, used: 100, free: 50, foreign: 30, kept: 20 }, 20);

    expect(bar).toBe("██████████·····xxx░░");
  });

  it("is as long as it should be, and whoever has a slot has a cell", () => {
    fc.assert(
      fc.property(slots, fc.integer({ min: 8, max: 80 }), (parts, cells) => {
        const amounts = Object.values(parts).filter((one) => one > 0);
        fc.pre(amounts.length > 0);
        const bar = barOf({ maxConnections: 1, ...parts }, cells);
        expect(bar).toHaveLength(cells);
        expect(new Set(bar).size).toBe(amounts.length);
      }),
    );
  });

  it("of nothing is empty", () => {
    expect(barOf({ maxConnections: 0, used: 0, free: 0, foreign: 0, kept: 0 }, 20)).toBe("");
  });
});
