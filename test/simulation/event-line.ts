// The events of one watch on their way to an operator: each arrives after its lag, and none
// overtakes another. It knows how far the operator has heard. A watch that resumes brings first
// what happened while it was broken, one event after the other: what it has not brought yet was not
// heard, however long ago it happened.

import type { Clock, Random, WatchEvent } from "../../src/ports.ts";
import { cameToPassMs } from "./world/object-kind.ts";

export type Range = readonly [fromMs: number, toMs: number];

export interface EventLineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly conditions: { readonly watchLagMs: Range };
}

export function draw(random: Random, [fromMs, toMs]: Range): number {
  return fromMs + (toMs - fromMs) * random.next();
}

export class EventLine<T> {
  readonly #parts: EventLineParts;
  readonly #ended = new AbortController();
  readonly #queue: {
    readonly happenedMs: number;
    readonly arrivesMs: number;
    readonly event: WatchEvent<T>;
  }[] = [];
  #wake: (() => void) | undefined;
  #end: { readonly error: Error | undefined } | undefined;
  #lastArrivalMs = 0;
  #tookMs: number;
  #isOpen = false;

  /** `heardMs`: up to when the operator had heard before. */
  constructor(parts: EventLineParts, signal: AbortSignal, heardMs: number) {
    this.#parts = parts;
    this.#tookMs = heardMs;
    if (signal.aborted) this.close();
    else
      signal.addEventListener(
        "abort",
        () => {
          this.close();
        },
        { once: true },
      );
  }

  /** Everything that happened up to then was taken by the operator. */
  get heardUntilMs(): number {
    // The first word only says that the watch has begun.
    if (this.#end || !this.#isOpen) return this.#tookMs;
    const [next] = this.#queue;
    return next ? next.happenedMs - 1 : this.#parts.clock.nowMs();
  }

  close(): void {
    this.#ended.abort();
    this.#wake?.();
  }

  fill(open: (ended: AbortSignal) => AsyncIterable<WatchEvent<T>>): void {
    void this.#fill(open(this.#ended.signal)).then(
      () => {
        this.#finish({ error: undefined });
      },
      (error: unknown) => {
        this.#finish({ error: error instanceof Error ? error : new Error(String(error)) });
      },
    );
  }

  async *events(): AsyncGenerator<WatchEvent<T>> {
    for (;;) {
      const next = this.#queue[0];
      if (this.#ended.signal.aborted) return;
      if (!next) {
        if (this.#end) break;
        await this.#changed();
      } else if (next.arrivesMs > this.#parts.clock.nowMs()) {
        await this.#changed(next.arrivesMs - this.#parts.clock.nowMs());
      } else {
        yield next.event;
        // Whoever breaks off here has not heard of it.
        this.#queue.shift();
        if (this.#isOpen) this.#tookMs = next.happenedMs;
        this.#isOpen = true;
      }
    }
    if (this.#end.error !== undefined) throw this.#end.error;
  }

  async #fill(events: AsyncIterable<WatchEvent<T>>): Promise<void> {
    const { clock, random, conditions } = this.#parts;
    for await (const event of events) {
      const sentMs = clock.nowMs();
      const sentArrivesMs = sentMs + draw(random, conditions.watchLagMs);
      this.#lastArrivalMs = Math.max(sentArrivesMs, this.#lastArrivalMs);
      const arrivesMs = Math.ceil(this.#lastArrivalMs);
      this.#queue.push({ happenedMs: cameToPassMs(event) ?? sentMs, arrivesMs, event });
      this.#wake?.();
    }
  }

  #finish(end: { readonly error: Error | undefined }): void {
    this.#tookMs = this.heardUntilMs;
    this.#end = end;
    this.#wake?.();
  }

  #changed(withinMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel =
        withinMs === undefined ? undefined : this.#parts.clock.after(withinMs, resolve);
      this.#wake = () => {
        cancel?.();
        resolve();
      };
    });
  }
}
