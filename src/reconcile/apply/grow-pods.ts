// The growth of one decision beside its grants: running pods that get more, and pods behind the
// gate that start. It comes after the statuses, which say it first. Each of them is written only to
// the version that was decided on, so of two operators that act at once, by mistake, one meets a
// conflict, and grows nothing. Who sees the status of another one waits until the sizes that the
// other one has given are surely seen as well.

import type { Plan } from "../../domain/decide/plan.ts";
import type { Release } from "../../domain/decide/releases.ts";
import type { Resize } from "../../domain/decide/resizes.ts";
import { countingHere } from "../../domain/demand/standing.ts";
import type { GrowthHolds } from "../memory/growth-holds.ts";
import type { WrittenStatuses } from "../memory/written-statuses.ts";
import type { WriteAttempts } from "./attempts.ts";
import type { PodWriting, SizeTeller } from "./pod-writes.ts";
import { type PodReleaser, releasePods } from "./release-pods.ts";
import { type PodResizer, resizePods } from "./resize-pods.ts";

export interface PodGrower extends SizeTeller {
  readonly cluster: PodResizer["cluster"] & PodReleaser["cluster"];
  readonly written: Pick<WrittenStatuses, "othersUntilMs">;
  readonly growth: GrowthHolds;
}

export interface Growth {
  readonly resizes: readonly Resize[];
  readonly releases: readonly Release[];
}

function growthOf({ live: { resizes, releases } }: Plan): Growth {
  return { resizes: resizes.filter(({ why }) => why === "Grow"), releases };
}

/** What the statuses say of it: what did not go through the last time is told once it has. */
export function toldGrowth(growth: GrowthHolds, plan: Plan): Growth {
  const { resizes, releases } = growthOf(plan);
  const isTold = ({ pod }: Resize | Release): boolean => !growth.isUndone(plan.server, pod.uid);
  return { resizes: resizes.filter(isTold), releases: releases.filter(isTold) };
}

/** Those that went through. */
export async function growPods(
  grower: PodGrower,
  plan: Plan,
  writing: PodWriting,
): Promise<Growth> {
  const wanted = growthOf(plan);
  const isFree = freeToGrow(grower, plan, writing.attempts);
  const resizes = await resizePods(grower, wanted.resizes.filter(isFree), writing);
  const releases = await releasePods(grower, wanted.releases.filter(isFree), writing);
  const done = new Set([...resizes, ...releases].map(({ pod }) => pod.uid));
  const all = [...wanted.resizes, ...wanted.releases].map(({ pod }) => pod.uid);
  grower.growth.noteUndone(plan.server, new Set(all.filter((uid) => !done.has(uid))));
  return { resizes, releases };
}

/** Where no status met another writer now, and none was seen from one lately. */
function freeToGrow(
  { clock, written, growth }: PodGrower,
  { server, snapshot }: Plan,
  attempts: WriteAttempts,
): (one: Resize | Release) => boolean {
  const monotonicMs = clock.monotonicMs();
  const seen = countingHere(snapshot).filter(({ key }) => written.othersUntilMs(key) > monotonicMs);
  const contested = new Set([...attempts.passingOf, ...seen.map(({ key }) => key)]);
  const { namespaceQuotas = [] } = snapshot;
  const scene = { server, namespaceQuotas, monotonicMs };
  return ({ position: { policy } }) => {
    const isHeld = growth.isHeld(policy.key, contested, scene);
    for (const { key } of isHeld ? seen : []) {
      attempts.again(written.othersUntilMs(key) - monotonicMs);
    }
    return !isHeld;
  };
}
