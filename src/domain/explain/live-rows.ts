// What a row says of a live pool: the sizes of its running pods, what they may still hold, and what
// is done about it. Sizes change within seconds, so the row has the range and not each pod.

import type { WorkloadRow } from "../../api/poolpolicy.ts";
import { toldSize } from "../decide/live-shares.ts";
import type { Plan } from "../decide/plan.ts";
import type { PoolPlan } from "../decide/pool-plan.ts";
import { isRefused } from "../demand/live-pods.ts";
import type { Position } from "../demand/position.ts";
import type { Finding, PodFacts, PoolFacts } from "../facts/facts.ts";
import { isoTime } from "../words/iso-time.ts";
import { sayCount } from "../words/say-count.ts";
import { releasesOf, resizesOf, sizesGiven } from "./acts-of-pool.ts";
import { sayWaiting, waitingColumns } from "./waiting-rows.ts";

type LiveColumns = NonNullable<WorkloadRow["live"]>;

/** Nothing for a pool that needs restarts. */
export function liveColumns(plan: Plan, pool: PoolPlan): Partial<WorkloadRow> {
  const { index, position } = pool;
  const { live } = plan;
  const { resizablePods, restarting } = position;
  if (!resizablePods) return {};
  const given = sizesGiven(live);
  const sizes = resizablePods.map((pod) => given.get(pod.uid) ?? toldSize(pod));
  const resized = resizablePods.flatMap((pod) => pod.live?.resizedAtMs ?? []);
  const refused = resizablePods.filter(isRefused).length;
  return {
    live: {
      pods: resizablePods.length,
      otherPods: restarting.reduce((sum, { pods }) => sum + pods, 0),
      ...(sizes.length > 0 && { least: Math.min(...sizes), most: Math.max(...sizes) }),
      inForce: Math.max(0, ...resizablePods.map(({ own }) => own.poolSize)),
      unproven: unprovenPods(position),
      ...(refused > 0 && { refused }),
      ...waitingColumns(plan, pool),
      lackingSlots: live.lackingSlots.get(index) ?? 0,
      ...(resized.length > 0 && { resizedAt: isoTime(Math.max(...resized)) }),
      ...followedColumn(resizablePods),
    },
  };
}

/** Nothing while one of them is on its way to its size. */
function followedColumn(pods: readonly PodFacts[]): Pick<LiveColumns, "followedSince"> {
  const resized = pods.flatMap(({ live }) => (live?.resizedAtMs === undefined ? [] : live));
  const followed = resized.flatMap(({ earlier, isPending, followedAtMs }) =>
    earlier === undefined && isPending !== true ? (followedAtMs ?? []) : [],
  );
  if (followed.length === 0 || followed.length < resized.length) return {};
  return { followedSince: isoTime(Math.max(...followed)) };
}

function unprovenPods({ resizablePods = [] }: Position): number {
  return resizablePods.filter(({ live }) => live?.earlier !== undefined).length;
}

interface LiveReading {
  readonly decision: "Shrink" | "Grow" | "Wait" | "Unchanged";
  readonly reason:
    "PodsResized" | "PodsReleased" | "PodsWaiting" | "ResizeRefused" | "GrowthWaiting" | "Applied";
  readonly message: string;
}

export function liveReading(plan: Plan, pool: PoolPlan): LiveReading | undefined {
  const { index, position, share } = pool;
  if (!position.resizablePods) return undefined;
  const own = resizesOf(plan, index).filter(({ why }) => why !== "Touch");
  const said = `running pods get ${share} each, new pods start with ${pool.grant.poolSize}`;
  const gated = gateReading(plan, pool, said);
  if (gated) return gated;
  if (own.length > 0) {
    const decision = own.some(({ why }) => why === "Grow") ? "Grow" : "Shrink";
    const message = `${sayCount(own.length, "running pod")} resized; ${said}`;
    return { decision, reason: "PodsResized", message };
  }
  const refused = position.resizablePods.filter(isRefused);
  if (refused.length > 0) {
    const message = `the API server refuses to resize ${sayCount(refused.length, "running pod")}; ${said}`;
    return { decision: "Wait", reason: "ResizeRefused", message };
  }
  const lacking = plan.live.lackingSlots.get(index) ?? 0;
  if (lacking === 0) return { decision: "Unchanged", reason: "Applied", message: said };
  const message = `running pods wait for ${sayCount(lacking, "slot")}; ${said}`;
  return { decision: "Wait", reason: "GrowthWaiting", message };
}

/** Of new pods that start, or go on waiting. */
function gateReading(plan: Plan, pool: PoolPlan, said: string): LiveReading | undefined {
  const started = releasesOf(plan, pool.index);
  if (started.length > 0) {
    const message = `${sayCount(started.length, "new pod")} released; ${said}`;
    return { decision: "Grow", reason: "PodsReleased", message };
  }
  const waiting = sayWaiting(plan, pool);
  if (waiting === "") return undefined;
  return { decision: "Wait", reason: "PodsWaiting", message: `${waiting}; ${said}` };
}

export function liveFindings(position: Position): Finding[] {
  const found = [notFollowing(position), resizeRefused(position), resizeUndone(position)];
  return found.filter((one) => one !== undefined);
}

/** The first of the pods that cannot be resized: which, since when, and in whose words. */
function resizeRefused({ resizablePods = [] }: Position): Finding | undefined {
  const pods = resizablePods.filter(isRefused);
  const [first] = pods;
  if (!first?.live?.refused) return undefined;
  const { sinceMs = 0, message: words } = first.live.refused;
  const message =
    `pod ${first.name} keeps pool size ${toldSize(first)}: since ${isoTime(sinceMs)} each change of ` +
    `its annotations was refused${sayMore(pods)}: ${words}. Nobody waits for it. To fix: let ` +
    "Poolwarden's account update pods (an admission webhook may refuse it); or replace the pod";
  return { reason: "ResizeRefused", severity: "degraded", message };
}

function sayMore(pods: readonly PodFacts[]): string {
  return pods.length > 1 ? ` (${sayCount(pods.length - 1, "more pod")} likewise)` : "";
}

/** They show more than their size, though they were told it once more; or cannot be told. */
export function podsNotFollowing(pods: readonly PodFacts[]): readonly PodFacts[] {
  return pods.filter(({ live, terminating }) => {
    if (!live || terminating) return false;
    if (live.away?.why !== undefined || live.isGivenUp === true) return true;
    return live.seen !== undefined && live.touches > 0;
  });
}

/** The first of them with its numbers: which pod, what it was told, and what is seen of it. */
function notFollowing({ pool }: Position): Finding | undefined {
  const over = podsNotFollowing(pool.pods);
  const [first] = over;
  if (!first?.live) return undefined;
  const { size, seen, away } = first.live;
  if (away?.why !== undefined) return { ...degraded, message: sayAway(first, away.why, over) };
  const shows = seen === undefined ? "has not followed" : `shows ${seen}`;
  const next =
    first.live.isResized === true
      ? "and it is told once more"
      : "until it is replaced, by a rollout if its slots are needed";
  const message =
    `pod ${first.name} was told pool size ${size} and ${shows}${sayMore(over)}: it counts with ` +
    `${first.own.poolSize}, ${next}. To fix: ${followingWay(pool)}`;
  return { ...degraded, message };
}

const degraded = { reason: "NotFollowing", severity: "degraded" } as const;

function followingWay({ console }: PoolFacts): string {
  if (console === undefined) return "see that the application follows its size file";
  return "see SHOW SERVERS on its console: a long transaction keeps its connection until it ends";
}

/** Its console does not answer. */
function sayAway({ name, own }: PodFacts, why: string, over: readonly PodFacts[]): string {
  return (
    `pod ${name} cannot be told a size${sayMore(over)}: ${why}. It counts with ${own.poolSize}, ` +
    "and does not grow. Connections that it was told to give back stay reserved for it"
  );
}

/** The one that was put back last. */
function resizeUndone({ pool: { pods } }: Position): Finding | undefined {
  const undone = pods.filter(({ console }) => console?.undone !== undefined);
  const atMs = ({ console }: PodFacts): number => console?.undone?.atMs ?? 0;
  const [first] = undone.toSorted((a, b) => atMs(b) - atMs(a) || (a.name < b.name ? -1 : 1));
  if (!first?.console?.undone) return undefined;
  const message =
    `somebody else has set the pools of pod ${first.name} to ${first.console.undone.found}${sayMore(undone)}: ` +
    `found ${isoTime(atMs(first))}, and set to its size again. A RELOAD undoes what was set on the console. ` +
    "To fix: roll the pooler out instead of reloading it";
  return { reason: "ResizeUndone", severity: "degraded", message };
}
