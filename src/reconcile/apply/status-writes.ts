// The statuses of one decision, written: phase by phase, and within a phase namespaces in turns.
// Those of many policies take their time, and meanwhile nothing new is decided. So after a while
// the rest is left to the next decision, which begins with what shrinks then.

import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { PolicyFacts, PolicyKey } from "../../domain/facts/facts.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import { countingHere } from "../../domain/demand/standing.ts";
import { writePhases } from "../../domain/decide/write-order.ts";
import type { Clock, Cluster, Failure } from "../../ports.ts";
import type { WriteAttempts } from "./attempts.ts";
import type { DoubtfulGrants } from "../memory/doubtful-grants.ts";
import type { Expectations } from "../memory/expectations.ts";
import { isKept, overfullRetryMs } from "./overfull-status.ts";
import { statusOf } from "../memory/refusals.ts";
import type { PodTime } from "./pod-time.ts";
import { lastMomentMs, writeInTurns } from "./write-in-turns.ts";
import { buildStatus, type WrittenStatus } from "./write-status.ts";
import type { WrittenStatuses } from "../memory/written-statuses.ts";

export interface StatusWriter {
  readonly cluster: Pick<Cluster, "writeStatus">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly statuses: Expectations<WrittenStatus>;
  readonly written: WrittenStatuses;
  readonly doubtful: DoubtfulGrants;
  /** What was decided on is what the policy says now. */
  readonly isCurrent: (policy: PolicyKey) => boolean;
}

export interface StatusWrite {
  readonly policy: PolicyFacts;
  readonly status: PoolPolicyStatus;
}

/** A policy that was edited since is decided anew soon. */
const editedRetryMs = 500;
/** For how long writes of one decision are begun, on however many servers it is. */
const writingMs = 2_000;
/** For how long the first one of each namespace is, in each phase. */
const firstsMs = 6_000;
/** What of a decision was left to the next one. */
export const unfinishedRetryMs = 250;

interface Writing {
  readonly attempts: WriteAttempts;
  readonly signal: AbortSignal;
  /** By the monotonic clock. */
  readonly decidedAtMs: number;
  /** What pods took of it is not taken from the statuses. */
  readonly podTime: Pick<PodTime, "spentMs">;
}

/** Those that went through, in the order in which they did. */
export async function writeStatuses(
  writer: StatusWriter,
  plan: Plan,
  { attempts, signal, decidedAtMs, podTime }: Writing,
): Promise<readonly StatusWrite[]> {
  const { clock, written } = writer;
  const done: StatusWrite[] = [];
  const turns = {
    ...{ clock, endMs: decidedAtMs + writingMs + podTime.spentMs },
    namespaceOf: ({ policy }: StatusWrite) => policy.namespace,
    mustWait: (one: StatusWrite) => signal.aborted || mustWait(writer, one, attempts),
    write: async (one: StatusWrite): Promise<void> => {
      if (await writeOne(writer, one, attempts)) done.push(one);
    },
    leave: ({ policy }: StatusWrite): void => {
      attempts.leave(policy, unfinishedRetryMs);
    },
  };
  const triedAtMs = (policy: PolicyKey): number => written.triedAtMs(policy);
  const phases = writePhases(unwritten(writer, plan, attempts), plan.pools, triedAtMs);
  for (const phase of phases) {
    await writeInTurns(phase, { ...turns, lastMs: lastMomentMs(clock, firstsMs, decidedAtMs) });
  }
  return done;
}

/** What is to be written, by what is stored. */
function unwritten(
  { written, clock }: StatusWriter,
  plan: Plan,
  attempts: WriteAttempts,
): StatusWrite[] {
  return countingHere(plan.snapshot).flatMap((policy) => {
    written.look(policy, clock.monotonicMs());
    const status = buildStatus(plan, policy);
    // Nothing that counts on other grants than those that stand is rolled; others come first.
    if (isKept(status)) attempts.leave(policy, overfullRetryMs);
    return written.isWritten(policy, status) ? [] : [{ policy, status }];
  });
}

async function writeOne(
  writer: StatusWriter,
  write: StatusWrite,
  attempts: WriteAttempts,
): Promise<boolean> {
  const { clock, written } = writer;
  written.noteTry(write.policy.key, clock.monotonicMs());
  const attempt = { policy: write.policy, write: statusOf(write.policy) };
  return await attempts.try(attempt, () => send(writer, write, attempts.nowMs));
}

function mustWait(
  { isCurrent, written }: StatusWriter,
  { policy, status }: StatusWrite,
  attempts: WriteAttempts,
): boolean {
  if (!isCurrent(policy.key)) {
    attempts.leave(policy, editedRetryMs);
    return true;
  }
  const heldMs = written.heldUntilMs(policy, status, attempts.nowMs) - attempts.nowMs;
  if (heldMs > 0) attempts.defer(policy, heldMs);
  return heldMs > 0 || attempts.isRefused({ policy, write: statusOf(policy) });
}

async function send(
  { cluster, statuses, written, doubtful }: StatusWriter,
  { policy, status }: StatusWrite,
  nowMs: number,
): Promise<Failure | undefined> {
  const outcome = await cluster.writeStatus(policy.key, policy.resourceVersion, status);
  if (outcome.kind === "unavailable") doubtful.note(policy, status);
  if (outcome.kind !== "ok") return outcome;
  const { resourceVersion } = outcome.value;
  statuses.expect(policy.key, resourceVersion, { resourceVersion, status });
  written.note(policy, { resourceVersion, status }, nowMs);
  return undefined;
}
