// Of the pods of a server never two are away because operators evicted them: the next one goes only
// when the one before is gone and what replaced it is ready. An operator is not blamed for what it
// could not have heard of, nor for a pod that does not end, or a replacement that does not become
// ready, for a long time.

import type { Clock } from "../../src/ports.ts";
import type { Truth } from "./truth.ts";
import type { WorldPod } from "./world/pod.ts";

interface Away {
  readonly key: string;
  readonly pod: string;
  /** Itself: what comes in its place may have its name. */
  readonly id: string;
  readonly atMs: number;
  /** Ids of the pods of its workload that were there then: whoever is not among them came later. */
  readonly present: ReadonlySet<string>;
  /** Its replacement was ready once. */
  readonly isReplaced: boolean;
}

/** For so long a pod may take to end, and its replacement to start, before others are repaired. */
const patienceMs = 300_000;

export class Evictions {
  readonly #truth: Truth;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #counts = new Map<string, number>();
  #away: Away[] = [];

  constructor(truth: Truth, clock: Pick<Clock, "nowMs">) {
    this.#truth = truth;
    this.#clock = clock;
  }

  countOf(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /**
   * After every step: who has come back by now. Whoever was back once is back: what takes a pod
   * away later is another matter, of which an operator may not have heard.
   */
  look(): void {
    this.#away = this.#away.map((one) => this.#seen(one)).filter((one) => this.#isAway(one));
  }

  /** A pod was evicted, by what was known until `knownMs`. What is wrong with it, if anything. */
  begin(key: string, pod: string, knownMs: number): string | undefined {
    this.#counts.set(key, this.countOf(key) + 1);
    this.look();
    const servers = this.#truth.serversOf(key);
    const other = this.#away.find((one) => {
      const isKnown = one.atMs <= knownMs && one.pod !== pod;
      const isOn = this.#truth.serversOf(one.key).some((server) => servers.includes(server));
      return isKnown && isOn && !this.#takesNobody(pod, one);
    });
    const present = new Set(this.#truth.podsOf(key).map(idOf));
    const id = this.#idNow(pod) ?? `${pod}, gone`;
    this.#away.push({ key, pod, id, atMs: this.#clock.nowMs(), present, isReplaced: false });
    return other && `${pod} was evicted while ${other.pod} is away`;
  }

  /**
   * The pod that is evicted now serves nobody, and what came in place of the other one is ready:
   * the workload was not whole between them for want of pods that no eviction took.
   */
  #takesNobody(pod: string, other: Away): boolean {
    if (this.#isThere(other) || this.#truth.podOf(pod)?.ready !== false) return false;
    const after = this.#truth.podsOf(other.key).filter((one) => !other.present.has(idOf(one)));
    return after.some(({ ready, terminating }) => ready && !terminating);
  }

  #isThere({ pod, id }: Away): boolean {
    return this.#idNow(pod) === id;
  }

  #idNow(pod: string): string | undefined {
    const found = this.#truth.podOf(pod);
    return found && idOf(found);
  }

  #seen(one: Away): Away {
    return { ...one, isReplaced: one.isReplaced || this.#truth.isWhole(one.key) };
  }

  #isAway(one: Away): boolean {
    if (this.#clock.nowMs() >= one.atMs + patienceMs) return false;
    return this.#isThere(one) || !one.isReplaced;
  }
}

/** No two pods of one name are made at the same moment. */
function idOf({ key, createdAtMs }: WorldPod): string {
  return `${key}, made at ${createdAtMs}`;
}
