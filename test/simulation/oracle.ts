// What is really so, counted anew from the world by the rules of the design, sharing no line with
// the code that is judged: the budget of a server, and the exposure of its fleet. A checker that
// used the production's own arithmetic would agree with its mistakes.
//
//   exposure = staying pods at the larger of their own size and the next pod's
//            + expected pods at the next pod's
//            + room for as many rollouts as the policies reserve, or what really leaves if more

export interface TruePod {
  readonly slots: number;
  readonly terminating: boolean;
  /** Of an older template than its workload's newest. */
  readonly isOld: boolean;
  /** Of a StatefulSet, which has one pod for each name: nobody plans for one of this name. */
  readonly isMisplaced?: boolean;
}

export interface TrueWorkload {
  readonly key: string;
  /** Of its template, as pods carry it; undefined once it is gone. */
  readonly revision?: string;
  readonly replacement: "AtOnce" | "WithSurge" | "AfterOld" | "Recreate";
  readonly surgePods: number;
  /** How many pods it is asked to have now. */
  readonly replicas: number;
  /** How many pods there may come to be without anybody asking. */
  readonly plannedPods: number;
  /** The most that a pod which starts now could take, on whichever API server. */
  readonly nextSlots: number;
  readonly pods: readonly TruePod[];
  /** Its new pods wait until their slots are there: what its pods hold is all. */
  readonly isGated?: boolean;
  /** Its policy only observes beside others that do not: its pods count as they are. */
  readonly isObserved?: boolean;
  /** Slots of pods that ReplicaSets of a former, larger template are short of. */
  readonly pendingSlots?: number;
  /** Instead of what its replacement says. */
  readonly roomPods?: number;
}

export interface TrueServer {
  readonly maxConnections: number;
  readonly reservedConnections: number;
  /** CONNECTION LIMIT of the fleet's role; below 0: none. */
  readonly roleLimit: number;
  readonly foreignSessions: number;
  /** Sessions of operators. */
  readonly ownSessions: number;
  /** Sessions of pods that are gone. */
  readonly ghostSessions: number;
  /** Others, at addresses of pods that have not opened all of theirs: nobody need know of them. */
  readonly hiddenGhosts?: number;
  /** Whether the operator's role may see where sessions come from; without, ghosts look alive. */
  readonly showsOrigins: boolean;
  readonly reserveConnections: number;
  readonly rollouts: number;
}

export interface Exposure {
  readonly slots: number;
  /**
   * The same to one who cannot know that sessions of pods that are gone were the fleet's: what the
   * promise rests on.
   */
  readonly slotsWithStrangers: number;
  /** The same to one who may not see where sessions come from, and takes them for running pods'. */
  readonly slotsSeen: number;
}

export function trueBudget(server: TrueServer): number {
  const ordinary = server.maxConnections - server.reservedConnections;
  // People log in with roles of their own, which the limit of the fleet's role does not count.
  const beside = ordinary - server.foreignSessions;
  const capacity = server.roleLimit < 0 ? beside : Math.min(beside, server.roleLimit);
  return Math.max(0, capacity - server.reserveConnections - server.ownSessions);
}

/**
 * A Recreate rollout holds either its old pods or its new ones. While one is under way it can be
 * counted in the room or beside it; both bound what can be held, for each workload by itself.
 */
export function trueExposure(server: TrueServer, workloads: readonly TrueWorkload[]): Exposure {
  const ways = waysToCount(workloads);
  const slotsBeside = (ghosts: number): number =>
    Math.min(...ways.map((counted) => exposureOf(server, counted, ghosts)));
  const { ghostSessions, hiddenGhosts = 0, showsOrigins } = server;
  const slots = slotsBeside(ghostSessions);
  const withoutGhosts = ghostSessions === 0 ? slots : slotsBeside(0);
  return {
    slots,
    slotsWithStrangers: withoutGhosts + ghostSessions + hiddenGhosts,
    slotsSeen: showsOrigins ? slots : withoutGhosts,
  };
}

function waysToCount(workloads: readonly TrueWorkload[]): readonly (readonly TrueWorkload[])[] {
  return workloads.reduce<readonly (readonly TrueWorkload[])[]>(
    (ways, one) => {
      const inRoom = ways.map((before) => [...before, one]);
      const isEither = one.replacement === "Recreate" && one.pods.length > 0;
      if (!isEither) return inRoom;
      const asLeaving = { ...one, replacement: "AtOnce", roomPods: 1 } as const;
      return [...inRoom, ...ways.map((before) => [...before, asLeaving])];
    },
    [[]],
  );
}

function exposureOf(
  server: TrueServer,
  workloads: readonly TrueWorkload[],
  ghostSessions: number,
): number {
  let stayingAndExpected = 0;
  let leaving = ghostSessions;
  const rooms: number[] = [];
  for (const workload of workloads) {
    if (workload.isGated === true) {
      stayingAndExpected += sum(workload.pods.map(({ slots }) => slots));
      continue;
    }
    const leavers = leaversOf(workload);
    const stayers = workload.pods.filter((pod) => !leavers.includes(pod));
    const heldLeaving = sum(leavers.map(({ slots }) => slots));
    if (workload.isObserved === true) {
      leaving += heldLeaving;
      stayingAndExpected += sum(stayers.map(({ slots }) => slots));
      rooms.push(heldLeaving);
      continue;
    }
    const leavingSlots = heldLeaving + (workload.pendingSlots ?? 0);
    leaving += leavingSlots;
    const inPlace = stayers.filter(({ isMisplaced }) => isMisplaced !== true);
    const expected = Math.max(0, workload.plannedPods - inPlace.length);
    const staying = sum(stayers.map(({ slots }) => Math.max(slots, workload.nextSlots)));
    stayingAndExpected += isOneAfterTheOther(workload)
      ? Math.max(staying, workload.plannedPods * workload.nextSlots)
      : staying + expected * workload.nextSlots;
    rooms.push(Math.max(roomOf(workload), leavingSlots));
  }
  const room = sum(rooms.sort((a, b) => b - a).slice(0, server.rollouts));
  return stayingAndExpected + Math.max(room, leaving);
}

/** A Recreate rollout whose first new pod starts when the last old one is gone. */
function isOneAfterTheOther({ replacement, pods }: TrueWorkload): boolean {
  return replacement === "Recreate" && pods.length > 0 && pods.every(({ isOld }) => isOld);
}

/** What one rollout of it adds at its worst. */
export function roomOf(workload: TrueWorkload): number {
  const { replacement, plannedPods, surgePods, nextSlots, roomPods } = workload;
  if (roomPods !== undefined) return Math.min(roomPods, plannedPods) * nextSlots;
  switch (replacement) {
    case "AtOnce":
      return plannedPods * nextSlots;
    case "WithSurge":
      return Math.min(surgePods, plannedPods) * nextSlots;
    case "Recreate":
      return Math.min(1, plannedPods) * nextSlots;
    case "AfterOld":
      return 0;
  }
}

/**
 * Pods beside which others already run or may start. Where new pods wait for old ones, only those
 * beyond the plan are in excess, and the smallest of them, for the others are still to be replaced;
 * of pods with names of their own those whose names are beyond it.
 */
export function leaversOf({ replacement, pods, plannedPods }: TrueWorkload): readonly TruePod[] {
  const isRolling = pods.some(({ isOld }) => isOld);
  const leavers = pods.filter(({ terminating, isOld }) => terminating || isOld);
  if (replacement === "AtOnce" || (replacement === "Recreate" && !isRolling)) return leavers;
  const counted = pods.filter(({ isMisplaced }) => isMisplaced === undefined);
  const ofCounted = leavers.filter((pod) => counted.includes(pod)).length;
  const excess = Math.max(0, Math.min(ofCounted, counted.length - plannedPods));
  const smallest = counted.toSorted((a, b) => a.slots - b.slots).slice(0, excess);
  return [...smallest, ...leavers.filter(({ isMisplaced }) => isMisplaced)];
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
