// What releases and resizes of one decision have in common: until when they are begun, and what is
// remembered of a size that is on its way to its pod. Nobody knows whether a pod has heard of it
// before there is an answer, or the watch has shown it.

import type { Position } from "../../domain/demand/position.ts";
import type { Clock, Failure, Outcome } from "../../ports.ts";
import { livePoolsCommand } from "../../render/live-rights.ts";
import type { WriteAttempts } from "./attempts.ts";
import type { PodTime } from "./pod-time.ts";
import type { LiveMemory, Sent } from "../memory/live-memory.ts";
import { lastMomentMs, type WriteTurns } from "./write-in-turns.ts";

type PodTurns = Omit<WriteTurns<{ readonly position: Position }>, "write" | "leave">;

/** For how long the first one of each namespace is begun, of each kind. */
const firstsMs = 2_000;

export interface PodWriting {
  readonly attempts: WriteAttempts;
  readonly signal: AbortSignal;
  /** By the monotonic clock. */
  readonly decidedAtMs: number;
  /** What pods may take of it. */
  readonly podTime: PodTime;
}

/** Namespaces in turns; none but the firsts when its time is over, or when the operator stops. */
export function podTurns(
  clock: Pick<Clock, "monotonicMs">,
  { signal, decidedAtMs, podTime }: Omit<PodWriting, "attempts">,
): PodTurns {
  const endMs = lastMomentMs(clock, podTime.leftMs, decidedAtMs);
  return {
    ...{ clock, endMs, lastMs: lastMomentMs(clock, firstsMs, decidedAtMs) },
    namespaceOf: ({ position }) => position.workload.namespace,
    mustWait: () => signal.aborted,
  };
}

export interface SizeTeller {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly live: LiveMemory;
}

/** Counts as told from now on, and no more once the answer says that nothing was done. */
export async function tellSize(
  { clock, live }: SizeTeller,
  { uid, ...size }: Omit<Sent, "sentAtMs"> & { readonly uid: string },
  write: () => Promise<Outcome<undefined>>,
): Promise<Failure | undefined> {
  const sent = { ...size, sentAtMs: clock.monotonicMs() };
  live.noteSent(uid, sent);
  const outcome = await write();
  if (outcome.kind === "ok") return undefined;
  // Whoever gives no answer may have done it, or may do it yet.
  if (outcome.kind !== "unavailable") live.forgetSent(uid, sent);
  if (outcome.kind !== "forbidden") return outcome;
  return { ...outcome, message: `${outcome.message}. To fix: run ${livePoolsCommand}` };
}
