// For how long others wait for a namespace: 30 s at most in any 10 min, whatever its tenant does.
// After that only the namespace itself waits.

const holdMs = 30_000;
const holdAgainMs = 10 * 60_000;

export class BoundedHolds {
  readonly #heldSince = new Map<string, number>();

  /** Whether others wait for the namespace now; the first time that it is asked begins the hold. */
  isHold(namespace: string, monotonicMs: number): boolean {
    this.#forget(monotonicMs);
    const heldSinceMs = this.#heldSince.get(namespace) ?? monotonicMs;
    this.#heldSince.set(namespace, heldSinceMs);
    return monotonicMs - heldSinceMs < holdMs;
  }

  #forget(monotonicMs: number): void {
    for (const [namespace, sinceMs] of this.#heldSince) {
      if (monotonicMs - sinceMs >= holdAgainMs) this.#heldSince.delete(namespace);
    }
  }
}
