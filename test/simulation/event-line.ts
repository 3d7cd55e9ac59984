// The events of one watch on their way to an operator: each arrives after its lag, and none
// overtakes another. It knows how far the operator has heard.

import type { Clock, Random, WatchEvent } from "../../src/ports.ts";

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
  readonly #queue: { readonly sentMs: number; readonly arrivesMs: number; event: WatchEvent<T> }[] =
    [];
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

  /** Everything sent up to then was taken by the operator. */
  get heardUntilMs(): number {
    if (this.#end) return this.#tookMs;
    const [next] = this.#queue;
    return next ? next.sentMs - 1 : this.#parts.clock.nowMs();
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
        // The first word only says that the watch has begun.
        if (this.#isOpen) this.#tookMs = next.sentMs;
        this.#isOpen = true;
      }
    }
    if (this.#end.error !== undefined) throw this.#end.error;
  }

  async #fill(events: AsyncIterable<WatchEvent<T>>): Promise<void> {
    const { clock, random, conditions } = this.#parts;
    for await (const event of events) {
      const sentMs = clock.nowMs();
      const arrivesMs = sentMs + draw(random, conditions.watchLagMs);
      this.#lastArrivalMs = Math.max(arrivesMs, this.#lastArrivalMs);
      this.#queue.push({ sentMs, arrivesMs: Math.ceil(this.#lastArrivalMs), event });
      this.#wake?.();
    }
  }

  #finish(end: { readonly error: Error | undefined }): void {
    this.#tookMs = Math.max(this.#tookMs, (this.#queue[0]?.sentMs ?? 0) - 1);
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
