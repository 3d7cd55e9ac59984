// When a list or a watch that went wrong is tried again. Two cares meet here: a server that is down
// or refuses must not be besieged, and an operator that starts together with its server must not
// sleep through its first answer, for until everything was listed once it decides nothing.

import { OperatorError } from "../errors.ts";
import type { Random } from "../ports.ts";
import { Backoff } from "./backoff.ts";

/** What is not served or not allowed stays so until a person does something. */
const slowRetryMs = 30_000;
/** Before the first list. There are a dozen kinds, so a server hears a dozen requests a second. */
const startRetryMs = 1_000;
/** A server that has just started refuses everything, until it has read who may do what. */
const refusalsInHaste = 5;
/** So many tries in vain, and the position itself is doubted. */
const triesPerPosition = 10;

export class ReadRetry {
  readonly #random: Random;
  readonly #backoff: Backoff;
  #refusals = 0;
  #isStarting = true;

  constructor(random: Random) {
    this.#random = random;
    this.#backoff = new Backoff({ random, baseMs: 1_600, maxMs: 30_000 });
  }

  /** Everything was listed: from now on there is something to work with, and time. */
  noteListed(): void {
    this.#isStarting = false;
  }

  /** A watch held for a while: what went wrong before is over. */
  reset(): void {
    this.#backoff.reset("");
  }

  /** Milliseconds until the next try after a watch that ended too soon without an error. */
  afterEndMs(): number {
    return this.#backoff.nextMs("");
  }

  /** Milliseconds until the next try after this failure; the server's own word counts. */
  afterFailureMs(failure: unknown): number {
    const backoffMs = this.#backoff.nextMs("");
    if (isRefusal(failure)) {
      this.#refusals += 1;
      const slowMs = slowRetryMs * (0.8 + 0.4 * this.#random.next());
      return this.#refusals <= refusalsInHaste ? this.#hasteMs(slowMs) : slowMs;
    }
    const retry = failure instanceof OperatorError ? failure.retry : "backoff";
    if (typeof retry === "object") return Math.max(retry.afterMs, backoffMs);
    return this.#hasteMs(backoffMs);
  }

  /** True at every tenth failure in a row: whatever else, the position may be what is wrong. */
  isPositionDoubted(): boolean {
    return this.#backoff.failures("") % triesPerPosition === triesPerPosition - 1;
  }

  #hasteMs(delayMs: number): number {
    return this.#isStarting ? Math.min(delayMs, startRetryMs) : delayMs;
  }
}

function isRefusal(failure: unknown): boolean {
  const code = failure instanceof OperatorError ? failure.code : "";
  return code === "K8S_FORBIDDEN" || code === "K8S_NOT_FOUND";
}
