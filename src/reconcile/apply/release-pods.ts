// The releases of one decision, written: each pod gets its size and loses our gate in one patch, in
// the order in which they were decided, namespaces in turns. What is not begun in time is left to
// the next decision, and so is what is refused or has changed. A release that nobody answers counts
// as done until the watch has shown what became of it.

import { poolSizeAnnotation, releasedAnnotation, resizedAnnotation } from "../../api/group.ts";
import { resizedText } from "../../api/resized.ts";
import type { Release } from "../../domain/decide/releases.ts";
import type { Cluster, Failure } from "../../ports.ts";
import { releaseOf } from "../memory/refusals.ts";
import { podTurns, type PodWriting, type SizeTeller, tellSize } from "./pod-writes.ts";
import { unfinishedRetryMs } from "./status-writes.ts";
import { writeInTurns } from "./write-in-turns.ts";

export interface PodReleaser extends SizeTeller {
  readonly cluster: Pick<Cluster, "releasePod">;
}

/** Those that went through. */
export async function releasePods(
  releaser: PodReleaser,
  releases: readonly Release[],
  { attempts, ...writing }: PodWriting,
): Promise<readonly Release[]> {
  const done: Release[] = [];
  const turns = {
    ...podTurns(releaser.clock, writing),
    write: async (release: Release): Promise<void> => {
      const { policy, workload } = release.position;
      const attempt = { policy, write: releaseOf(workload) };
      const isDone = await attempts.try(attempt, () => send(releaser, release, attempts.nowMs));
      if (isDone) done.push(release);
    },
    leave: ({ position }: Release): void => {
      attempts.leave(position.policy, unfinishedRetryMs);
    },
  };
  await writing.podTime.spend(() => writeInTurns(releases, turns));
  return done;
}

async function send(
  releaser: PodReleaser,
  { pod: { name: key, uid, gate }, poolSize }: Release,
  atMs: number,
): Promise<Failure | undefined> {
  if (!gate) return undefined;
  return await tellSize(releaser, { uid, poolSize, resizedAtMs: atMs, touches: 0 }, () => {
    const annotations = releaseAnnotations(uid, poolSize, atMs);
    return releaser.cluster.releasePod({ key, uid }, { gate, annotations });
  });
}

/** It had nothing before, and says from now on that it came through the gate. */
export function releaseAnnotations(
  uid: string,
  poolSize: number,
  atMs: number,
): Readonly<Record<string, string>> {
  return {
    [poolSizeAnnotation]: String(poolSize),
    [resizedAnnotation]: resizedText({ from: 0, atMs, touches: 0 }),
    [releasedAnnotation]: uid,
  };
}
