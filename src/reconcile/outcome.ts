// What came of a decision, for the log and for the queue: when to look at the server again.

import type { Plan } from "../domain/decide/plan.ts";
import { countingHere } from "../domain/demand/standing.ts";
import type { Snapshot } from "../domain/facts/facts.ts";
import type { Log } from "../ports.ts";
import { after, done, type Result, soonest } from "../runtime/result.ts";
import type { Applied } from "./apply/apply.ts";
import type { Reporter } from "./report/report.ts";

export function againAfter(delayMs: number | undefined): Result {
  return delayMs === undefined ? done : after(delayMs);
}

export function logOutcome(log: Log, decision: Plan, applied: Applied): void {
  const { statuses, roll, eviction, failures } = applied;
  const fields = {
    server: decision.server,
    budgetSlots: decision.budgetSlots,
    usedSlots: decision.exposure.slots,
    workloads: decision.positions.length,
    statusWrites: statuses.length,
  };
  log.debug(fields, "decided");
  if (roll) {
    const { poolSize, position } = roll;
    log.info({ ...fields, workload: position.workload.key, poolSize }, "rollout started");
  }
  if (eviction) log.info({ ...fields, pod: eviction.pod.name }, "pod evicted");
  for (const { what, policy, failure } of failures) {
    const { kind, message: detail } = failure;
    const problem = { server: decision.server, policy: policy.key, what, kind, detail };
    if (failure.kind === "conflict") log.debug(problem, "written by somebody else meanwhile");
    else log.warn(problem, "a write did not go through");
  }
}

export function nextResult(
  { recheckAfterMs }: Plan,
  { retryAfterMs }: Pick<Applied, "retryAfterMs">,
): Result {
  const delays = [recheckAfterMs, retryAfterMs].filter((delayMs) => delayMs !== undefined);
  return soonest(...delays.map(after));
}

/** What is noted of the policies beside their facts. */
export function notesText(
  { notes }: Pick<Reporter, "notes">,
  snapshots: readonly Snapshot[],
): string {
  return JSON.stringify(snapshots.flatMap(countingHere).map(({ key }) => notes.of(key)));
}
