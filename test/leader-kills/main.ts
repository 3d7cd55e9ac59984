// `make leader-kills KILLS=20 SEED=1 TIMES=short`: leaders of the operator are lost on the real
// parts, one after the other, and one line in the end says what that did. Ends with 1 where there
// was a second writer, or the budget was missed.
import { rm } from "node:fs/promises";
import { BUDGET } from "../chaos/services.ts";
import { ControlPlaneUnavailable } from "../support/control-plane/binaries.ts";
import { givenNumber, givenWord } from "../support/given-setting.ts";
import { runLeaderKills } from "./run.ts";
import { summarise } from "./summary.ts";
import { SHORT_TIMES, USUAL_TIMES } from "./times.ts";

const LOG_FOLDER = "out/leader-kills";

async function main(): Promise<number> {
  const kills = givenNumber("KILLS", { usual: 20, least: 1 });
  const seed = givenNumber("SEED", { usual: 1, least: 1 });
  const times = givenWord("TIMES", ["short"]) === "short" ? SHORT_TIMES : USUAL_TIMES;
  await rm(LOG_FOLDER, { recursive: true, force: true });
  const startMs = performance.now();
  const say = (line: string): void => {
    console.log(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  };
  const verdict = await runLeaderKills({ kills, seed, times, say, logFolder: LOG_FOLDER });
  for (const line of summarise(verdict, times.leaseDuration, BUDGET)) console.log(line);
  const { intrusions, violations, refused } = verdict;
  return intrusions.length + violations.length + refused === 0 ? 0 : 1;
}

// What was started ends with this process, however that ends.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => process.exit(code));
}

process.exit(
  await main().catch((error: unknown) => {
    const isKnown = error instanceof ControlPlaneUnavailable;
    const said = isKnown ? error.message : String(error instanceof Error ? error.stack : error);
    console.error(`leader-kills: ${said}`);
    return 1;
  }),
);
