// `make chaos EVENTS=100 SEED=1`: random events on the real parts, each printed with what was seen,
// and one line in the end. Ends with 1 where the promise was broken, or nothing came to rest.
import { rm } from "node:fs/promises";
import { ControlPlaneUnavailable } from "../support/control-plane/binaries.ts";
import { givenNumber } from "../support/given-setting.ts";
import { runChaos } from "./run.ts";
import type { Verdict } from "./run.ts";
import { BUDGET } from "./services.ts";

const LOG_FOLDER = "out/chaos";
const STILL_MS = 30_000;

function summarise(verdict: Verdict, events: number, seed: number): string {
  const { peakSessions, refused, violations, unsized, convergedMs } = verdict;
  const end =
    convergedMs === undefined
      ? "did not converge"
      : `converged in ${Math.ceil(convergedMs / 1000)} s`;
  return (
    `chaos: ${events} events, peak ${peakSessions} of ${BUDGET} slots, ${refused} refused logins, ` +
    `${violations.length} violations, unsized ${unsized}, ${end} (seed ${seed})`
  );
}

async function main(): Promise<number> {
  const events = givenNumber("EVENTS", { usual: 100, least: 1 });
  const seed = givenNumber("SEED", { usual: 1, least: 0 });
  await rm(LOG_FOLDER, { recursive: true, force: true });
  const say = (line: string): void => {
    console.log(line);
  };
  const verdict = await runChaos({ events, seed, stillMs: STILL_MS, say, logFolder: LOG_FOLDER });
  const { peakSlots, looks, rolls, violations, refused, convergedMs } = verdict;
  console.log(
    `${looks} looks at the server; the pods' own sizes were at most ${peakSlots} slots; ` +
      `${rolls} rollouts by the operator`,
  );
  for (const violation of violations) console.log(`violation: ${violation}`);
  console.log(summarise(verdict, events, seed));
  return violations.length === 0 && refused === 0 && convergedMs !== undefined ? 0 : 1;
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
    console.error(
      `chaos: ${isKnown ? error.message : String(error instanceof Error ? error.stack : error)}`,
    );
    return 1;
  }),
);
