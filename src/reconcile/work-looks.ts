// Looks at who is at work, between two readings. A reading comes too seldom for that: most queries
// are over within a second. Every five seconds is enough, since it is the share of time that
// counts, and each look costs the server one short statement. It is made with the login whose
// reading counts, and no other: a login that is only being tried may lead to another server, or be
// shown nothing. A server that takes long for it, or costs us much, is asked less often, and one
// that fails is left alone until it was read again.

import { isUseWatched } from "../domain/demand/clients-at-work.ts";
import type { ClientsAtWork, ServerKey } from "../domain/facts/facts.ts";
import type { Clock, Database, DatabaseTarget, Random } from "../ports.ts";
import { after, done, type Result } from "../runtime/result.ts";
import type { PoolUse } from "./memory/pool-use.ts";
import type { PolicyBook } from "./resolve/policy-book.ts";

export const lookEveryMs = 5_000;
/** Looking takes a twentieth of the time of a server at most. */
const pausePerLook = 20;
/** And this part of the time of our only thread. */
const pausePerBusy = 1_000;

export interface WorkLooksParts {
  readonly book: PolicyBook;
  readonly use: Pick<PoolUse, "note">;
  readonly database: Pick<Database, "lookAtWork">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly random: Random;
  /** Wakes the decision of a server. */
  readonly enqueueServer: (server: ServerKey) => void;
  /** Has a server looked at after a while. */
  readonly enqueueLook: (server: ServerKey, delayMs: number) => void;
}

function isSameLogin(a: DatabaseTarget, b: DatabaseTarget): boolean {
  return a.uri === b.uri && a.ca === b.ca;
}

export class WorkLooks {
  readonly #parts: WorkLooksParts;
  /** By server that is looked at: with which login. */
  readonly #targets = new Map<ServerKey, DatabaseTarget>();
  readonly #busyMs = new Map<ServerKey, number>();

  constructor(parts: WorkLooksParts) {
    this.#parts = parts;
  }

  /** For how long the latest look has kept everybody else waiting, once. */
  takeBusyMs(server: ServerKey): number {
    const busyMs = this.#busyMs.get(server) ?? 0;
    this.#busyMs.delete(server);
    return busyMs;
  }

  /** A round of readings is over; undefined: no login has read what counts. */
  watch(server: ServerKey, target: DatabaseTarget | undefined): void {
    const { database, random, enqueueLook } = this.#parts;
    if (!database.lookAtWork || !target || !this.#isWatched(server)) {
      this.stop(server);
      return;
    }
    const isUnderWay = this.#targets.has(server);
    this.#targets.set(server, target);
    // Servers that were read together, as after a start, are not looked at together.
    if (!isUnderWay) enqueueLook(server, Math.round(lookEveryMs * (0.5 + random.next())));
  }

  stop(server: ServerKey): void {
    this.#targets.delete(server);
  }

  async reconcile(server: ServerKey): Promise<Result> {
    const { clock, database } = this.#parts;
    const target = this.#targets.get(server);
    if (!target || !database.lookAtWork) return done;
    const startMs = clock.monotonicMs();
    const { clients, busyMs } = await database.lookAtWork(target);
    const endMs = clock.monotonicMs();
    if (!clients) this.stop(server);
    // It may have been stopped meanwhile, or another login counts now.
    const now = this.#targets.get(server);
    if (clients && now && isSameLogin(now, target)) this.note(server, clients);
    const spentMs = busyMs + clock.monotonicMs() - endMs;
    this.#busyMs.set(server, spentMs);
    if (!now) return done;
    return after(Math.max(lookEveryMs, pausePerLook * (endMs - startMs), pausePerBusy * spentMs));
  }

  /** What was seen just now. */
  note(name: ServerKey, clients: readonly ClientsAtWork[]): void {
    const { book, use, enqueueServer } = this.#parts;
    const server = book.canonical(name);
    if (this.#isWatched(server) && use.note(server, clients)) enqueueServer(server);
  }

  /** A policy of it wants to know. */
  #isWatched(server: ServerKey): boolean {
    const { book } = this.#parts;
    return book.readersOf(server).some(isUseWatched);
  }
}
