// Each case of one program: what the real pool ends up with, and what Poolwarden counts for the
// same container. Both must be what the case says.
import { countedSize } from "./counted-size.ts";
import type { Outcome, Stage } from "./program.ts";
import { withoutSizes } from "./program.ts";
import { realSize } from "./real-size.ts";
import type { SizeCase } from "./size-cases.ts";
import type { SizeProgram } from "./size-programs.ts";

export async function measureSettings(
  stage: Stage,
  program: SizeProgram,
  folder: string,
): Promise<Outcome> {
  const cases = program.casesAt({ uri: stage.postgres.uri() }, program.run);
  const wrong: string[] = [];
  for (const one of cases) {
    const problems = [...misread(program, one), ...(await misjudged(stage, program, folder, one))];
    console.log(`${program.name}: ${one.says}: ${problems.join("; ") || String(one.opens)}`);
    wrong.push(...problems.map((problem) => `${one.says}: ${problem}`));
  }
  if (wrong.length > 0) return { kind: "failed", says: wrong.join("\n  ") };
  return { kind: "passed", says: `${cases.length} cases` };
}

/** What Poolwarden's reader says otherwise. */
function misread(program: SizeProgram, one: SizeCase): string[] {
  const { size, setElsewhere } = countedSize(program, one.container);
  // What does not start holds nothing, whatever is counted for it.
  const want = one.counts ?? one.opens;
  const problems = want === size || want === "nothing" ? [] : [`counted as ${size}, not ${want}`];
  const isOverridden = setElsewhere !== undefined;
  if (isOverridden === (one.isOverridden ?? false)) return problems;
  return [...problems, `said of what is set elsewhere: ${setElsewhere ?? "nothing"}`];
}

/** What the real pool does otherwise. */
async function misjudged(
  { postgres, workspace }: Stage,
  program: SizeProgram,
  folder: string,
  { container, opens }: SizeCase,
): Promise<string[]> {
  const env = withoutSizes(postgres, program.name);
  const { size, output } = await realSize(workspace, { folder, run: program.run, env }, container);
  return size === opens ? [] : [`opened ${size}, not ${opens}: ${output.slice(-800)}`];
}
