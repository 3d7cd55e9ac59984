// Writes that the API server has refused: a right that is missing, a value that it does not take,
// an entry that somebody else owns. To ask again every second would change nothing and fill its
// audit log; each refusal doubles the time until the next try, unless the object itself is another
// by then.

import type {
  LivePodFacts,
  PolicyFacts,
  RefusedResize,
  RefusedWrite,
} from "../../domain/facts/facts.ts";
import type { Failure } from "../../ports.ts";

const firstDelayMs = 1_000;
const delayMaxMs = 60_000;
/** One that was not tried again for so long begins anew. */
const inARowMs = 600_000;

interface Refused {
  readonly write: Write;
  readonly message: string;
  /** Since when each try was refused. */
  readonly sinceMs: number;
  readonly retryAtMs: number;
  readonly delayMs: number;
  /** In a row. */
  readonly times: number;
}

/** What is written, and of which version: once the object is another, a refusal says nothing. */
export interface Write {
  readonly what: "status" | "roll" | "eviction" | "resize" | "release";
  /** PolicyKey of the status, uid of the pod of a resize, WorkloadKey of the others. */
  readonly key: string;
  readonly version: string;
}

export function rollOf({ key, uid, generation }: RolledObject): Write {
  return { what: "roll", key, version: `${uid}/${generation}` };
}

export function evictionFrom({ key, uid, generation }: RolledObject): Write {
  return { what: "eviction", key, version: `${uid}/${generation}` };
}

/** Of the pod as it is told now. */
export function resizeOf(uid: string, { size, resizedAtMs, touches }: LivePodFacts): Write {
  return { what: "resize", key: uid, version: `${size}/${resizedAtMs}/${touches}` };
}

export function releaseOf({ key, uid, generation }: RolledObject): Write {
  return { what: "release", key, version: `${uid}/${generation}` };
}

export function statusOf({ key, resourceVersion }: PolicyFacts): Write {
  return { what: "status", key, version: resourceVersion };
}

interface RolledObject {
  readonly key: string;
  readonly uid: string;
  readonly generation: number;
}

/** Whether the same write would be answered the same way again. */
export function isRefusal(failure: Failure): boolean {
  const { kind } = failure;
  return (
    kind === "forbidden" ||
    kind === "invalid" ||
    kind === "guarded" ||
    (kind === "conflict" && failure.managers.length > 0)
  );
}

export class Refusals {
  readonly #refused = new Map<string, Refused>();

  /** How long the write is not to be tried yet, from 0 to a minute. */
  waitMs(write: Write, nowMs: number): number {
    const refused = this.#of(write);
    if (!refused) return 0;
    // A clock that was set back does not make it longer.
    return Math.min(Math.max(0, refused.retryAtMs - nowMs), refused.delayMs);
  }

  /** Why it was refused lately; undefined where it may be tried. */
  lately(write: Write, nowMs: number): RefusedWrite | undefined {
    const { untilMs = 0, sinceMs = 0, message = "" } = this.last(write, nowMs) ?? {};
    return untilMs > nowMs ? { untilMs, sinceMs, message } : undefined;
  }

  /** The same, also where it may be tried again. */
  last(write: Write, nowMs: number): RefusedResize | undefined {
    const refused = this.#of(write);
    if (!refused) return undefined;
    const { message, sinceMs, times } = refused;
    const untilMs = nowMs + this.waitMs(write, nowMs);
    return { untilMs, sinceMs: Math.min(sinceMs, nowMs), message, times };
  }

  /** It was refused; returns the delay until its next try, in milliseconds. */
  note(write: Write, { message }: Failure, nowMs: number): number {
    const before = this.#refused.get(idOf(write));
    const delayMs = Math.min((before?.delayMs ?? firstDelayMs / 2) * 2, delayMaxMs);
    const last = this.#of(write);
    const row = last && nowMs < last.retryAtMs + inARowMs ? last : undefined;
    const sinceMs = Math.min(row?.sinceMs ?? nowMs, nowMs);
    const times = (row?.times ?? 0) + 1;
    const retryAtMs = nowMs + delayMs;
    this.#refused.set(idOf(write), { write, message, sinceMs, retryAtMs, delayMs, times });
    return delayMs;
  }

  /** Those that nobody has tried again for so long that a row would begin anew. */
  forgetOld(nowMs: number): void {
    for (const [id, { retryAtMs }] of this.#refused) {
      if (nowMs >= retryAtMs + inARowMs) this.#refused.delete(id);
    }
  }

  /** It went through. */
  forget(write: Write): void {
    this.#refused.delete(idOf(write));
  }

  /** What was refused and is still remembered, of whichever version. */
  writes(): readonly Write[] {
    return [...this.#refused.values()].map(({ write }) => write);
  }

  #of(write: Write): Refused | undefined {
    if (this.#refused.size === 0) return undefined;
    const refused = this.#refused.get(idOf(write));
    return refused?.write.version === write.version ? refused : undefined;
  }
}

function idOf({ what, key }: Write): string {
  return `${what} of ${key}`;
}
