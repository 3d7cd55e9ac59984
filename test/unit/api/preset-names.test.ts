// Which preset a variable is of, by what stands behind its prefix.

import { describe, expect, it } from "vitest";
import { isSizeUnderPrefix, presetOfSize, presetUnder } from "../../../src/api/preset-names.ts";
import { presets } from "../../../src/api/presets.ts";

describe("the preset of a variable", () => {
  it.each([
    ["DB_POOL_MAX_SIZE", { preset: "generic" }],
    ["SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", { preset: "hikari" }],
    ["REPORTS_DATASOURCE_MAXIMUMPOOLSIZE", { preset: "hikari", prefix: "REPORTS_DATASOURCE" }],
    ["A_MAXTOTAL", { preset: "dbcp2", prefix: "A" }],
    // Any pool may be called so.
    ["REPORTS_POOL_MAX_SIZE", undefined],
    ["MAXIMUMPOOLSIZE", undefined],
    ["SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", undefined],
  ])("%s", (name, want) => {
    expect(presetOfSize(name)).toEqual(want);
  });
});

it("a pooler's image fixes its names, whatever the prefix", () => {
  expect(presetUnder("pgbouncer", "reports")).toBe(presets.pgbouncer);
});

it.each([
  ["app.reports.max-active", true],
  ["app.reports.maxTotal", true],
  ["app.reports.max-lifetime", false],
  [`${"x".repeat(125)}.max-active`, false],
])("%s may be a size under a prefix: %s", (name, want) => {
  expect(isSizeUnderPrefix(name)).toBe(want);
});
