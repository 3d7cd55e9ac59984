// The resizes of one decision, written: kind after kind, and within each namespaces in turns. What
// is not begun in time is left to the next decision. None counts on another: what a shrink frees is
// given on only when the server has shown it. So nothing else waits for a refused one, either:
// the next decision is told of it.

import { poolSizeAnnotation, resizedAnnotation } from "../../api/group.ts";
import { toldSize } from "../../domain/decide/live-shares.ts";
import { type Resize, resizeKinds } from "../../domain/decide/resizes.ts";
import type { Cluster } from "../../ports.ts";
import { resizedText } from "../../api/resized.ts";
import type { FailureBeside } from "./attempts.ts";
import { podTurns, type PodWriting, type SizeTeller, tellSize } from "./pod-writes.ts";
import { unfinishedRetryMs } from "./status-writes.ts";
import { writeInTurns } from "./write-in-turns.ts";

export interface PodResizer extends SizeTeller {
  readonly cluster: Pick<Cluster, "resizePod">;
}

const what = "resize";
/** Its pod is asked nothing else until it is seen, or surely was not heard. */
const unansweredRetryMs = 1_000;

/** Those that went through. */
export async function resizePods(
  resizer: PodResizer,
  resizes: readonly Resize[],
  { attempts, ...writing }: PodWriting,
): Promise<readonly Resize[]> {
  const done: Resize[] = [];
  const turns = {
    ...podTurns(resizer.clock, writing),
    write: async (resize: Resize): Promise<void> => {
      const failure = await send(resizer, resize, attempts.nowMs);
      if (failure) attempts.noteBeside(resize.position.policy, failure);
      else done.push(resize);
    },
    leave: (): void => {
      attempts.again(unfinishedRetryMs);
    },
  };
  for (const kind of resizeKinds) {
    const phase = resizes.filter(({ why }) => why === kind);
    await writing.podTime.spend(() => writeInTurns(phase, turns));
  }
  return done;
}

async function send(
  resizer: PodResizer,
  resize: Resize,
  nowMs: number,
): Promise<FailureBeside | undefined> {
  const { pod, poolSize } = resize;
  const { uid, name: key } = pod;
  const { refused } = resizer.live;
  const resized = resizedOf(resize, nowMs);
  const { atMs: resizedAtMs, touches } = resized;
  const failure = await tellSize(resizer, { uid, poolSize, resizedAtMs, touches }, () => {
    const size = { [poolSizeAnnotation]: String(poolSize) };
    const annotations = { ...size, [resizedAnnotation]: resizedText(resized) };
    return resizer.cluster.resizePod({ key, uid }, { from: String(toldSize(pod)), annotations });
  });
  if (failure === undefined) {
    refused.forget(pod, resize.position.pool.pods);
    return undefined;
  }
  if (failure.kind === "unavailable") return { what, failure, retryMs: unansweredRetryMs };
  return { what, failure, retryMs: refused.note(pod, failure, nowMs) };
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
