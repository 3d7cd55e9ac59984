// What follows from an act of an operator, in whatever state the promise is. A roll starts new pods
// beside the old ones, an eviction one. If all of them were to fit the slots when it was decided,
// whatever comes later has another cause. If not, and pods then hold more than the server has,
// which they would not without those that the act started, then the logins that are refused are
// refused by the act. Where what stays does not fit by itself, logins are refused until pods are
// replaced, and an act is what ends it. Pods of another template than the roll wrote are of whoever
// wrote that one: an undo starts its pods beside those that end. A fleet of which no pod has a size
// of the operator's is rolled in any case, and so are pods that are sized by their template: there
// is no other way.

import { roomOf, sum, type TrueWorkload } from "./oracle.ts";
import type { Truth } from "./truth.ts";

/** Slots that are taken on a server, and what it has. */
export interface Load {
  /** What pods may hold, and sessions of pods that are gone where they can be told. */
  readonly fleet: number;
  readonly others: number;
  /** Of those, sessions of operators that log in with the fleet's role. */
  readonly othersOfRole: number;
  readonly ordinary: number;
  /** Infinity: none. */
  readonly roleLimit: number;
}

/** The pod that an eviction ended, and what it holds until it is gone. */
export interface Evicted {
  readonly pod: string;
  readonly slots: number;
}

interface Begun {
  readonly what: "status" | "roll" | "eviction";
  readonly key: string;
  readonly evicted?: Evicted;
}

interface Act extends Begun {
  readonly server: string;
  /** Of its pods. */
  readonly revision: string | undefined;
}

interface Moment {
  readonly atMs: number;
  readonly held: number;
  /** Sessions of pods that are gone which can be told from those of pods. */
  readonly ghosts: number;
}

/** What the operator had heard and read by then. */
export interface KnownUntil {
  readonly podsMs: number;
  readonly sessionsMs: number;
}

/** Older knowledge is no ground for a roll. */
const keptMs = 300_000;

export class Acts {
  readonly #truth: Truth;
  readonly #moments = new Map<string, Moment[]>();
  #watched: Act[] = [];

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  /** After every step. What is wrong with it, if anything is. */
  look(nowMs: number): string | undefined {
    for (const server of this.#truth.servers) this.#note(server, nowMs);
    if (this.#watched.length === 0) return undefined;
    this.#watched = this.#watched.filter((act) => !this.#isOver(act));
    for (const act of this.#watched) {
      const complaint = this.#complaintOf(act);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  }

  /** An operator has begun to roll the workload, by what it knew then. */
  begin(begun: Begun, server: string, known: KnownUntil): void {
    const workload = this.#truth.workloadOf(begun.key, server);
    if (!workload || begun.what === "status") return;
    const act = { ...begun, server, revision: workload.revision };
    if (this.#isTooMuch(act, workload, known)) this.#watched.push(act);
  }

  /** What an eviction adds is beside its pod, and no longer. */
  #isOver({ key, evicted }: Act): boolean {
    return evicted
      ? this.#truth.podOf(evicted.pod) === undefined
      : this.#truth.oldPodsOf(key) === 0;
  }

  /** Behind address translation a pod that starts anew hides its former sessions for a while. */
  #isTooMuch({ server, what, evicted }: Act, workload: TrueWorkload, until: KnownUntil): boolean {
    if (what === "roll" && this.#truth.isSizedByOthers(workload.key)) return false;
    const load = this.#truth.loadOf(server);
    const held = this.#truth.heldSlots(server);
    const ghosts = load.fleet - held;
    const known = this.#since(server, until.podsMs, (moment) => moment.held, held);
    const shown = this.#since(server, until.sessionsMs, (moment) => moment.ghosts, ghosts);
    const least = Math.min(...shown) + Math.min(...known);
    if (fits({ ...load, fleet: least + addsOf(workload, what) })) return false;
    // The evicted pod would have stayed.
    const leaving = this.#truth.leavingSlotsBefore(server, workload.key) - (evicted?.slots ?? 0);
    return fits({ ...load, fleet: ghosts + Math.max(...known) - leaving });
  }

  #complaintOf(act: Act): string | undefined {
    const { server, key, what } = act;
    const load = this.#truth.loadOf(server);
    const workload = this.#truth.workloadOf(key, server);
    if (!workload || fits(load)) return undefined;
    const started = this.#startedBy(act, workload);
    if (!fits({ ...load, fleet: load.fleet - started })) return undefined;
    return `${server}: the ${what} of ${key} took what runs to ${sayOver(load)}`;
  }

  #startedBy({ key, evicted, revision, server }: Act, workload: TrueWorkload): number {
    if (evicted) return workload.nextSlots;
    const own = this.#truth.podsOf(key).filter((pod) => pod.revision === revision);
    return Math.min(beyondReplicas(workload), sum(own.map((pod) => pod.slotsOn(server))));
  }

  #note(server: string, nowMs: number): void {
    const moments = this.#moments.get(server) ?? [];
    const held = this.#truth.heldSlots(server);
    const ghosts = this.#truth.isBehindTranslation(server)
      ? this.#truth.loadOf(server).fleet - held
      : Infinity;
    const last = moments.at(-1);
    if (last?.held === held && last.ghosts === ghosts) return;
    while (moments[1] && moments[1].atMs < nowMs - keptMs) moments.shift();
    moments.push({ atMs: nowMs, held, ghosts });
    this.#moments.set(server, moments);
  }

  /** `now`, and what was so since then. */
  #since(
    server: string,
    sinceMs: number,
    of: (moment: Moment) => number,
    now: number,
  ): readonly number[] {
    const moments = this.#moments.get(server) ?? [];
    const first = moments.findLastIndex(({ atMs }) => atMs <= sinceMs);
    return [now, ...moments.slice(Math.max(0, first)).map(of)];
  }
}

function fits({ fleet, others, othersOfRole, ordinary, roleLimit }: Load): boolean {
  return fleet + others <= ordinary && fleet + othersOfRole <= roleLimit;
}

/** By the limit that is passed. */
function sayOver({ fleet, others, othersOfRole, ordinary, roleLimit }: Load): string {
  return fleet + othersOfRole > roleLimit
    ? `${fleet + othersOfRole} of the ${roleLimit} slots of its role`
    : `${fleet + others} of ${ordinary} slots`;
}

/** At its worst: all new pods run, and no old one is gone. */
function addsOf(workload: TrueWorkload, what: Begun["what"] = "roll"): number {
  const { replacement, replicas, nextSlots, pods } = workload;
  if (what === "eviction") {
    return replacement === "AtOnce" || replacement === "Recreate" ? nextSlots : 0;
  }
  if (replacement === "AtOnce") return replicas * nextSlots;
  const larger = sum(pods.map(({ slots }) => Math.max(0, nextSlots - slots)));
  return replacement === "WithSurge" ? larger + roomOf(workload) : larger;
}

/** Slots of the pods that would not be there if none were replaced: the smallest are the new. */
function beyondReplicas({ pods, replicas }: TrueWorkload): number {
  const slots = pods.map((pod) => pod.slots).sort((a, b) => b - a);
  return sum(slots.slice(replicas));
}

/** Whether a workload could not be rolled to pods of `nextSlots` without refused logins. */
export function isTooFull(load: Load, workload: TrueWorkload, nextSlots: number): boolean {
  return !fits({ ...load, fleet: load.fleet + addsOf({ ...workload, nextSlots }) });
}
