// The checkers. After every step they hold the world against the four guarantees, and around every
// write of an operator they ask whether it may be made. What the operator cannot know yet it is not
// blamed for: of what goes beyond the plan it must have heard before its decision.
//
//   G1  while the promise is in force, the pods that exist hold no more than the budget
//   G2  no write raises exposure beyond the budget, nor at all while it is beyond
//   G4  nothing grows on an unread database or on old caches
//   ledger adds up · no write without an effect · no field that is not ours · bounded restarts
//   no fault of the operator in its log · no login of the fleet refused while the promise holds,
//   nor by a roll or an eviction at any time (acts.ts)
//   of the pods of a server one at a time is evicted (evictions.ts)
//   one writer, where operators elect one (operators.ts)
//
// The promise comes into force when exposure is within the budget, and leaves it with the next deed
// beyond the plan, until the controllers of the cluster have acted on it: in the middle of a
// rollout a paused Deployment is filled up a moment after it was paused.

import { type PoolKey, workloadOfPool } from "../../src/api/keys.ts";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { Clock, Manifest } from "../../src/ports.ts";
import { ledgerComplaints } from "../support/ledger-check.ts";
import { type Account, isWithin, nothing, type ServerAccount } from "./account.ts";
import { Acts, type Evicted } from "./acts.ts";
import { Evictions } from "./evictions.ts";
import { foreignFields } from "./own-fields.ts";
import type { Knowledge } from "./operator-process.ts";
import { trueBudget, trueExposure } from "./oracle.ts";
import type { Truth } from "./truth.ts";

export interface Violation {
  readonly rule: string;
  /** Since the start of the run. */
  readonly atMs: number;
  readonly message: string;
}

export interface JudgedWrite {
  readonly what: "status" | "roll" | "eviction" | "resize";
  readonly key: string;
  readonly evicted?: Evicted;
  /** Of the policy or the workload, as the API server counts. */
  readonly isChange: boolean;
  /** A person set the policy to Observe, and its grants go. */
  readonly isWithdrawal?: boolean;
  /** A pod starts because its owner wants no gate any more: no limit is asked, nor the database. */
  readonly isOwnersWord?: boolean;
}

/** A cache is fresh for 180 s; a decision and its writes may take as long as their requests. */
const stalestWriteMs = 240_000;

export class Judge {
  readonly #truth: Truth;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #promised = new Map<string, number>();
  readonly #refusedBefore = new Map<string, number>();
  readonly #rolls = new Map<string, number[]>();
  readonly #acts: Acts;
  readonly #evictions: Evictions;
  #beyondPlanMs = -Infinity;
  #isActedOn = true;
  #hidden = 0;
  #roomUsedMs = -Infinity;
  /** The room was used then, and a roll was made that could not know it: both are in it. */
  #crowdedMs = -Infinity;
  #deeds = 0;
  violation: Violation | undefined;

  constructor(truth: Truth, clock: Pick<Clock, "nowMs">) {
    this.#truth = truth;
    this.#clock = clock;
    this.#acts = new Acts(truth);
    this.#evictions = new Evictions(truth, clock);
  }

  get isPromised(): boolean {
    return this.#promised.size === this.#truth.servers.length;
  }

  leadOf(server: string): string {
    return this.#truth.leadOf(server);
  }

  /** It is decided on together with another one. */
  isTied(server: string): boolean {
    return this.#truth.unitOf(server).length > 1;
  }

  violate(rule: string, message: string): void {
    this.violation ??= { rule, atMs: this.#truth.elapsedMs, message };
  }

  noteDeed(): void {
    this.#deeds += 1;
  }

  /** Something happened that the plan does not cover. */
  goBeyondPlan(): void {
    this.#beyondPlanMs = this.#clock.nowMs();
    this.#isActedOn = false;
    this.#promised.clear();
  }

  /** Something that no operator can see, until `showAgain`. */
  hide(): void {
    this.goBeyondPlan();
    this.#hidden += 1;
  }

  showAgain(): void {
    this.goBeyondPlan();
    this.#hidden -= 1;
  }

  /** A person used the room for rollouts. */
  noteRoomUse(): void {
    this.#roomUsedMs = this.#clock.nowMs();
  }

  /** After every step. */
  look(): boolean {
    for (const [server, budget] of this.#promised) {
      const held = this.#truth.heldSlots(server);
      if (held > budget) this.violate("G1", `${server}: pods hold ${held} of ${budget} slots`);
      const refused = this.#truth.refusedLogins(server);
      if (refused > (this.#refusedBefore.get(server) ?? 0)) {
        this.violate("no login refused", `${server} refused a login of the fleet`);
      }
    }
    const complaint = this.#acts.look(this.#clock.nowMs());
    if (complaint !== undefined) this.violate("no login refused by an act of ours", complaint);
    this.#evictions.look();
    this.#isActedOn ||= this.#truth.areControllersIdle;
    return this.violation === undefined;
  }

  /** Puts the promise into force where the line holds. */
  review(): Account {
    const account = this.account();
    for (const [server, { budget, withStrangers: exposure }] of account) {
      this.#refusedBefore.set(server, this.#truth.refusedLogins(server));
      // What an observing policy's pods grow by is nobody's promise.
      const isWhole = this.#truth.newestObservedMs(server) === undefined;
      const isKnown = this.#hidden === 0 && this.#isActedOn;
      if (exposure <= budget && isKnown && isWhole) this.#promised.set(server, budget);
      else this.#promised.delete(server);
    }
    return account;
  }

  account(): Account {
    return new Map(
      this.#truth.servers.map((name) => {
        const { server, workloads } = this.#truth.stateOf(name);
        const exposure = trueExposure(server, workloads);
        const { slots, slotsWithStrangers: withStrangers, slotsSeen: seen } = exposure;
        return [
          name,
          { budget: trueBudget(server), exposure: slots, withStrangers, seen },
        ] as const;
      }),
    );
  }

  /** The same if the next pods of one workload had a larger pool, by `more`. */
  accountWithMore(
    name: string,
    key: PoolKey,
    more: number,
  ): Pick<ServerAccount, "budget" | "exposure"> {
    const { server, workloads } = this.#truth.stateOf(name);
    const slots = more * this.#truth.processesOf(key);
    const grown = workloads.map((workload) =>
      workload.key === workloadOfPool(key)
        ? { ...workload, nextSlots: workload.nextSlots + slots }
        : workload,
    );
    const { slotsWithStrangers } = trueExposure(server, grown);
    return { budget: trueBudget(server), exposure: slotsWithStrangers };
  }

  judgeWrite(write: JudgedWrite, before: Account, knowledge: Knowledge): void {
    if (!write.isChange) this.violate("no write without a reason", `${write.what} ${write.key}`);
    const wasPromised = new Set(this.#promised.keys());
    if (write.what === "roll") this.#judgeRoll(write.key, knowledge);
    this.#watch(write, knowledge);
    for (const [server, after] of this.review()) {
      const earlier = before.get(server) ?? nothing;
      if (after.exposure <= earlier.exposure || write.isWithdrawal === true) continue;
      this.#judgeGrowth(write, server, knowledge);
      if (isWithin(earlier, after) || !this.#knowsAll(write, server, knowledge)) continue;
      const rise = `from ${earlier.exposure} to ${after.exposure} of ${after.budget}`;
      const promise = wasPromised.has(server) ? ", against the promise" : "";
      this.violate("G2", `${write.what} of ${write.key} raised ${server} ${rise}${promise}`);
    }
  }

  judgeStatus(key: string, status: PoolPolicyStatus): void {
    const complaints = ledgerComplaints(status);
    if (complaints.length > 0)
      this.violate("the ledger adds up", `${key}: ${complaints.join("; ")}`);
  }

  judgeManifest(manifest: Manifest): void {
    const foreign = foreignFields(manifest);
    if (foreign.length > 0) this.violate("only our fields", foreign.join(", "));
  }

  /** More than this many rolls of one workload are a loop, whatever happened. */
  #judgeRoll(key: string, knowledge: Knowledge): void {
    if (this.#roomUsedMs > knowledge.clusterUntilMs) this.#crowdedMs = this.#roomUsedMs;
    const rolls = this.#rolls.get(key) ?? [];
    rolls.push(this.#clock.nowMs());
    this.#rolls.set(key, rolls);
    const bound = this.#restartsMax();
    if (rolls.length > bound) {
      this.violate("bounded restarts", `${key} was rolled ${rolls.length} times, bound ${bound}`);
    }
    const others = this.#truth.rollingBeside(key);
    const isKnown =
      this.#roomUsedMs <= knowledge.clusterUntilMs &&
      this.#beyondPlanMs <= knowledge.clusterUntilMs;
    if (others.length >= this.#truth.rolloutsOf(key) && isKnown && this.#hidden === 0) {
      this.violate("rolls within the room", `${key} beside ${others.join(", ")}`);
    }
  }

  #restartsMax(): number {
    const hours = this.#truth.elapsedMs / 3_600_000;
    return 4 + 2 * this.#deeds + Math.ceil(hours * this.#truth.rollsPerHourMax);
  }

  /** What it could not know is not held against it. */
  #watch(write: JudgedWrite, knowledge: Knowledge): void {
    const { what } = write;
    if (what === "status" || what === "resize") return;
    for (const server of this.#truth.serversOf(write.key)) {
      if (!this.#knowsAll(write, server, knowledge)) continue;
      const { clusterUntilMs: podsMs, reads } = knowledge;
      const sessionsMs = reads.get(server) ?? -Infinity;
      const begun = { ...write, what, ...this.#evictedOn(server, write) };
      this.#acts.begin(begun, server, { podsMs, sessionsMs });
    }
  }

  /** With what the pod holds there. */
  #evictedOn(server: string, { evicted }: JudgedWrite): Pick<JudgedWrite, "evicted"> {
    const pod = evicted && this.#truth.podOf(evicted.pod);
    return pod ? { evicted: { pod: evicted.pod, slots: pod.slotsOn(server) } } : {};
  }

  judgeEviction(key: string, pod: string, { clusterUntilMs }: Knowledge): void {
    const complaint = this.#evictions.begin(key, pod, clusterUntilMs);
    if (complaint !== undefined) this.violate("one pod at a time", complaint);
    const bound = this.#restartsMax() * Math.max(1, this.#truth.plannedPodsOf(key));
    const count = this.#evictions.countOf(key);
    if (count > bound) {
      this.violate("bounded restarts", `${count} pods of ${key} were evicted, bound ${bound}`);
    }
  }

  /** A roll may take room to shrink; what it is for was published before. */
  #judgeGrowth(write: JudgedWrite, server: string, knowledge: Knowledge): void {
    const { what, key, isOwnersWord } = write;
    if ((what !== "status" && what !== "resize") || isOwnersWord === true) return;
    const ageMs = this.#clock.nowMs() - knowledge.clusterUntilMs;
    if (ageMs > stalestWriteMs) this.violate("G4", `${key} grew on caches ${ageMs} ms old`);
    if (knowledge.reads.get(server) === undefined) {
      this.violate("G4", `${key} grew although the database could not be read`);
    }
  }

  #knowsAll({ what }: JudgedWrite, server: string, knowledge: Knowledge): boolean {
    if (this.#hidden > 0) return false;
    const { clusterUntilMs, reads } = knowledge;
    const readMs = this.#truth.limitsFrom(server).map((one) => reads.get(one) ?? -Infinity);
    const heardMs = Math.min(clusterUntilMs, ...readMs);
    if ((this.#truth.newestObservedMs(server) ?? 0) > clusterUntilMs) return false;
    if (this.#crowdedMs > clusterUntilMs) return false;
    return (
      this.#beyondPlanMs <= heardMs &&
      (what === "status" || what === "resize" || this.#roomUsedMs <= clusterUntilMs)
    );
  }
}
