// Starts the parts of a process in order and stops them in reverse, so that what a part relies on
// is there as long as it is. A signal asks for the end: the write in hand is finished, nothing new
// begins, and the exit code is 0. What does not stop in time is left behind and named.

import type { Clock, Log } from "../ports.ts";

const stopLimitMs = 10_000;
const stopSignals = ["SIGTERM", "SIGINT"] as const;

export interface Part {
  readonly name: string;
  /** Resolves when the part works; what it throws ends the process. */
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
}

/** What we need of `process`. */
export interface SignalSource {
  on(signal: (typeof stopSignals)[number], listener: () => void): unknown;
  off(signal: (typeof stopSignals)[number], listener: () => void): unknown;
}

export interface LifecycleOptions {
  readonly signals: SignalSource;
  readonly clock: Clock;
  readonly log: Log;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #parts: Part[] = [];
  readonly #stopping = new AbortController();
  #hasFailed = false;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** Aborted as soon as the end is asked for. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Parts start in the order in which they were added. */
  add(part: Part): void {
    this.#parts.push(part);
  }

  /** Asks for the end, as a signal does. */
  requestStop(reason: string): void {
    if (this.signal.aborted) return;
    this.#options.log.info({ reason }, "stopping");
    this.#stopping.abort();
  }

  /** Asks for the end because the process cannot go on: the exit code is 1. */
  fail(reason: string): void {
    this.#hasFailed = true;
    this.requestStop(reason);
  }

  /**
   * Runs until the end is asked for; resolves to the exit code: 0, or 1 if a part has failed, did
   * not stop within 10 s, or a second signal came. The caller exits the process.
   */
  async run(): Promise<number> {
    const impatience = Promise.withResolvers<number>();
    const onSignal = (): void => {
      if (this.signal.aborted) impatience.resolve(1);
      else this.requestStop("signal");
    };
    for (const name of stopSignals) this.#options.signals.on(name, onSignal);
    try {
      return await Promise.race([impatience.promise, this.#runParts()]);
    } finally {
      for (const name of stopSignals) this.#options.signals.off(name, onSignal);
    }
  }

  async #runParts(): Promise<number> {
    const asked = new Promise<void>((resolve) => {
      this.signal.addEventListener("abort", () => {
        resolve();
      });
      if (this.signal.aborted) resolve();
    });
    const started: Part[] = [];
    const hasStarted = await this.#startParts(started, asked);
    if (hasStarted) await asked;
    const hasStopped = await this.#stopParts(started.reverse());
    return hasStarted && hasStopped && !this.#hasFailed ? 0 : 1;
  }

  async #startParts(started: Part[], asked: Promise<void>): Promise<boolean> {
    for (const part of this.#parts) {
      if (this.signal.aborted) return true;
      started.push(part);
      try {
        await Promise.race([part.start?.(), asked]);
      } catch (error) {
        this.#options.log.error({ part: part.name, error }, "a part could not start");
        this.requestStop(`${part.name} could not start`);
        return false;
      }
    }
    return true;
  }

  async #stopParts(parts: readonly Part[]): Promise<boolean> {
    let current = "";
    const stopAll = async (): Promise<boolean> => {
      for (const part of parts) {
        current = part.name;
        await this.#stopPart(part);
      }
      return true;
    };
    const { promise: timeout, resolve: giveUp } = Promise.withResolvers<boolean>();
    const cancel = this.#options.clock.after(stopLimitMs, () => {
      this.#options.log.error(
        { part: current, limitMs: stopLimitMs },
        "a part did not stop in time",
      );
      giveUp(false);
    });
    const hasStopped = await Promise.race([stopAll(), timeout]);
    cancel();
    return hasStopped;
  }

  async #stopPart(part: Part): Promise<void> {
    try {
      await part.stop?.();
    } catch (error) {
      this.#options.log.warn({ part: part.name, error }, "a part did not stop cleanly");
    }
  }
}
