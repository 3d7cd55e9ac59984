// Writes that the API server has refused: a right that is missing, a value that it does not take,
// an entry that somebody else owns. To ask again every second would change nothing and fill its
// audit log; each refusal doubles the time until the next try, unless the object itself is another
// by then.

import type { Failure } from "../ports.ts";

const firstDelayMs = 1_000;
const delayMaxMs = 60_000;

interface Refused {
  readonly version: string;
  readonly retryAtMs: number;
  readonly delayMs: number;
}

/** Whether the same write would be answered the same way again. */
export function isRefusal(failure: Failure): boolean {
  const { kind } = failure;
  return (
    kind === "forbidden" ||
    kind === "invalid" ||
    (kind === "conflict" && failure.managers.length > 0)
  );
}

export class Refusals {
  readonly #refused = new Map<string, Refused>();

  /** How long the write is not to be tried yet, from 0 to a minute. */
  waitMs(write: string, version: string, nowMs: number): number {
    const refused = this.#refused.get(write);
    if (refused?.version !== version) return 0;
    // A clock that was set back does not make it longer.
    return Math.min(Math.max(0, refused.retryAtMs - nowMs), refused.delayMs);
  }

  /** The write was refused; returns the delay until its next try, in milliseconds. */
  note(write: string, version: string, nowMs: number): number {
    const before = this.#refused.get(write)?.delayMs ?? firstDelayMs / 2;
    const delayMs = Math.min(before * 2, delayMaxMs);
    this.#refused.set(write, { version, retryAtMs: nowMs + delayMs, delayMs });
    return delayMs;
  }

  /** It went through. */
  forget(write: string): void {
    this.#refused.delete(write);
  }
}
