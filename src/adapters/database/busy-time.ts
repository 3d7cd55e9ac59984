// How long a server kept the only thread: in the events of its line, where TLS and pg work, and
// where its answer is read. Whoever names such a server is charged with it.

export class BusyTime {
  #isRunning = false;
  #ms = 0;

  /** Work within other work is counted once. */
  run<T>(work: () => T): T {
    if (this.#isRunning) return work();
    this.#isRunning = true;
    const startMs = performance.now();
    try {
      return work();
    } finally {
      this.#isRunning = false;
      this.#ms += performance.now() - startMs;
    }
  }

  /** Since it was taken last. */
  takeMs(): number {
    const ms = this.#ms;
    this.#ms = 0;
    return ms;
  }
}
