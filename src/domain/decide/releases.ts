// Releases: pods that wait behind the gate start, each with a size. A pod is released when its
// slots are there: in each of its limits, what exists and its size come to no more than the limit.
// It gets the floor, and more only where nobody waits. Who holds the fewest slots for its weight
// comes first, and of one pool the oldest. While somebody waits, running pods of the same limit do
// not grow, and those above their share give way (resizes.ts), so a pod waits for long only where
// everybody is at the floor. Who waits for the quota of his own namespace keeps nobody beside it
// from growing: room on the server would not let him start. Pods whose pool has no gate any more
// are released at once: they count among those that may come, like any other pod of it, on each
// server that they connect to.

import { closedToGrowth, type LimitAccount, type LimitAccounts } from "./limit-accounts.ts";
import { startSizeOf } from "./live-shares.ts";
import { isGranted } from "./grants.ts";
import { MinHeap } from "./min-heap.ts";
import type { PoolPlan } from "./pool-plan.ts";
import { expectedPodsOf, isHeldAlone, type Position, sumOver } from "../demand/position.ts";
import { divideFloor, slotsPerPod } from "../demand/slots.ts";
import { heldOnceTold } from "../demand/live-pods.ts";
import { waitingPodsOf, wantsGate } from "../demand/start-gate.ts";
import type { PodFacts, PoolFacts, WorkloadKey } from "../facts/facts.ts";

export interface Release {
  /** Of the pool, among all of the server. */
  readonly index: number;
  readonly position: Position;
  readonly pod: PodFacts;
  /** What it starts with. */
  readonly poolSize: number;
}

export interface ReleaseDecisions {
  readonly releases: readonly Release[];
  /** By index of a pool: slots that pods lack which go on waiting. */
  readonly lackingSlots: ReadonlyMap<number, number>;
  /** Those in which somebody goes on waiting: nobody grows there. */
  readonly crowded: ReadonlySet<LimitAccount>;
  /** By index: pools whose pods wait for a quota of their namespace, and for nobody beside it. */
  readonly ofQuota: ReadonlySet<number>;
  /** By index: pools of which a pod needs more than one of its limits has. Nobody waits for it. */
  readonly unfitting: ReadonlySet<number>;
}

export interface ReleaseTerms {
  readonly limits: LimitAccounts;
  readonly mayGrow: (pool: PoolFacts) => boolean;
}

/** Raises the accounts in `terms` by what pods start with. */
export function decideReleases(pools: readonly PoolPlan[], terms: ReleaseTerms): ReleaseDecisions {
  const waiting = pools.filter(({ position }) => position.pool.waitingPods !== undefined);
  const held = waiting.filter(isHeld);
  const awaited = waiting.length > 0 ? onUnknownServers(pools) : new Set<WorkloadKey>();
  const dropped = waiting.filter((one) => !isHeld(one) && !awaited.has(keyOf(one)));
  const { releases, ...rest } = releasesInTurns(held, terms);
  const isCrowded = (account: LimitAccount): boolean => rest.crowded.has(account);
  const grown = releases.map((one) => {
    return terms.limits.of(one.release.index).some(isCrowded) ? one : larger(one, terms);
  });
  const all = [...dropped.flatMap(releasesOfAll), ...grown.map(({ release }) => release)];
  return { releases: all, ...rest };
}

function isHeld({ position }: PoolPlan): boolean {
  return wantsGate(position.pool);
}

/** Workloads with a pool on a server whose limit nobody knows yet: nothing is counted there. */
function onUnknownServers(pools: readonly PoolPlan[]): ReadonlySet<WorkloadKey> {
  const awaited = pools.filter(({ position }) => position.isServerUnknown && !position.heldOnly);
  return new Set(awaited.map(keyOf));
}

function keyOf({ position }: PoolPlan): WorkloadKey {
  return position.pool.key;
}

/**
 * Once the status says that there is no gate, so that they are on the published account first.
 * Nothing of a policy whose secret cannot be used is changed. Pods of a workload that was deleted
 * are deleted as well, a moment later.
 */
function releasesOfAll({ index, position }: PoolPlan): Release[] {
  const { policy, pool, published } = position;
  if (policy.failure !== undefined || !pool.exists) return [];
  if (pool.grant?.gatedFromMs !== undefined) return [];
  const poolSize = Math.max(startSizeOf(position), isGranted(position) ? published : 0);
  return waitingPodsOf(pool).map((pod) => ({ index, position, pod, poolSize }));
}

/** Those of one pool that wait, and what it has. */
interface Queue {
  readonly index: number;
  readonly position: Position;
  readonly pods: PodFacts[];
  readonly poolSize: number;
  readonly share: number;
  /** Of what is counted for pods that may come: so many of them may start. */
  countedPods: number;
  heldSlots: number;
}

interface Turn {
  readonly release: Release;
  readonly share: number;
}

interface Turns extends Omit<ReleaseDecisions, "releases"> {
  readonly releases: readonly Turn[];
}

interface Wait {
  readonly lackingSlots: number;
  /** What keeps it waiting. */
  readonly accounts: readonly LimitAccount[];
}

function releasesInTurns(pools: readonly PoolPlan[], terms: ReleaseTerms): Turns {
  const queues = pools
    .filter(({ position }) => terms.mayGrow(position.pool) && !position.policy.failure)
    .map(queueOf);
  const releases: Turn[] = [];
  const waits = new Map<number, Wait>();
  const unfitting = new Set(queues.filter((one) => leaveOut(one, terms)).map(({ index }) => index));
  const turns = inTurns(queues);
  for (let queue = turns.pop(); queue; queue = turns.pop()) {
    const { index, position, pods, poolSize, share } = queue;
    const addedSlots = addedBy(queue);
    const tight = tightFor(queue, addedSlots, terms);
    if (tight.length > 0) {
      waits.set(index, { lackingSlots: startSlotsOf(queue), accounts: keepersAmong(tight) });
      continue;
    }
    terms.limits.raiseLive(index, addedSlots);
    const pod = pods.shift();
    if (pod) releases.push({ release: { index, position, pod, poolSize }, share });
    startOne(queue);
    if (pods.length > 0) turns.push(queue);
  }
  return { releases, unfitting, ...toldOf(waits) };
}

/** Of the limits without room those that keep it waiting: beside its own quota no other one. */
function keepersAmong(tight: readonly LimitAccount[]): readonly LimitAccount[] {
  const quotas = tight.filter(isQuota);
  return quotas.length > 0 ? quotas : tight;
}

function isQuota({ limit }: LimitAccount): boolean {
  return limit.kind === "namespace";
}

function toldOf(
  waits: ReadonlyMap<number, Wait>,
): Pick<ReleaseDecisions, "lackingSlots" | "crowded" | "ofQuota"> {
  const all = [...waits];
  return {
    lackingSlots: new Map(all.map(([index, { lackingSlots }]) => [index, lackingSlots])),
    crowded: new Set(all.flatMap(([, { accounts }]) => accounts)),
    ofQuota: new Set(all.filter(([, one]) => one.accounts.some(isQuota)).map(([index]) => index)),
  };
}

/** Pods for which nobody makes room: they need more than one of their limits has. */
function leaveOut(queue: Queue, { limits }: ReleaseTerms): boolean {
  const { pods } = queue;
  const most = Math.min(...limits.of(queue.index).map(({ limit }) => limit.slots));
  const fitting = pods.filter((pod) => startSlotsOf({ ...queue, pods: [pod] }) <= most);
  const isAnyLeftOut = fitting.length < pods.length;
  pods.splice(0, pods.length, ...fitting);
  return isAnyLeftOut;
}

function queueOf({ index, position, share }: PoolPlan): Queue {
  const { pool, sizing, staying } = position;
  const poolSize = startSizeOf(position);
  return {
    ...{ index, position, share, poolSize, pods: waitingPodsOf(pool) },
    countedPods: isHeldAlone(position) ? 0 : expectedPodsOf(position),
    heldSlots: sumOver(staying, () => slotsPerPod(sizing, poolSize)),
  };
}

function startOne(queue: Queue): void {
  queue.heldSlots += slotsPerPod(queue.position.sizing, queue.poolSize);
  queue.countedPods -= 1;
}

function inTurns(queues: readonly Queue[]): MinHeap<Queue> {
  const turns = new MinHeap<Queue>(byTurn);
  for (const queue of queues) if (queue.pods.length > 0) turns.push(queue);
  return turns;
}

/** Who holds the fewest slots for its weight; of several, whose pod is the oldest. */
function byTurn(a: Queue, b: Queue): number {
  const order = a.heldSlots * b.position.sizing.weight - b.heldSlots * a.position.sizing.weight;
  return order || ageOf(a) - ageOf(b) || a.index - b.index;
}

function ageOf({ pods: [first] }: Queue): number {
  return first?.createdAtMs ?? 0;
}

/** Of what is counted for pods that may come nothing is added. */
function addedBy({ position, poolSize, countedPods, pods }: Queue): number {
  const { sizing, inForce } = position;
  const startSlots = startSlotsOf({ position, poolSize, pods: pods.slice(0, 1) });
  return countedPods <= 0 ? startSlots : Math.max(0, startSlots - slotsPerPod(sizing, inForce));
}

type StartingPods = Pick<Queue, "position" | "poolSize" | "pods">;

/** What they hold once they run. */
export function startSlotsOf({ position, poolSize, pods }: StartingPods): number {
  const { sizing } = position;
  return pods.reduce((sum, pod) => sum + slotsPerPod(sizing, heldOnceTold(pod, poolSize)), 0);
}

/** The limits that have no room for it, with what may be anybody's left alone. */
function tightFor(
  { index }: Queue,
  addedSlots: number,
  { limits }: ReleaseTerms,
): readonly LimitAccount[] {
  return limits.of(index).filter((one) => {
    return one.exposure.slots + addedSlots + closedToGrowth(one) > one.limit.slots;
  });
}

/** Nobody else waits: it starts with as much of its share as is free. */
function larger(turn: Turn, { limits }: ReleaseTerms): Turn {
  const { release, share } = turn;
  const { index, position, pod, poolSize } = release;
  const { processesPerPod } = position.sizing;
  const isOfItsSize = heldOnceTold(pod, poolSize) === poolSize;
  if (position.isGated !== true || !isOfItsSize) return turn;
  const fitting = divideFloor(limits.freeSlots(index), processesPerPod);
  const more = Math.max(0, Math.min(share - poolSize, fitting));
  if (more > 0) limits.raiseLive(index, more * processesPerPod);
  return { share, release: { ...release, poolSize: poolSize + more } };
}
