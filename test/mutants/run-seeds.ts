// Runs seeds of the simulation one after the other, in the tree that it stands in, until one fails:
// `node test/mutants/run-seeds.ts 7,1,2,3`. Each seed that was run is told on a line of its own. A
// run that ends in an exception has failed too: the one without a defect does not.

import { simulate } from "../simulation/run.ts";
import { drawScenario } from "../simulation/scenario.ts";

export interface SeedLine {
  readonly seed: number;
  readonly rule: string | undefined;
  readonly message: string | undefined;
}

async function run(seed: number): Promise<SeedLine> {
  try {
    const { violation } = await simulate(drawScenario(seed));
    return { seed, rule: violation?.rule, message: violation?.message };
  } catch (error) {
    return { seed, rule: "ends in an exception", message: String(error) };
  }
}

for (const seed of (process.argv[2] ?? "").split(",").map(Number)) {
  const line = await run(seed);
  console.log(JSON.stringify(line));
  if (line.rule !== undefined) break;
}
