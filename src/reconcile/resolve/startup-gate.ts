// The first decision after a start waits until every policy was looked at and every server was
// asked once: only then is it known whose workloads count where, and which names mean one server. A
// name that were decided on its own would spend the whole budget of it. Both waits have an end:
// policies that are made meanwhile are not waited for, and a server that does not answer holds
// nobody up for longer than a reading may take. Afterwards a policy that nobody has looked at yet
// is not there yet: else whoever makes policies without end would stop every decision.

import type { ObservedPolicy } from "../../observed.ts";
import type { Clock } from "../../ports.ts";
import { canAsk, type PolicyBook } from "./policy-book.ts";
import type { Readings } from "../memory/readings.ts";

/** For the policies that were there at the start: the secret of each is fetched. */
const policiesMs = 30_000;
/** Connecting and asking each have five seconds. */
const readingMs = 10_000;

/** Where there are more servers the question is not asked each time. */
const serversEachMs = 100;

export interface Known {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly policies: Iterable<Pick<ObservedPolicy, "key" | "uid" | "deleting">>;
}

export class StartupGate {
  readonly #clock: Clock;
  #awaited: { readonly uids: ReadonlySet<string>; readonly sinceMs: number } | undefined;
  #seenAtMs: number | undefined;
  #isOver = false;
  #askedAgainAtMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * To be asked once the caches are filled. True from the moment on at which all were looked at, or
   * have had their time; never false again.
   */
  isOver(known: Known): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (this.#isOver || nowMs < this.#askedAgainAtMs) return this.#isOver;
    this.#isOver = this.#areSeen(known) && this.#areAsked(known);
    // Each server asks, and the answer takes a look at each policy and server.
    this.#askedAgainAtMs = nowMs + Math.floor(known.book.servers().length / serversEachMs);
    return this.#isOver;
  }

  #areSeen({ book, policies }: Known): boolean {
    if (this.#seenAtMs !== undefined) return true;
    const nowMs = this.#clock.monotonicMs();
    const present = [...policies];
    this.#awaited ??= { uids: new Set(present.map(({ uid }) => uid)), sinceMs: nowMs };
    const { uids, sinceMs } = this.#awaited;
    const isLeft = present.some(
      ({ key, uid, deleting }) => !deleting && uids.has(uid) && !book.hasSeen(key),
    );
    if (isLeft && nowMs - sinceMs < policiesMs) return false;
    this.#seenAtMs = nowMs;
    return true;
  }

  #areAsked({ book, readings }: Known): boolean {
    if (this.#clock.monotonicMs() - (this.#seenAtMs ?? Infinity) >= readingMs) return true;
    return book
      .servers()
      .every((server) => !isReadable(book, server) || readings.wasAttempted(server));
  }
}

function isReadable(book: PolicyBook, server: string): boolean {
  return book.readersOf(server).some(canAsk);
}
