// Whose fetch comes next: so many at once, and of one namespace no more than half of them, so that
// one who names many ConfigMaps, or whose answers are slow, costs the others no turn. A namespace
// is charged with the time that answers kept the only thread busy, as with decisions.

import type { Clock } from "../../ports.ts";
import { chargedMs } from "../../runtime/charge.ts";

const fetchesAtOnce = 8;
const ofOneNamespace = 4;
/** To take in a ConfigMap of a few lines takes far less. */
const unchargedMs = 1;

export class FetchTurns {
  /** By namespace: how many run, and who waits. Only namespaces for which either is so. */
  readonly #lines = new Map<string, { running: number; readonly waiting: (() => void)[] }>();
  readonly #clock: Pick<Clock, "after">;
  #running = 0;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /** `fetch` yields for how long it kept the thread busy. */
  async run(namespace: string, fetch: () => Promise<number>): Promise<void> {
    await this.#turn(namespace);
    let busyMs = 0;
    try {
      busyMs = await fetch();
    } finally {
      this.#running -= 1;
      this.#end(namespace, chargedMs(busyMs, unchargedMs));
    }
  }

  async #turn(namespace: string): Promise<void> {
    const line = this.#lines.get(namespace) ?? { running: 0, waiting: [] };
    this.#lines.set(namespace, line);
    await new Promise<void>((begin) => {
      line.waiting.push(begin);
      this.#beginNext();
    });
  }

  #end(namespace: string, afterMs: number): void {
    if (afterMs > 0) {
      this.#clock.after(afterMs, () => {
        this.#end(namespace, 0);
      });
      this.#beginNext();
      return;
    }
    const line = this.#lines.get(namespace);
    if (!line) return;
    line.running -= 1;
    if (line.running === 0 && line.waiting.length === 0) this.#lines.delete(namespace);
    this.#beginNext();
  }

  /** Of whoever has the fewest under way. */
  #beginNext(): void {
    if (this.#running >= fetchesAtOnce) return;
    const waiting = [...this.#lines.values()].filter(
      (line) => line.waiting.length > 0 && line.running < ofOneNamespace,
    );
    const [first, ...others] = waiting;
    if (!first) return;
    const next = others.reduce((a, b) => (b.running < a.running ? b : a), first);
    next.running += 1;
    this.#running += 1;
    next.waiting.shift()?.();
  }
}
