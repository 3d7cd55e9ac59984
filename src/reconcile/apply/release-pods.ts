// The releases of one decision, written: each pod gets its size and loses our gate in one patch, in
// the order in which they were decided, namespaces in turns. What is not begun in time is left to
// the next decision, and so is what is refused or has changed. A release that nobody answers counts
// as done until the watch has shown what became of it.

import { poolSizeAnnotation, resizedAnnotation } from "../../api/group.ts";
import { resizedText } from "../../api/resized.ts";
import type { Release } from "../../domain/decide/releases.ts";
import type { Clock, Cluster, Failure } from "../../ports.ts";
import { livePoolsCommand } from "../../render/live-rights.ts";
import type { LiveMemory } from "../memory/live-memory.ts";
import { releaseOf } from "../memory/refusals.ts";
import type { WriteAttempts } from "./attempts.ts";
import { unfinishedRetryMs } from "./status-writes.ts";
import { writeInTurns } from "./write-in-turns.ts";

export interface PodReleaser {
  readonly cluster: Pick<Cluster, "releasePod">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly live: LiveMemory;
}

/** For how long releases of one decision are begun. */
const writingMs = 2_000;

/** Those that went through. */
export async function releasePods(
  releaser: PodReleaser,
  releases: readonly Release[],
  { attempts, signal }: { readonly attempts: WriteAttempts; readonly signal: AbortSignal },
): Promise<readonly Release[]> {
  const done: Release[] = [];
  const { clock } = releaser;
  const endMs = clock.monotonicMs() + writingMs;
  await writeInTurns(releases, {
    ...{ clock, endMs, lastMs: endMs },
    namespaceOf: ({ position }) => position.workload.namespace,
    mustWait: () => signal.aborted,
    write: async (release) => {
      const { policy, workload } = release.position;
      const attempt = { policy, write: releaseOf(workload) };
      const isDone = await attempts.try(attempt, () => send(releaser, release, attempts.nowMs));
      if (isDone) done.push(release);
    },
    leave: ({ position }) => {
      attempts.leave(position.policy, unfinishedRetryMs);
    },
  });
  return done;
}

async function send(
  { cluster, clock, live }: PodReleaser,
  { pod, poolSize }: Release,
  atMs: number,
): Promise<Failure | undefined> {
  if (!pod.gate) return undefined;
  const sent = { poolSize, resizedAtMs: atMs, touches: 0, sentAtMs: clock.monotonicMs() };
  live.noteSent(pod.uid, sent);
  const outcome = await cluster.releasePod(
    { key: pod.name, uid: pod.uid },
    { gate: pod.gate, annotations: releaseAnnotations(poolSize, atMs) },
  );
  if (outcome.kind === "ok") return undefined;
  // Whoever gives no answer may have done it, or may do it yet.
  if (outcome.kind !== "unavailable") live.forgetSent(pod.uid, sent);
  if (outcome.kind !== "forbidden") return outcome;
  return { ...outcome, message: `${outcome.message}; to allow it: ${livePoolsCommand}` };
}

/** It had nothing before. */
export function releaseAnnotations(
  poolSize: number,
  atMs: number,
): Readonly<Record<string, string>> {
  return {
    [poolSizeAnnotation]: String(poolSize),
    [resizedAnnotation]: resizedText({ from: 0, atMs, touches: 0 }),
  };
}
