// Programs refuse what they cannot use, by the name that was typed, before they do anything.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseNumber } from "../../support/given-setting.ts";

const root = join(import.meta.dirname, "..", "..", "..");

test.each([
  { text: undefined, want: 7 },
  { text: "", want: 7 },
  { text: "3", want: 3 },
  { text: "0", want: undefined },
  { text: "-5", want: undefined },
  { text: "1.5", want: undefined },
  { text: "abc", want: undefined },
])("$text", ({ text, want }) => {
  expect(parseNumber(text, { usual: 7, least: 1 })).toBe(want);
});

test.each([
  { program: "fuzz", given: "FRAMES=abc" },
  { program: "fuzz", given: "FRAMES=-5" },
  { program: "fuzz", given: "SEED=zz" },
  { program: "simulation", given: "SEEDS=0" },
  { program: "chaos", given: "EVENTS=ten" },
  { program: "leader-kills", given: "KILLS=0" },
  { program: "leader-kills", given: "TIMES=shrt" },
  { program: "compare", given: "SEED=x" },
  { program: "soak", given: "SEED=x" },
])("$program refuses $given in one line", ({ program, given }) => {
  const [name = "", value = ""] = given.split("=");
  const main = join(root, "test", program, "main.ts");
  const env = { ...process.env, [name]: value };
  const { status, stderr, stdout } = spawnSync(process.execPath, [main], { env, encoding: "utf8" });
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr.trimEnd().split("\n")).toEqual([expect.stringContaining(`${given}: give `)]);
});
