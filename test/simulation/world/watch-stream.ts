// A stream that is written to at any time and read when its reader comes round: a queue with an
// end. Written by hand instead of as an async generator, because a simulation sends millions of
// events and each costs a promise.

export class WatchStream<T> implements AsyncIterableIterator<T> {
  readonly #queue: T[] = [];
  #reader: PromiseWithResolvers<IteratorResult<T>> | undefined;
  #error: unknown;
  #isEnded = false;
  #onDone: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    if (signal?.aborted === true) this.end();
    else signal?.addEventListener("abort", this.#abort);
  }

  /** Called once nothing is written any more: ended, failed, aborted or left by its reader. */
  whenDone(onDone: () => void): void {
    if (this.#isEnded) onDone();
    else this.#onDone = onDone;
  }

  push(value: T): void {
    if (this.#isEnded) return;
    if (!this.#reader) {
      this.#queue.push(value);
      return;
    }
    const { resolve } = this.#reader;
    this.#reader = undefined;
    resolve({ value, done: false });
  }

  /** The reader still gets what was written before. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#onDone?.();
    const reader = this.#reader;
    this.#reader = undefined;
    if (!reader) return;
    if (this.#error === undefined) reader.resolve({ value: undefined, done: true });
    else reader.reject(this.#error);
  }

  fail(error: Error): void {
    if (this.#isEnded) return;
    this.#error = error;
    this.end();
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#isEnded) return this.#ending();
    this.#reader ??= Promise.withResolvers<IteratorResult<T>>();
    return this.#reader.promise;
  }

  return(): Promise<IteratorResult<T>> {
    this.#queue.length = 0;
    this.#error = undefined;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #abort = (): void => {
    this.#queue.length = 0;
    this.end();
  };

  #ending(): Promise<IteratorResult<T>> {
    const error = this.#error;
    this.#error = undefined;
    // What failed is always an Error: see fail().
    return error instanceof Error
      ? Promise.reject(error)
      : Promise.resolve({ value: undefined, done: true });
  }
}
