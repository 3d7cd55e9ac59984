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

/** Keys that wait for the same groups, the oldest first, and since which turn. */
interface Line {
  readonly groups: readonly string[];
  readonly keys: Map<string, number>;
}

interface Candidate {
  readonly key: string;
  /** Keys under work of its least busy group. */
  readonly running: number;
  readonly since: number;
}

function isSooner(a: Omit<Candidate, "key">, b: Omit<Candidate, "key">): boolean {
  return a.running < b.running || (a.running === b.running && a.since < b.since);
}

export class Turns {
  readonly #fairness: Fairness;
  /** By their groups: somebody may have tens of thousands of keys that wait. */
  readonly #lines = new Map<string, Line>();
  /** By key that waits. */
  readonly #lineOf = new Map<string, string>();
  #turn = 0;
  /** By key under work: the group that is charged with it. */
  readonly #charged = new Map<string, string | undefined>();
  readonly #running = new Map<string, number>();

  constructor(fairness: Fairness = { groupsOf: () => [] }) {
    this.#fairness = fairness;
  }

  /** The key waits; again after its groups may have changed. */
  wait(key: string): void {
    const groups = this.#fairness.groupsOf(key);
    const name = JSON.stringify(groups);
    if (this.#lineOf.get(key) === name) return;
    const since = this.#leave(key) ?? ++this.#turn;
    const line = this.#lines.get(name) ?? { groups, keys: new Map<string, number>() };
    line.keys.set(key, since);
    this.#lines.set(name, line);
    this.#lineOf.set(key, name);
  }

  /** The key that is to be worked on now; undefined where none waits that may. */
  next(): string | undefined {
    const { runningMax = Infinity } = this.#fairness;
    let best: Candidate | undefined;
    for (const { groups, keys } of this.#lines.values()) {
      const running = this.#runningOf(this.#lightest(groups));
      const [first] = keys;
      if (!first || running >= runningMax) continue;
      const [key, since] = first;
      if (!best || isSooner({ running, since }, best)) best = { key, running, since };
    }
    return best?.key;
  }

  /** Work on a waiting key begins: its least busy group is charged with it. */
  begin(key: string): void {
    const line = this.#lines.get(this.#lineOf.get(key) ?? "");
    const group = this.#lightest(line?.groups ?? []);
    this.#leave(key);
    this.#charged.set(key, group);
    if (group !== undefined) this.#running.set(group, this.#runningOf(group) + 1);
  }

  /** The work has ended. Its group is charged with it until what is returned is called. */
  end(key: string): () => void {
    const group = this.#charged.get(key);
    this.#charged.delete(key);
    return () => {
      this.#discharge(group);
    };
  }

  #discharge(group: string | undefined): void {
    if (group === undefined) return;
    const left = this.#runningOf(group) - 1;
    if (left > 0) this.#running.set(group, left);
    else this.#running.delete(group);
  }

  get waiting(): number {
    return this.#lineOf.size;
  }

  clear(): void {
    this.#lines.clear();
    this.#lineOf.clear();
  }

  /** Since which turn it waited; undefined if it did not. */
  #leave(key: string): number | undefined {
    const name = this.#lineOf.get(key);
    const line = name === undefined ? undefined : this.#lines.get(name);
    if (name === undefined || !line) return undefined;
    const since = line.keys.get(key);
    line.keys.delete(key);
    if (line.keys.size === 0) this.#lines.delete(name);
    this.#lineOf.delete(key);
    return since;
  }

  #lightest(groups: readonly string[]): string | undefined {
    const [first, ...others] = groups;
    return others.reduce((a, b) => (this.#runningOf(b) < this.#runningOf(a) ? b : a), first);
  }

  #runningOf(group: string | undefined): number {
    return group === undefined ? 0 : (this.#running.get(group) ?? 0);
  }
}
