// Whose turn it is when more keys wait than there are workers. Keys are worked on for somebody,
// such as the namespaces whose policies name a server, and somebody's many slow keys must not cost
// the others their turn. So the key of whoever has the fewest keys under work comes first, the
// oldest of several such; and nobody has more than `runningMax` under work at the same time.

export interface Fairness {
  /** For whom a key is worked on; several share its cost, none: nobody is charged. */
  readonly groupsOf: (key: string) => readonly string[];
  /** Keys of one group that are worked on at the same time. Default: no bound. */
  readonly runningMax?: number;
}

export class Turns {
  readonly #fairness: Fairness;
  readonly #waiting = new Map<string, readonly string[]>();
  /** By key under work: the group that is charged with it. */
  readonly #charged = new Map<string, string | undefined>();
  readonly #running = new Map<string, number>();

  constructor(fairness: Fairness = { groupsOf: () => [] }) {
    this.#fairness = fairness;
  }

  /** The key waits; again after its groups may have changed. */
  wait(key: string): void {
    this.#waiting.set(key, this.#fairness.groupsOf(key));
  }

  /** The key that is to be worked on now; undefined where none waits that may. */
  next(): string | undefined {
    const { runningMax = Infinity } = this.#fairness;
    let [best, fewest] = [undefined as string | undefined, runningMax];
    for (const [key, groups] of this.#waiting) {
      const running = this.#runningOf(this.#lightest(groups));
      if (running < fewest) [best, fewest] = [key, running];
      if (fewest === 0) break;
    }
    return best;
  }

  /** Work on a waiting key begins: its least busy group is charged with it. */
  begin(key: string): void {
    const group = this.#lightest(this.#waiting.get(key) ?? []);
    this.#waiting.delete(key);
    this.#charged.set(key, group);
    if (group !== undefined) this.#running.set(group, this.#runningOf(group) + 1);
  }

  end(key: string): void {
    const group = this.#charged.get(key);
    this.#charged.delete(key);
    if (group === undefined) return;
    const left = this.#runningOf(group) - 1;
    if (left > 0) this.#running.set(group, left);
    else this.#running.delete(group);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  clear(): void {
    this.#waiting.clear();
  }

  #lightest(groups: readonly string[]): string | undefined {
    const [first, ...others] = groups;
    return others.reduce((a, b) => (this.#runningOf(b) < this.#runningOf(a) ? b : a), first);
  }

  #runningOf(group: string | undefined): number {
    return group === undefined ? 0 : (this.#running.get(group) ?? 0);
  }
}
