// One operator of several writes: the one whose name stands in a Lease. Nobody trusts another's
// clock: a standby waits until it has seen the same record for the record's whole duration, and the
// leader stops to write by its own clock before that can be.
//
// Counted from the moment at which the leader SENT its last renewal that went through, with the
// defaults in brackets:
//
//   renewDeadline                [10 s]  the fence shuts: no write begins any more
//   renewDeadline + writeLimit   [14 s]  the last write has been answered, or was given up
//   leaseDuration                [15 s]  at the soonest, another may lead: it cannot have seen the
//                                        renewal before it was sent
//
//   writeLimit = 80 % of (leaseDuration − renewDeadline). The rest is for a request that was given
//   up while the API server still worked on it, and for clocks that do not run equally fast.
//
// A leader that cannot reach the API server is not lost yet. It may write nothing, and goes on if
// its next renewal goes through: that replaces the very version that it wrote itself, so nobody
// else was there.
//
// A process whose own pod stands in the Lease succeeds a dead one and leads at once. What the dead
// one sent may arrive until writeLimit after this process began: until then nothing grows, and the
// Lease is not given away.

import type { Clock, Lease, LeaseRecord, Log, Outcome, Random, StoredLease } from "../ports.ts";
import { recordAfter, releasedRecord } from "./lease-record.ts";
import { ageMs, longAgo, type Moment, momentOf } from "./moment.ts";
import { LeaseObserver } from "./lease-observer.ts";

export interface ElectionTimes {
  /** How long a standby waits for a leader of which it sees nothing. */
  readonly leaseDurationMs: number;
  /** Age of the last renewal from which on the leader writes nothing; below leaseDurationMs. */
  readonly renewDeadlineMs: number;
  /** Between two renewals; a standby looks four times as often. */
  readonly retryMs: number;
}

export interface LeaderElectionOptions extends ElectionTimes {
  readonly lease: Lease;
  /** Of this process alone: no other, and no earlier one, has the same. */
  readonly identity: string;
  /** What the names of all processes of this pod begin with; undefined where it is not sure. */
  readonly ownPod?: string | undefined;
  /**
   * Called once, when it leads no more and did not want to end: nothing is written from then on.
   */
  readonly onLost: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** How long a write of the leader may take at most, in milliseconds; see the head of this file. */
export function writeLimitMs({
  leaseDurationMs,
  renewDeadlineMs,
}: Pick<ElectionTimes, "leaseDurationMs" | "renewDeadlineMs">): number {
  return Math.floor(0.8 * (leaseDurationMs - renewDeadlineMs));
}

type State = "standby" | "waiting" | "leading" | "lost" | "stopped";

/**
 * States, and the ways from each:
 *
 * - standby: another leads, or nobody knows. The Lease was released, or has not changed for its
 *   duration → written with our name → leading. It is not there, nor does its leader make it anew →
 *   created with our name → waiting.
 * - waiting: our name stands in a new Lease. Who held the one that was deleted may still write; its
 *   time over → leading. Another name in it → standby.
 * - leading: writes while the last renewal is younger than renewDeadline. Another name in the
 *   Lease, or it is gone and the last renewal too old → lost.
 * - lost: for good; the process ends and another one begins as a standby.
 * - stopped: for good, from every state; a leader has taken its name out of the Lease.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #observer: LeaseObserver;
  readonly #beganMs: number;
  #succeedsDead = false;
  #onElected: (() => void) | undefined;
  #state: State = "standby";
  /** The Lease as we last wrote it. */
  #own: StoredLease | undefined;
  /** When the last renewal that went through was sent. */
  #renewed: Moment = longAgo;
  #doubtMs = -Infinity;
  #failure: string | undefined;
  #turn: Promise<void> | undefined;
  #turnBeganMs: number | undefined;
  #cancelTurn: () => void = () => undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#observer = new LeaseObserver(options);
    this.#beganMs = options.clock.monotonicMs();
  }

  /** Whether it has been elected; whether it may write now says `refusal`. */
  get isLeading(): boolean {
    return this.#state === "leading";
  }

  /** Why this process may write nothing now, in words that stay; undefined: it leads for sure. */
  refusal(): string | undefined {
    if (this.#state !== "leading") return `this operator does not lead (${this.#state})`;
    const { clock, renewDeadlineMs } = this.#options;
    if (ageMs(this.#renewed, clock) < renewDeadlineMs) return undefined;
    return `the lease was not renewed for ${Math.floor(renewDeadlineMs / 1000)} s`;
  }

  /** Milliseconds for which a write of the dead process before this one may still arrive, or 0. */
  get quietForMs(): number {
    if (!this.#succeedsDead) return 0;
    const untilMs = this.#beganMs + writeLimitMs(this.#options);
    return Math.max(0, untilMs - this.#options.clock.monotonicMs());
  }

  /** Milliseconds for which it has been waiting for the API server; 0 while it is not. */
  get busyMs(): number {
    if (this.#turnBeganMs === undefined) return 0;
    return this.#options.clock.monotonicMs() - this.#turnBeganMs;
  }

  /** A write was sent and nobody knows what became of it: the lease is not given away too soon. */
  noteDoubt(): void {
    this.#doubtMs = this.#options.clock.monotonicMs();
  }

  /** Begins to try, and calls `onElected` once it leads. Does nothing if it ever began. */
  start(onElected: () => void): void {
    if (this.#onElected) return;
    this.#onElected = onElected;
    this.#planTurn(0);
  }

  /** For good, after the last write. A leader gives the lease away: the next need not wait. */
  async stop(): Promise<void> {
    const wasLeading = this.#state === "leading";
    if (this.#state !== "lost") this.#state = "stopped";
    this.#cancelTurn();
    await this.#turn;
    // Who only waited has nothing to give: the one it waits for may still write.
    if (wasLeading) await this.#release();
  }

  #planTurn(delayMs: number): void {
    this.#cancelTurn = this.#options.clock.after(delayMs, () => {
      this.#turn = this.#takeTurn();
    });
  }

  async #takeTurn(): Promise<void> {
    this.#turnBeganMs = this.#options.clock.monotonicMs();
    await (this.#state === "standby" ? this.#tryToLead() : this.#renew());
    const spentMs = this.busyMs;
    this.#turnBeganMs = undefined;
    if (this.#isOver()) return;
    this.#planTurn(Math.max(0, this.#intervalMs() - spentMs));
  }

  #isOver(): boolean {
    return this.#state === "lost" || this.#state === "stopped";
  }

  /** Another's time over, it is there at once; jitter keeps two standbys apart. */
  #intervalMs(): number {
    const { retryMs, random } = this.#options;
    if (this.#state === "leading") return retryMs;
    const lookMs = (retryMs / 4) * (0.9 + 0.2 * random.next());
    const { leftMs } = this.#observer;
    return leftMs > 0 ? Math.min(leftMs, lookMs) : lookMs;
  }

  async #tryToLead(): Promise<void> {
    const { lease, log } = this.#options;
    const found = await lease.read();
    if (found.kind === "absent") {
      await this.#createAnew();
      return;
    }
    if (!this.#isAnswer(found, "reading")) return;
    const { record } = found.value;
    if (this.#observer.see(found.value)) log.info({ holder: record.holder }, "another one leads");
    if (this.#observer.leftMs > 0) return;
    this.#succeedsDead = this.#observer.isDead(found.value);
    await this.#replace("taking", found.value);
  }

  /** A leader that is alive and misses it is given the time to do so first. */
  async #createAnew(): Promise<void> {
    const { lease, retryMs } = this.#options;
    if (this.#observer.seeAbsent() < 2 * retryMs) return;
    await this.#write("creating", this.#observer.last, (record) => lease.create(record));
  }

  async #renew(): Promise<void> {
    if (!this.#own) return;
    const outcome = await this.#replace("renewing", this.#own);
    if (outcome === "conflict") await this.#lookAgain();
    else if (outcome === "absent") await this.#restore();
  }

  /** A write of ours went through unheard, somebody labelled the Lease, or another has taken it. */
  async #lookAgain(): Promise<void> {
    const found = await this.#options.lease.read();
    if (found.kind === "absent") {
      await this.#restore();
      return;
    }
    if (!this.#isAnswer(found, "reading")) return;
    this.#observer.see(found.value);
    const { holder } = found.value.record;
    if (holder === this.#options.identity) await this.#replace("renewing", found.value);
    else this.#lose(holder === "" ? "the lease was emptied" : `${holder} holds the lease`);
  }

  /** Deleted while we lead: whoever makes it anew has to wait, so that for now it is still ours. */
  async #restore(): Promise<void> {
    const reason = this.refusal();
    const create = (record: LeaseRecord): ReturnType<Lease["create"]> =>
      this.#options.lease.create(record);
    if (reason === undefined) await this.#write("creating", this.#own, create);
    else this.#lose(`the lease is gone, and ${reason}`);
  }

  async #replace(doing: string, stored: StoredLease): Promise<Outcome<StoredLease>["kind"]> {
    const { lease } = this.#options;
    return await this.#write(doing, stored, (record) => lease.replace(stored, record));
  }

  async #write(
    doing: string,
    before: StoredLease | undefined,
    send: (record: LeaseRecord) => Promise<Outcome<StoredLease>>,
  ): Promise<Outcome<StoredLease>["kind"]> {
    if (this.#isOver()) return "unavailable";
    const { identity, leaseDurationMs, clock } = this.#options;
    const sent = momentOf(clock);
    const isWaiting = this.#state !== "leading" && this.#observer.leftMs > 0;
    const holding = { identity, leaseDurationMs, nowMs: sent.wallMs, isWaiting };
    const written = await send(recordAfter(before, holding));
    if (this.#isAnswer(written, doing)) this.#hold(written.value, sent);
    return written.kind;
  }

  /** Our name stands in the Lease, in a version that we wrote ourselves. */
  #hold(stored: StoredLease, sent: Moment): void {
    this.#observer.see(stored);
    this.#own = stored;
    this.#renewed = sent;
    if (this.#state !== "standby" && this.#state !== "waiting") return;
    this.#state = this.#observer.leftMs > 0 ? "waiting" : "leading";
    if (this.#state === "waiting") return;
    const { identity, log } = this.#options;
    log.info({ identity, transitions: stored.record.transitions }, "this operator leads");
    this.#onElected?.();
  }

  #lose(reason: string): void {
    this.#own = undefined;
    if (this.#state === "waiting") this.#state = "standby";
    if (this.#state !== "leading") return;
    this.#state = "lost";
    const { identity, log, onLost } = this.#options;
    log.error({ identity, reason }, "the lease is lost: nothing more is written");
    onLost();
  }

  async #release(): Promise<void> {
    const { lease, identity, clock, leaseDurationMs, log } = this.#options;
    if (this.quietForMs > 0 || clock.monotonicMs() - this.#doubtMs < leaseDurationMs) {
      log.info({}, "the lease runs out by itself: a write of ours may still arrive");
      return;
    }
    const found = await lease.read();
    if (found.kind !== "ok" || found.value.record.holder !== identity) return;
    const left = releasedRecord(found.value.record, clock.nowMs());
    const { kind } = await lease.replace(found.value, left);
    log.info({ outcome: kind }, "lease released");
  }

  /** Says what went wrong once, not with every try; a conflict is the ordinary course of things. */
  #isAnswer<T>(outcome: Outcome<T>, doing: string): outcome is Extract<Outcome<T>, { kind: "ok" }> {
    const { log } = this.#options;
    if (outcome.kind === "ok") {
      if (this.#failure !== undefined) log.info({}, "the lease can be used again");
      this.#failure = undefined;
      return true;
    }
    if (outcome.kind === "conflict") return false;
    const { kind, message: detail } = outcome;
    log[kind === this.#failure ? "debug" : "warn"](
      { doing, kind, detail },
      "the lease cannot be used",
    );
    this.#failure = kind;
    return false;
  }
}
