// The short form of `make mutants`: every defect of the list can still be put into the code. That
// each is noticed is shown by the long one.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allMutants } from "./all-mutants.ts";
import { type Mutant, mutate } from "./mutant.ts";

const root = join(import.meta.dirname, "..", "..");

describe("the list of mutants", () => {
  test.each(allMutants)("can still break the code: $name", (mutant) => {
    const text = readFileSync(join(root, mutant.file), "utf8");
    expect(mutate(text, mutant)).not.toBe(text);
  });

  test("names each once", () => {
    const names = allMutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("is caught, by what is remembered of each, by tests that are there", () => {
    const text = readFileSync(join(root, "test", "mutants", "hints.json"), "utf8");
    const hints = Object.values(JSON.parse(text) as Record<string, string | number>);
    const files = hints.filter((hint) => typeof hint === "string");
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test("is about as long as docs/simulation.md says", () => {
    const page = readFileSync(join(root, "docs", "simulation.md"), "utf8");
    const [, told] = /`make mutants`: more than (\d+) deliberate defects/.exec(page) ?? [];
    expect(allMutants.length).toBeGreaterThan(Number(told));
    expect(allMutants.length).toBeLessThanOrEqual(Number(told) + 25);
  });
});

describe("a mutant", () => {
  const mutant: Mutant = { name: "off by one", file: "a.ts", from: "<= most", to: "< most" };

  test.each([
    { text: "if (a <= most) b();", want: "if (a < most) b();" },
    { text: "if (a < most) b();", wantError: "off by one: found 0 times in a.ts, wanted once" },
    { text: "a <= most; b <= most;", wantError: "off by one: found 2 times in a.ts, wanted once" },
  ])("of $text", ({ text, want, wantError }) => {
    if (wantError === undefined) expect(mutate(text, mutant)).toBe(want);
    else expect(() => mutate(text, mutant)).toThrow(wantError);
  });
});
