// A namespace's part of a server: the most that its workloads may hold by the operator's setting,
// counted by the same line as the server itself (what runs, what may start, and the room for its
// own rollouts), with the namespace's workloads alone. What a namespace declares lowers its own
// part, never another's. A part cannot stop pods from starting, so a plan that does not fit it even
// with pools of 1 is cut: more pods than that are beyond the plan, and others keep no slots for
// them.
// A CONNECTION LIMIT that not all policies of the server share is a part too: its members are the
// workloads of those that log in with the role, or to the database (login-limits.ts). A workload
// may be a member of several parts.

import { budgetOf, capacityOf } from "./capacity.ts";
import type { Snapshot, WorkloadKey } from "./facts.ts";
import { namespaceOf } from "./namespace-of.ts";
import { type NamespaceShare, shareFor, slotsOfShare } from "./namespace-shares.ts";
import type { Position } from "./position.ts";
import { Room, roomPodsOf } from "./room.ts";
import { divideFloor, slotsPerPod } from "./slots.ts";

export interface Part {
  /** The namespace; of a login's limit its name, such as `role shop_app`. */
  readonly namespace: string;
  /** Undefined for a login's limit. */
  readonly share?: NamespaceShare;
  /** Whose CONNECTION LIMIT it is; undefined for a namespace. */
  readonly login?: LoginMembers;
  /** What the server's budget would be if all policies spoke as this namespace's do. */
  readonly ofSlots: number;
  /** The most that the namespace may hold. */
  readonly slots: number;
  /** Rollouts that its own line keeps room for. */
  readonly rolloutsMax: number;
}

export interface LoginMembers {
  /** `CONNECTION LIMIT 40 of role shop_app`. */
  readonly by: string;
  readonly workloads: ReadonlySet<WorkloadKey>;
  /** Sessions of pods that are gone, within the limit. */
  readonly ghostSlots: number;
}

export function isMember(part: Pick<Part, "namespace" | "login">, key: WorkloadKey): boolean {
  return part.login ? part.login.workloads.has(key) : namespaceOf(key) === part.namespace;
}

/** By namespace, in the order of their names; empty where none is bounded. */
export function partsOf(
  snapshot: Snapshot,
  { foreignSlots, ownSessions }: { readonly foreignSlots: number; readonly ownSessions: number },
): readonly Part[] {
  const namespaces = new Set(snapshot.policies.map(({ namespace }) => namespace));
  return [...namespaces].sort().flatMap((namespace) => {
    const share = shareFor(namespace, snapshot.namespaceShares);
    const capacity = share && capacityOf(snapshot, namespace);
    if (!capacity) return [];
    const ofSlots = budgetOf(capacity, foreignSlots, ownSessions);
    const slots = slotsOfShare(share, ofSlots);
    return [{ namespace, share, ofSlots, slots, rolloutsMax: capacity.rolloutsMax }];
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
 * The most pods of each workload that can be planned for within `slots`: no workload more than
 * that, those that ask for fewer as many as they ask for. Infinite where all fit.
 */
export function podsFitting(
  demands: readonly LeastDemand[],
  { slots, rolloutsMax }: Pick<Part, "slots" | "rolloutsMax">,
): number {
  const slotsAt = (most: number): number => {
    const planned = demands.map(({ plannedPods }) => Math.min(plannedPods, most));
    const each = (index: number): number => demands[index]?.slotsPerPod ?? 0;
    const additions = demands.map((one, index) => one.roomPods(planned[index] ?? 0) * each(index));
    const room = new Room(additions, rolloutsMax).slots;
    return planned.reduce((sum, pods, index) => sum + pods * each(index), room);
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

/** The positions with plans that their parts have room for. */
export function withinParts(
  positions: readonly Position[],
  parts: readonly Part[],
): readonly Position[] {
  const most = parts.map((part) => podsFitting(demandsIn(positions, part), part));
  return positions.map((position) => {
    const { key } = position.workload;
    const own = most.filter((_, index) => parts[index] && isMember(parts[index], key));
    const pods = Math.min(Infinity, ...own);
    return pods === Infinity ? position : withPlanOf(position, pods);
  });
}

function demandsIn(positions: readonly Position[], part: Part): LeastDemand[] {
  const own = positions.filter(({ workload }) => isMember(part, workload.key));
  return own.map(({ workload, plannedPods, sizing, managed, inForce }) => ({
    plannedPods,
    slotsPerPod: slotsPerPod(sizing, managed ? 1 : inForce),
    roomPods: (pods) => roomPodsOf(workload, pods),
  }));
}

/** Pods that are there count, planned for or not. */
function withPlanOf(position: Position, pods: number): Position {
  const most = Math.max(pods, position.stayingPods);
  const plannedPods = Math.min(position.plannedPods, most);
  const recentPods = Math.min(position.recent.pods, most);
  return {
    ...position,
    plannedPods,
    isWithoutRoom: plannedPods === 0 && position.plannedPods > 0,
    roomPods: roomPodsOf(position.workload, plannedPods),
    recent: {
      pods: recentPods,
      fewerSinceMs: recentPods > plannedPods ? position.recent.fewerSinceMs : undefined,
    },
  };
}
