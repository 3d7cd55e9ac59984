// What a process writes into the Lease: pure, from what stood there before.

import type { LeaseRecord, StoredLease } from "../ports.ts";
import { releasedDurationMs } from "./lease-observer.ts";

export interface Holding {
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly nowMs: number;
  /** It made the Lease anew, and somebody else may still be writing: it does not lead yet. */
  readonly isWaiting: boolean;
}

/** Taken, renewed or made anew by `identity`. */
export function recordAfter(before: StoredLease | undefined, holding: Holding): LeaseRecord {
  const { identity, leaseDurationMs, nowMs, isWaiting } = holding;
  const { holder = "", transitions = 0, acquiredAtMs = 0 } = before?.record ?? {};
  const isOurs = holder === identity;
  return {
    holder: identity,
    durationMs: leaseDurationMs,
    acquiredAtMs: isWaiting ? 0 : (isOurs && acquiredAtMs) || nowMs,
    renewedAtMs: nowMs,
    transitions: isOurs ? transitions : transitions + 1,
  };
}

/** Given away: the next one need not wait. */
export function releasedRecord(record: LeaseRecord, nowMs: number): LeaseRecord {
  return { ...record, holder: "", durationMs: releasedDurationMs, renewedAtMs: nowMs };
}
