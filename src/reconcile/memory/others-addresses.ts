// Addresses of sessions that a pod has which is not the fleet's. Such a session is nobody else's,
// whatever role it logs in with. It counts so for the window after its pod is gone, as its readings
// do. They are looked for once for each reading: a cluster has many pods.

export class OthersAddresses {
  readonly #windowMs: number;
  readonly #untilMs = new Map<string, number>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** `hadByPods` answers which of the given addresses pods have for themselves. */
  note(
    shown: ReadonlySet<string>,
    monotonicMs: number,
    hadByPods: (addresses: ReadonlySet<string>) => Iterable<string>,
  ): void {
    for (const [address, untilMs] of this.#untilMs) {
      if (untilMs < monotonicMs) this.#untilMs.delete(address);
    }
    if (shown.size === 0) return;
    for (const address of hadByPods(shown)) {
      this.#untilMs.set(address, monotonicMs + this.#windowMs);
    }
  }

  get all(): ReadonlySet<string> {
    return new Set(this.#untilMs.keys());
  }
}
