// `make mutants`: each deliberate defect of the list is put into a copy of this tree, and has to be
// noticed there by the simulation, a law, or another test. One line each, and one line in the end;
// ends with 1 where a defect was not noticed, or where the checkers complain without any.
// ONLY=text picks mutants by name, SEEDS=n is how many seeds each gets, HINTS=0 forgets what caught
// them the last time, SAVE=1 remembers it.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pickByName } from "../support/pick-by-name.ts";
import { givenNumber } from "../support/given-setting.ts";
import { allMutants } from "./all-mutants.ts";
import { Control } from "./control.ts";
import { type Hint, hunt, type Hunt } from "./hunt.ts";
import { Trees } from "./tree.ts";

const hintsPath = join(import.meta.dirname, "hints.json");
const lanes = 2;

type Hints = Readonly<Record<string, Hint>>;

/** At most `lanes` at once, begun in the order of the list. */
async function inLanes<T, U>(list: readonly T[], run: (item: T) => Promise<U>): Promise<U[]> {
  const queue = [...list];
  const results: U[] = [];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      results.push(await run(item));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

function describe({ mutant, caught, seeds, seconds }: Hunt): string {
  const ran = `${seeds} ${seeds === 1 ? "seed" : "seeds"}, ${seconds.toFixed(1)} s`;
  if (!caught) return `SURVIVED  ${mutant.name} (${mutant.file}; ${ran})`;
  return `caught    ${mutant.name}: ${caught.by} (${ran})`;
}

async function save(before: Hints, hunts: readonly Hunt[]): Promise<void> {
  const now = new Map(hunts.map(({ mutant, caught }) => [mutant.name, caught?.hint]));
  const hints = allMutants.flatMap(({ name }) => {
    const hint = now.get(name) ?? before[name];
    return hint === undefined ? [] : [[name, hint] as const];
  });
  await writeFile(hintsPath, `${JSON.stringify(Object.fromEntries(hints), null, 2)}\n`);
}

async function main(): Promise<number> {
  const { ONLY, HINTS, SAVE } = process.env;
  const mutants = pickByName(allMutants, ONLY);
  const effort = {
    seeds: givenNumber("SEEDS", { usual: 60, least: 0 }),
    limitMs: givenNumber("LIMIT", { usual: 180, least: 1 }) * 1000,
  };
  const hints = JSON.parse(await readFile(hintsPath, "utf8")) as Hints;
  const trees = await Trees.create();
  await trees.check(mutants);
  const control = new Control(trees.original);
  const hunts = await inLanes(mutants, async (mutant) => {
    const hint = HINTS === "0" ? undefined : hints[mutant.name];
    const result = await hunt({ trees, control, effort }, mutant, hint);
    console.log(describe(result));
    return result;
  });
  await control.passesTests("test/property");
  if (SAVE === "1") await save(hints, hunts);
  const { complaints, seeds } = control;
  for (const complaint of complaints) console.log(`FAILS without any mutant: ${complaint}`);
  if (complaints.length === 0) console.log(`without any mutant: ${seeds} seeds and all tests pass`);
  const caught = hunts.filter((one) => one.caught).length;
  console.log(`mutants: ${caught} of ${hunts.length} caught`);
  return caught === hunts.length && complaints.length === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

process.exitCode = await main();
