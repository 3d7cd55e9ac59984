// One Lease in memory, with the API server's rules: a version that is no longer the stored one is a
// conflict, what is gone is absent. Each process has a line of its own to it, which can be slow,
// cut, or lose answers to writes that did happen; where a test has a network of its own, a line
// that answers at once stands behind that.

import type { Clock, Lease, LeaseRecord, Outcome, StoredLease } from "../../src/ports.ts";

const away = { kind: "unavailable", message: "no answer in time" } as const;

export class MemoryLease {
  #stored: StoredLease | undefined;
  #versions = 0;
  #uids = 0;
  /** Requests that arrived. */
  requests = 0;

  /** As an installation leaves it: there, and held by nobody. */
  static free(): MemoryLease {
    const lease = new MemoryLease();
    lease.put({ holder: "", durationMs: 0, acquiredAtMs: 0, renewedAtMs: 0, transitions: 0 });
    return lease;
  }

  get stored(): StoredLease | undefined {
    return this.#stored;
  }

  get holder(): string | undefined {
    return this.#stored?.record.holder;
  }

  /** By somebody who asks nobody: the same object in a new version. */
  put(record: LeaseRecord): StoredLease {
    const uid = this.#stored?.uid ?? `uid-${++this.#uids}`;
    this.#stored = { uid, resourceVersion: String(++this.#versions), record };
    return this.#stored;
  }

  delete(): void {
    this.#stored = undefined;
  }

  read(): Outcome<StoredLease> {
    return this.#stored ? { kind: "ok", value: this.#stored } : gone;
  }

  create(record: LeaseRecord): Outcome<StoredLease> {
    return this.#stored ? changed : { kind: "ok", value: this.put(record) };
  }

  replace(from: StoredLease, record: LeaseRecord): Outcome<StoredLease> {
    if (!this.#stored) return gone;
    if (this.#stored.resourceVersion !== from.resourceVersion) return changed;
    return { kind: "ok", value: this.put(record) };
  }
}

const gone = { kind: "absent", message: "not found" } as const;
const changed = { kind: "conflict", message: "has been modified", managers: [] } as const;

/** The way to the Lease where nothing is in the way. */
export function openDirectLine(lease: MemoryLease): Lease {
  return {
    read: () => Promise.resolve(lease.read()),
    create: (record) => Promise.resolve(lease.create(record)),
    replace: (stored, record) => Promise.resolve(lease.replace(stored, record)),
  };
}

/** What befalls one request. */
export interface Passage {
  /** Until it arrives; undefined: it never does. */
  readonly requestMs: number | undefined;
  /** From there until its answer does; undefined: it never does. */
  readonly answerMs: number | undefined;
}

export interface LineOptions {
  readonly lease: MemoryLease;
  /** Of the network, which no pause of a process stops. */
  readonly clock: Clock;
  /** Runs what the process gets to hear; for a stopped one: once it goes on. */
  readonly deliver: (run: () => void) => void;
  /** Without an answer a request is given up after as long. */
  readonly limitMs: number;
  readonly passage: () => Passage;
}

/** The way of one process to the Lease. */
export function openLine(options: LineOptions): Lease {
  const { lease } = options;
  return {
    read: () => send(options, () => lease.read()),
    create: (record) => send(options, () => lease.create(record)),
    replace: (stored, record) => send(options, () => lease.replace(stored, record)),
  };
}

function send(
  { lease, clock, limitMs, passage, deliver }: LineOptions,
  act: () => Outcome<StoredLease>,
): Promise<Outcome<StoredLease>> {
  const { requestMs, answerMs } = passage();
  const { promise, resolve } = Promise.withResolvers<Outcome<StoredLease>>();
  const answerLater = (delayMs: number, outcome: Outcome<StoredLease>): void => {
    clock.after(delayMs, () => {
      deliver(() => {
        resolve(outcome);
      });
    });
  };
  answerLater(limitMs, away);
  if (requestMs === undefined) return promise;
  clock.after(requestMs, () => {
    lease.requests++;
    const outcome = act();
    if (answerMs !== undefined) answerLater(answerMs, outcome);
  });
  return promise;
}
