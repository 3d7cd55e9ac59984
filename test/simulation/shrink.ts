// Makes a failing scenario short: leaves out events, halves of them first, as long as it still
// fails in the same way (delta debugging). What is left is what a person has to think about.

import { type Outcome, simulate } from "./run.ts";
import type { Scenario, ScenarioEvent } from "./scenario.ts";

/** Runs are cheap, but a person waits. */
const runsMax = 150;

export async function shrink(scenario: Scenario, failed: Outcome): Promise<Outcome> {
  let best = failed;
  let events = untilFailure(scenario.events, failed);
  let runs = 0;
  const stillFails = async (fewer: readonly ScenarioEvent[]): Promise<boolean> => {
    runs += 1;
    const outcome = await simulate({ ...scenario, events: fewer });
    if (outcome.violation?.rule !== failed.violation?.rule) return false;
    best = outcome;
    events = untilFailure(fewer, outcome);
    return true;
  };
  for (let size = Math.ceil(events.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < events.length && runs < runsMax;) {
      const fewer = [...events.slice(0, from), ...events.slice(from + size)];
      if (!(await stillFails(fewer))) from += size;
    }
  }
  return best;
}

/** What happens after the failure is no cause of it. */
function untilFailure(
  events: readonly ScenarioEvent[],
  { violation }: Outcome,
): readonly ScenarioEvent[] {
  return events.filter(({ atMs }) => atMs <= (violation?.atMs ?? Infinity));
}
