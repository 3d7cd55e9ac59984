// What the policies of a roll say of it. The pools of one workload may be of several policies, on
// one server or on several, and a roll brings all of them: so each policy that is planned for has a
// say, and the strictest word counts. One that only observes, or cannot be used, keeps nobody else
// from anything: its pool counts with what its pods hold.

import { cooldownEndMs, wasReverted } from "./cooldown.ts";
import { isGranted } from "./grants.ts";
import type { PoolFacts } from "../facts/facts.ts";
import type { Position } from "../demand/position.ts";
import type { PoolPart } from "./pool-parts.ts";
import { sayTimes, sayWriters } from "../words/say-count.ts";
import type { Wish } from "./wishes.ts";

/** An obstacle to a roll. */
interface Forbidden {
  readonly reason: "RollsWaiting" | "RevertedByOther";
  readonly message: string;
  readonly untilMs?: number;
}

interface Scene {
  readonly terms: { readonly nowMs: number };
}

/** One pool of each policy that has a say, the one that asks first. */
export function speakingParts(wish: Wish): readonly PoolPart[] {
  const { beside = [] } = wish;
  const seen = new Set([wish.position.policy.key]);
  const others = beside.filter(({ position: { policy, heldOnly } }) => {
    if (heldOnly || seen.has(policy.key)) return false;
    seen.add(policy.key);
    return true;
  });
  return others.length === 0 ? [wish] : [wish, ...others];
}

/** Whether its pods may grow, by the servers of all of them. */
export function mayAllGrow(wish: Wish, mayGrow: (pool: PoolFacts) => boolean): boolean {
  return speakingParts(wish).every(({ position }) => mayGrow(position.pool));
}

export function rebalanceForbidsIt(wish: Wish): Forbidden | undefined {
  const speaking = speakingParts(wish);
  const strict = speaking.find(({ position: { policy } }) => {
    const { rebalance } = policy.spec;
    return rebalance === "Never" || (rebalance === "ShrinkOnly" && !wish.toShrink);
  });
  if (!strict) return undefined;
  const { spec, key } = strict.position.policy;
  const whose = speaking.length > 1 ? ` in policy ${key}` : "";
  const message = `rebalance is ${spec.rebalance}${whose}: waits for the next deploy`;
  return { reason: "RollsWaiting", message };
}

/** A roll starts pods with a pool on that server: nobody knows whether they fit there. */
export function serverIsUnknown(wish: Wish): Forbidden | undefined {
  const unknown = speakingParts(wish).find(({ position }) => position.isServerUnknown === true);
  if (!unknown) return undefined;
  const { key } = unknown.position.policy;
  const message = `waits until the limit of the server of policy ${key} is known: its pods have a pool there`;
  return { reason: "RollsWaiting", message };
}

/**
 * Pods that a roll starts now might get their template's size, and would have to be rolled again.
 */
export function admissionIsNew(wish: Wish, { terms }: Scene): Forbidden | undefined {
  const granted = speakingParts(wish).filter(({ position }) => isGranted(position));
  const untilMs = latest(granted, ({ policy }) => policy.admissionReadyAtMs ?? 0);
  if (untilMs <= terms.nowMs) return undefined;
  const message = "waits until every API server applies the admission policy, which is new";
  return { reason: "RollsWaiting", message, untilMs };
}

function latest(parts: readonly PoolPart[], timeOf: (position: Position) => number): number {
  return parts.reduce((max, { position }) => Math.max(max, timeOf(position)), 0);
}

export function someoneKeepsPuttingItBack(wish: Wish, { terms }: Scene): Forbidden | undefined {
  const put = speakingParts(wish).find(({ position }) => {
    const isPutBack = position.pool.reverts > 0 && wasReverted(position.pool);
    return isPutBack && cooldownEndMs(position) > terms.nowMs;
  });
  if (!put) return undefined;
  const { reverts, otherManagers } = put.position.pool;
  const message = `${sayWriters(otherManagers)} put the entries back ${sayTimes(reverts)}: waits longer each time`;
  return { reason: "RevertedByOther", message, untilMs: cooldownEndMs(put.position) };
}
