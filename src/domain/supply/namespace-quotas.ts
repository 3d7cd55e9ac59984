// A namespace's quota: the most that its workloads may hold of a server by the operator's setting,
// counted by the same line as the server itself (what runs, what may start, and the room for its
// own rollouts), with the namespace's workloads alone. What a namespace declares lowers its own
// quota, never another's. A quota cannot stop pods from starting, so a plan that does not fit it
// even with pools of 1 is cut: more pods than that are beyond the plan, and others keep no slots
// for them. What we may not size is planned for first: smaller pools of others make room for it. A
// CONNECTION LIMIT is another thing: PostgreSQL refuses what is beyond it, so there every pod that
// may come counts (login-limits.ts).

import { budgetOf, capacityOf } from "./capacity.ts";
import type { Snapshot, WorkloadKey } from "../facts/facts.ts";
import { isMember, type NamespaceQuota, type NarrowLimit } from "./limit.ts";
import { quotaFor, slotsOfQuota } from "./quota-settings.ts";
import { isHeldAlone, type Position } from "../demand/position.ts";
import { Room, roomPodsOf } from "../demand/room.ts";
import { divideFloor, slotsPerPod } from "../demand/slots.ts";
import { startsWithFloor, startSizeWithin } from "./start-sizes.ts";

/** What a plan is cut to. */
type Slots = Pick<NamespaceQuota, "slots" | "rolloutsMax">;

/** By namespace, in the order of their names; empty where none is bounded. */
export function quotasOf(
  snapshot: Snapshot,
  { foreignSlots, ownSessions }: { readonly foreignSlots: number; readonly ownSessions: number },
): readonly NamespaceQuota[] {
  const namespaces = new Set(snapshot.policies.map(({ namespace }) => namespace));
  return [...namespaces].sort().flatMap((namespace) => {
    const quota = quotaFor(namespace, snapshot.namespaceQuotas);
    const capacity = quota && capacityOf(snapshot, namespace);
    if (!capacity) return [];
    const ofSlots = budgetOf(capacity, foreignSlots, ownSessions);
    const slots = slotsOfQuota(quota, ofSlots);
    const { rolloutsMax } = capacity;
    return [
      { kind: "namespace", name: namespace, quota, ofSlots, slots, rolloutsMax, ghostSlots: 0 },
    ];
  });
}

/** A workload's demand at the least pool size that it can be brought to. */
export interface LeastDemand {
  readonly plannedPods: number;
  readonly slotsPerPod: number;
  /** How many pods a rollout adds where so many are planned for. */
  readonly roomPods: (plannedPods: number) => number;
}

/**
 * The most pods of each workload that can be planned for within `slots` beside `kept`, all of which
 * are: no workload more than that, those that ask for fewer as many as they ask for. Infinite where
 * all fit.
 */
export function podsFitting(
  demands: readonly LeastDemand[],
  { slots, rolloutsMax }: Slots,
  kept: readonly LeastDemand[] = [],
): number {
  const slotsAt = (most: number): number => {
    const cut = [...kept, ...demands.map((demand) => withAtMost(demand, most))];
    const additions = cut.map((one) => one.roomPods(one.plannedPods) * one.slotsPerPod);
    const room = new Room(additions, rolloutsMax).slots;
    return cut.reduce((sum, one) => sum + one.plannedPods * one.slotsPerPod, room);
  };
  if (slotsAt(Infinity) <= slots) return Infinity;
  let fits = 0;
  let tooMany = demands.reduce((most, { plannedPods }) => Math.max(most, plannedPods), 0);
  while (tooMany - fits > 1) {
    const middle = divideFloor(fits + tooMany, 2);
    if (slotsAt(middle) <= slots) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

function withAtMost(demand: LeastDemand, pods: number): LeastDemand {
  return { ...demand, plannedPods: Math.min(demand.plannedPods, pods) };
}

/** The most planned pods of a workload, by whether we may size it. */
export interface MostPods {
  readonly sized: number;
  readonly unsized: number;
}

/** What we may not size comes first, and is cut only where it does not fit by itself. */
export function mostPodsIn(
  demands: readonly (LeastDemand & { readonly isSized: boolean })[],
  quota: Slots,
): MostPods {
  const unsizedDemands = demands.filter(({ isSized }) => !isSized);
  const unsized = podsFitting(unsizedDemands, quota);
  const kept = unsizedDemands.map((demand) => withAtMost(demand, unsized));
  const sizedDemands = demands.filter(({ isSized }) => isSized);
  return { sized: podsFitting(sizedDemands, quota, kept), unsized };
}

/** The positions with plans that the quotas of their namespaces have room for. */
export function withinQuotas(
  positions: readonly Position[],
  limits: readonly NarrowLimit[],
): readonly Position[] {
  const quotas = limits.filter((limit) => limit.kind === "namespace");
  if (quotas.length === 0) return positions;
  const most = new Map(
    quotas.map((quota) => [quota.name, mostPodsIn(demandsIn(positions, quota), quota)]),
  );
  const isUnsized = unsizedAmong(positions);
  const planned = positions.map((position) => {
    if (quotas.every((quota) => !isMember(quota, position.pool.poolKey))) return position;
    const { sized, unsized } = most.get(position.workload.namespace) ?? all;
    const pods = isUnsized.has(position.workload.key) ? unsized : sized;
    return pods === Infinity || isHeldAlone(position) ? position : withPlanOf(position, pods);
  });
  return quotas.reduce(withStartSizes, planned);
}

function withStartSizes(
  positions: readonly Position[],
  quota: NamespaceQuota,
): readonly Position[] {
  const isOwn = ({ pool, heldOnly }: Position): boolean =>
    !heldOnly && isMember(quota, pool.poolKey);
  const startSizeMost = startSizeWithin(positions.filter(isOwn), quota);
  if (startSizeMost === Infinity) return positions;
  return positions.map((position) =>
    isOwn(position) && startsWithFloor(position) ? { ...position, startSizeMost } : position,
  );
}

const all: MostPods = { sized: Infinity, unsized: Infinity };

type Demand = LeastDemand & { readonly isSized: boolean };

/**
 * Of those that have a place: nothing is planned for the others. A workload asks once for all of
 * its pools: its pods have each of them.
 */
function demandsIn(positions: readonly Position[], quota: NamespaceQuota): Demand[] {
  const own = positions.filter((one) => isMember(quota, one.pool.poolKey) && !one.heldOnly);
  return [...Map.groupBy(own, ({ workload }) => workload.key).values()].flatMap(demandOf);
}

function demandOf(pools: readonly Position[]): Demand[] {
  const [first] = pools;
  if (!first) return [];
  const { workload } = first;
  const leastOf = ({ sizing, managed, inForce }: Position): number =>
    slotsPerPod(sizing, managed ? 1 : inForce);
  const demand = {
    // Of a pool whose new pods wait for their slots nothing is planned but those that are there.
    plannedPods: Math.max(...pools.map((one) => (one.isGated ? one.stayingPods : one.plannedPods))),
    slotsPerPod: pools.reduce((sum, pool) => sum + leastOf(pool), 0),
    roomPods: (pods: number) => (first.isGated === true ? 0 : roomPodsOf(workload, pods)),
    isSized: pools.every(({ managed }) => managed),
  };
  return [demand];
}

/** Workloads of which a pool may not be sized. */
function unsizedAmong(positions: readonly Position[]): ReadonlySet<WorkloadKey> {
  const unsized = positions.filter(({ managed, heldOnly }) => !managed && !heldOnly);
  return new Set(unsized.map(({ workload }) => workload.key));
}

/** Pods that are there count, planned for or not. */
function withPlanOf(position: Position, pods: number): Position {
  const most = Math.max(pods, position.stayingPods);
  const plannedPods = Math.min(position.plannedPods, most);
  const recentPods = Math.min(position.recent.pods, most);
  return {
    ...position,
    plannedPods,
    isWithoutRoom:
      position.isWithoutRoom === true || (plannedPods === 0 && position.plannedPods > 0),
    roomPods: roomPodsOf(position.workload, plannedPods),
    recent: {
      pods: recentPods,
      fewerSinceMs: recentPods > plannedPods ? position.recent.fewerSinceMs : undefined,
    },
  };
}
