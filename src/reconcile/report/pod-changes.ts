// What is said of pods that were changed in a decision: one event for each pool, however many of
// its pods, and how long those have waited that start now.

import type { Announcement } from "../../domain/explain/announcements.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import type { Position } from "../../domain/demand/position.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { Metrics } from "../../ports.ts";
import type { Applied } from "../apply/apply.ts";

/** A running pod that is resized, or one that starts. */
export interface PodChange {
  readonly position: Position;
}

export function podsResized({ resizes }: Pick<Applied, "resizes">): Announcement[] {
  const changed = resizes.filter(({ why }) => why !== "Touch");
  return [...Map.groupBy(changed, ({ position }) => position)].map(([position, some]) => {
    const { policy, workload } = position;
    const said = (["Shrink", "Grow"] as const).flatMap((kind) => {
      const sizes = some.filter(({ why }) => why === kind).map(({ poolSize }) => poolSize);
      if (sizes.length === 0) return [];
      const verb = kind === "Grow" ? "grow" : "shrink";
      return `${sayCount(sizes.length, "running pod")} to ${verb} to pool size ${sayRange(sizes)}`;
    });
    const message = `${workload.kind}/${workload.name}: ${said.join(", ")}`;
    return { policy, workload, type: "Normal", reason: "PodsResized", message };
  });
}

function sayRange(sizes: readonly number[]): string {
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

export function podsReleased(
  { releases }: Pick<Applied, "releases">,
  nowMs: number,
): Announcement[] {
  return [...Map.groupBy(releases, ({ position }) => position)].map(([position, some]) => {
    const { policy, workload } = position;
    const sizes = sayRange(some.map(({ poolSize }) => poolSize));
    const longestMs = Math.max(...some.map(({ pod }) => waitedMs(pod, nowMs)));
    const message =
      `${workload.kind}/${workload.name}: ${sayCount(some.length, "new pod")} released with pool ` +
      `size ${sizes}, after at most ${Math.round(longestMs / 1000)} s`;
    return { policy, workload, type: "Normal", reason: "PodsReleased", message };
  });
}

export function observeWaits(
  metrics: Pick<Metrics, "observe">,
  { server, nowMs }: Pick<Plan, "server" | "nowMs">,
  { releases }: Pick<Applied, "releases">,
): void {
  for (const { pod } of releases) {
    metrics.observe("poolwarden_slot_wait_seconds", waitedMs(pod, nowMs) / 1000, { server });
  }
}

/** A clock that was set back does not make it less than nothing. */
function waitedMs({ createdAtMs }: Applied["releases"][number]["pod"], nowMs: number): number {
  return Math.max(0, nowMs - createdAtMs);
}
