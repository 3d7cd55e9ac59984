// The first decision after a start waits until every server was asked once: only then is it known
// which names mean one server, and a name that were decided on its own would spend the whole budget
// of it. A server that does not answer holds nobody up for longer than a reading may take.

import type { Clock } from "../ports.ts";
import type { PolicyBook } from "./policy-book.ts";
import type { Readings } from "./readings.ts";

/** Connecting and asking each have five seconds. */
const waitMs = 10_000;

export class FirstLook {
  readonly #clock: Clock;
  #sinceMs: number | undefined;
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True from the moment on at which all were asked, or have had their time; never false again. */
  isOver({ book, readings }: { readonly book: PolicyBook; readonly readings: Readings }): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#sinceMs ??= nowMs;
    this.#isOver ||=
      nowMs - this.#sinceMs >= waitMs ||
      book.servers().every((server) => !isReadable(book, server) || readings.wasAttempted(server));
    return this.#isOver;
  }
}

function isReadable(book: PolicyBook, server: string): boolean {
  return book.readersOf(server).some(({ connection }) => connection !== undefined);
}
