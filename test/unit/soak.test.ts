// No program of the Makefile can rot unseen: each runs in `make soak`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandOf, longRuns, shortRuns } from "../soak/programs.ts";

const makefile = readFileSync(join(import.meta.dirname, "../../Makefile"), "utf8");
/** Each target with what it runs. */
const recipes = [...makefile.matchAll(/^([a-z0-9-]+):[^\n]*\n((?:\t[^\n]*\n)+)/gm)].map(
  ([, target = "", recipe = ""]) => ({ target, recipe }),
);
/** `control-plane` runs until Ctrl-C, so another target does it and presses that. */
const others = new Set(["soak", "control-plane"]);

test("every program is run at its full length by make soak", () => {
  const programs = recipes.flatMap(({ target, recipe }) => {
    const isProgram = /node [^\n]*test\/\S+\/main\.ts/.test(recipe);
    return isProgram && !others.has(target) ? [target] : [];
  });
  const run = longRuns(1).map(({ target }) => target);
  expect(programs).toContain("bench");
  expect(programs.filter((target) => !run.includes(target))).toEqual([]);
});

test("what is run is a target, and each run is another", () => {
  const targets = recipes.map(({ target }) => target);
  for (const runs of [longRuns(1), shortRuns]) {
    expect(runs.filter(({ target }) => !targets.includes(target))).toEqual([]);
    expect(new Set(runs.map(commandOf)).size).toBe(runs.length);
  }
});
