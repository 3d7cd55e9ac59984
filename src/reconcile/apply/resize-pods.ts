// The resizes of one decision, written: kind after kind, and within each namespaces in turns. What
// is not begun in time is left to the next decision. None counts on another: what a shrink frees is
// given on only when the server has shown it. So nothing else waits for a refused one, either:
// the next decision is told of it.

import { poolSizeAnnotation, resizedAnnotation } from "../../api/group.ts";
import { toldSize } from "../../domain/decide/live-shares.ts";
import { type Resize, resizeKinds } from "../../domain/decide/resizes.ts";
import type { Clock, Cluster, Failure } from "../../ports.ts";
import { livePoolsCommand } from "../../render/live-rights.ts";
import type { LiveMemory } from "../memory/live-memory.ts";
import { resizedText } from "../../api/resized.ts";
import type { FailureBeside, WriteAttempts } from "./attempts.ts";
import { unfinishedRetryMs } from "./status-writes.ts";
import { writeInTurns } from "./write-in-turns.ts";

export interface PodResizer {
  readonly cluster: Pick<Cluster, "resizePod">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly live: LiveMemory;
}

const what = "resize";
/** Its pod is asked nothing else until it is seen, or surely was not heard. */
const unansweredRetryMs = 1_000;
/** For how long resizes of one decision are begun. */
const writingMs = 2_000;

/** Those that went through. */
export async function resizePods(
  resizer: PodResizer,
  resizes: readonly Resize[],
  { attempts, signal }: { readonly attempts: WriteAttempts; readonly signal: AbortSignal },
): Promise<readonly Resize[]> {
  const done: Resize[] = [];
  const { clock } = resizer;
  const endMs = clock.monotonicMs() + writingMs;
  for (const kind of resizeKinds) {
    const phase = resizes.filter(({ why }) => why === kind);
    await writeInTurns(phase, {
      ...{ clock, endMs, lastMs: endMs },
      namespaceOf: ({ position }) => position.workload.namespace,
      mustWait: () => signal.aborted,
      write: async (resize) => {
        const failure = await send(resizer, resize, attempts.nowMs);
        if (failure) attempts.noteBeside(resize.position.policy, failure);
        else done.push(resize);
      },
      leave: () => {
        attempts.again(unfinishedRetryMs);
      },
    });
  }
  return done;
}

async function send(
  { cluster, clock, live }: PodResizer,
  resize: Resize,
  nowMs: number,
): Promise<FailureBeside | undefined> {
  const { pod, poolSize } = resize;
  const resized = resizedOf(resize, nowMs);
  const { atMs: resizedAtMs, touches } = resized;
  const sent = { poolSize, resizedAtMs, touches, sentAtMs: clock.monotonicMs() };
  live.noteSent(pod.uid, sent);
  const outcome = await cluster.resizePod(
    { key: pod.name, uid: pod.uid },
    {
      from: String(toldSize(pod)),
      annotations: {
        [poolSizeAnnotation]: String(poolSize),
        [resizedAnnotation]: resizedText(resized),
      },
    },
  );
  if (outcome.kind === "ok") {
    live.refused.forget(pod, resize.position.pool.pods);
    return undefined;
  }
  // Whoever gives no answer may have done it, or may do it yet.
  if (outcome.kind === "unavailable") return { what, failure: outcome, retryMs: unansweredRetryMs };
  live.forgetSent(pod.uid, sent);
  const failure = outcome.kind === "forbidden" ? explained(outcome.message) : outcome;
  return { what, failure, retryMs: live.refused.note(pod, failure, nowMs) };
}

/** What it counts as now it may hold until it has left it; a touch changes no time. */
function resizedOf({ pod, why }: Resize, nowMs: number): Parameters<typeof resizedText>[0] {
  const { resizedAtMs, touches = 0, earlier = 0, from = 0 } = pod.live ?? {};
  if (why === "Touch") {
    const most = Math.max(earlier, from);
    return { from: most, atMs: resizedAtMs ?? nowMs, touches: touches + 1 };
  }
  // Two changes within one moment are told apart by their times.
  const atMs = Math.max(nowMs, (resizedAtMs ?? 0) + 1);
  return { from: pod.own.poolSize, atMs, touches: 0 };
}

function explained(message: string): Failure {
  return { kind: "forbidden", message: `${message}; to allow it: ${livePoolsCommand}` };
}
