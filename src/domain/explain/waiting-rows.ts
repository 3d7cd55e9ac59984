// What is said of new pods that wait behind the gate: how many, for how many slots, since when, and
// who holds those slots. Pods wait for seconds all the time where fleets are scaled: only what
// takes longer than a minute is a finding.

import { poolNameIn } from "../../api/keys.ts";
import type { WorkloadRow } from "../../api/poolpolicy.ts";
import { startSizeOf } from "../decide/live-shares.ts";
import type { Plan } from "../decide/plan.ts";
import { ownPools, type PoolPlan } from "../decide/pool-plan.ts";
import { startSlotsOf } from "../decide/releases.ts";
import { heldSlots, type Position } from "../demand/position.ts";
import { longWaitMs, waitingPodsOf } from "../demand/start-gate.ts";
import type { PodFacts, PolicyKey } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { nameFew, type WorkloadFinding } from "../words/fold-findings.ts";
import { isoTime } from "../words/iso-time.ts";
import { sayCount } from "../words/say-count.ts";
import { sayOwner } from "../words/say-owner.ts";
import { released } from "./acts-of-pool.ts";

/** Those that go on waiting, the oldest first. */
export function stillWaiting({ live }: Pick<Plan, "live">, { position }: PoolPlan): PodFacts[] {
  const waiting = waitingPodsOf(position.pool);
  if (waiting.length === 0) return waiting;
  const started = released(live);
  return waiting.filter(({ uid }) => !started.has(uid));
}

export function waitingColumns(
  plan: Plan,
  pool: PoolPlan,
): Pick<NonNullable<WorkloadRow["live"]>, "waiting" | "waitingSince"> {
  const waiting = stillWaiting(plan, pool);
  const [oldest] = waiting;
  if (!oldest) return {};
  return { waiting: waiting.length, waitingSince: isoTime(oldest.createdAtMs) };
}

/** `2 new pods wait for 6 slots since …: …`; empty where none does. */
export function sayWaiting(plan: Plan, pool: PoolPlan): string {
  const { index, position } = pool;
  const waiting = stillWaiting(plan, pool);
  const [oldest] = waiting;
  if (!oldest) return "";
  const slots = startSlotsOf({ position, poolSize: startSizeOf(position), pods: waiting });
  const verb = waiting.length === 1 ? "waits" : "wait";
  const what = `${sayCount(waiting.length, "new pod")} ${verb} for ${sayCount(slots, "slot")} since ${isoTime(oldest.createdAtMs)}`;
  if (plan.live.unfitting.has(index)) {
    return `${what}: one of them needs more than its limit has, so nothing is kept for it`;
  }
  if (!plan.live.lackingSlots.has(index)) return `${what}: nothing is given out at the moment`;
  const why =
    plan.live.excessSlots.size > 0
      ? "running pods are giving slots back"
      : "no live pool has more than its floor";
  return `${what}: ${why}${sayHeldBy(plan, position.policy.key)}`;
}

function sayHeldBy({ positions }: Plan, reader: PolicyKey): string {
  const names = nameFew(
    largestHolders(positions),
    (one) => `${sayOwner(one, reader)} (${heldSlots(one)})`,
  );
  return names === "" ? "" : `; slots are held by ${names}`;
}

/** The same for all readers. */
const largestHolders = oncePer((positions: readonly Position[]): readonly Position[] => {
  const holders = positions.filter((one) => heldSlots(one) > 0);
  return holders.sort((a, b) => heldSlots(b) - heldSlots(a));
});

export function waitingFindings(plan: Plan, policy: PolicyKey): WorkloadFinding[] {
  return ownPools(plan.pools, policy).flatMap((pool) => {
    const [oldest] = stillWaiting(plan, pool);
    if (!oldest || plan.nowMs < oldest.createdAtMs + longWaitMs) return [];
    const message =
      `${sayWaiting(plan, pool)}. To fix: a lower poolSize.min, fewer pods, or more connections ` +
      "on the server";
    const finding = { reason: "PodsWaiting", severity: "degraded", message } as const;
    return [{ workload: poolNameIn(pool.position.pool.poolKey), finding }];
  });
}
