// Whose fetch comes next: so many at once, and of one namespace no more than half of them, so that
// one who names many ConfigMaps, or whose answers are slow, costs the others no turn.

const fetchesAtOnce = 8;
const ofOneNamespace = 4;

export class FetchTurns {
  /** By namespace: how many run, and who waits. Only namespaces for which either is so. */
  readonly #lines = new Map<string, { running: number; readonly waiting: (() => void)[] }>();
  #running = 0;

  async run(namespace: string, fetch: () => Promise<void>): Promise<void> {
    await this.#turn(namespace);
    try {
      await fetch();
    } finally {
      this.#end(namespace);
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

  #end(namespace: string): void {
    const line = this.#lines.get(namespace);
    if (!line) return;
    line.running -= 1;
    this.#running -= 1;
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
