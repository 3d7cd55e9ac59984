// Until when somebody else may be writing, as far as one process can tell from a Lease. Only its
// own monotonic clock counts, from the moment at which it saw a record, never the times in the
// record.

import type { Clock, StoredLease } from "../ports.ts";

/**
 * The duration, in milliseconds, that a leader leaves in a Lease of which it takes its own name, as
 * client-go does it. People who empty the field of the holder leave the duration as it was.
 */
export const releasedDurationMs = 1_000;

export interface LeaseObserverOptions {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Of this process. */
  readonly identity: string;
  /** For how long a holder is waited for whose Lease does not say it. */
  readonly leaseDurationMs: number;
  /** What the names of earlier processes of this very pod begin with: they are dead. */
  readonly ownPod?: string | undefined;
}

export class LeaseObserver {
  readonly #options: LeaseObserverOptions;
  #last: StoredLease | undefined;
  #untilMs = -Infinity;
  #absentSinceMs: number | undefined;

  constructor(options: LeaseObserverOptions) {
    this.#options = options;
  }

  /** The Lease as last seen. */
  get last(): StoredLease | undefined {
    return this.#last;
  }

  /** Milliseconds for which somebody else may still be writing; 0 or less: nobody is. */
  get leftMs(): number {
    return this.#untilMs - this.#options.clock.monotonicMs();
  }

  /** Answers whether the Lease has a new holder, who is neither nobody nor this process. */
  see(stored: StoredLease): boolean {
    const before = this.#last;
    this.#last = stored;
    this.#absentSinceMs = undefined;
    const { holder } = stored.record;
    if (isSame(before, stored) || holder === this.#options.identity) return false;
    if (holder === "") this.#seeNobody(before, stored);
    else if (!this.isDead(stored)) this.#waitFor(this.#durationOf(stored));
    return holder !== "" && holder !== before?.record.holder;
  }

  /**
   * Held by the process before this one in its pod, which had begun to lead: one that made the
   * Lease anew and still waited knew of somebody else who may write.
   */
  isDead({ record: { holder, acquiredAtMs } }: StoredLease): boolean {
    const { ownPod, identity } = this.#options;
    if (ownPod === undefined || holder === identity) return false;
    return holder.startsWith(ownPod) && acquiredAtMs > 0;
  }

  /** Who was emptied out by somebody else has not heard of it yet, and may still write. */
  #seeNobody(before: StoredLease | undefined, stored: StoredLease): void {
    const isGiven = isUntouched(stored) || isReleased(stored, this.#durationOf(before));
    if (isGiven && isContinued(before, stored)) this.#untilMs = -Infinity;
    else this.#waitFor(Math.max(before?.record.durationMs ?? 0, this.#durationOf(stored)));
  }

  /**
   * There is no Lease: whoever held the one that was there before may still write. Answers for how
   * many milliseconds it has been missed; Infinity if none was ever seen.
   */
  seeAbsent(): number {
    const nowMs = this.#options.clock.monotonicMs();
    this.#waitFor(Math.max(this.#durationOf(this.#last), this.#options.leaseDurationMs));
    this.#absentSinceMs ??= this.#last ? nowMs : -Infinity;
    return nowMs - this.#absentSinceMs;
  }

  #durationOf(stored: StoredLease | undefined): number {
    return stored?.record.durationMs || this.#options.leaseDurationMs;
  }

  #waitFor(durationMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, this.#options.clock.monotonicMs() + durationMs);
  }
}

function isSame(a: StoredLease | undefined, b: StoredLease): boolean {
  return a?.uid === b.uid && a.resourceVersion === b.resourceVersion;
}

/** As an installation leaves it: nobody has ever held it. */
function isUntouched({ record }: StoredLease): boolean {
  return record.transitions === 0 && record.renewedAtMs === 0;
}

/** Its holder has gone in order. Where leases are as short as the mark, it tells nothing. */
function isReleased({ record }: StoredLease, beforeMs: number): boolean {
  return record.durationMs === releasedDurationMs && beforeMs > releasedDurationMs;
}

/** A Lease that was made anew or wiped says nothing of whoever held it before. */
function isContinued(before: StoredLease | undefined, stored: StoredLease): boolean {
  if (!before) return true;
  return before.uid === stored.uid && stored.record.transitions >= before.record.transitions;
}
