// The fields of a workload with the managers that own them, and what writes do to both: server-side
// apply and plain updates, as the API server merges them. An object is flattened to a map from
// field to text, in the order of its lists; the entries of a list are fields of their own
// (`env/app/NAME`) beside what they hold (`env/app/NAME/value`).

export type Fields = ReadonlyMap<string, string>;

export type ApplyOutcome =
  | {
      readonly kind: "applied";
      /** Fields with another value than before. */
      readonly changed: readonly string[];
      /** Fields that are the same and now belong to others. */
      readonly isOtherOwner: boolean;
    }
  | { readonly kind: "conflict"; readonly managers: readonly string[] };

export class ManagedFields {
  #values = new Map<string, string>();
  readonly #owners = new Map<string, Set<string>>();

  get values(): Fields {
    return this.#values;
  }

  ownersOf(field: string): ReadonlySet<string> {
    return this.#owners.get(field) ?? nobody;
  }

  isManager(manager: string): boolean {
    return [...this.#owners.values()].some((owners) => owners.has(manager));
  }

  /** The manager states all that it wants: what it no longer states and nobody else owns goes. */
  apply(manager: string, wanted: Fields, { force }: { readonly force: boolean }): ApplyOutcome {
    const managers = this.#inTheWay(manager, wanted);
    if (managers.length > 0 && !force) return { kind: "conflict", managers };
    const changed: string[] = [];
    let isOtherOwner = false;
    for (const [field, value] of wanted) {
      const owners = this.#owners.get(field);
      if (this.#values.get(field) !== value) {
        this.#set(field, value, manager);
        changed.push(field);
      } else if (owners && !owners.has(manager)) {
        owners.add(manager);
        isOtherOwner = true;
      }
    }
    const released = this.#release(manager, wanted);
    changed.push(...released.removed);
    return { kind: "applied", changed, isOtherOwner: isOtherOwner || released.isOtherOwner };
  }

  /** The manager owns nothing any more; everything stays as it is. False: it owned nothing. */
  release(manager: string): boolean {
    let owned = false;
    for (const owners of this.#owners.values()) owned = owners.delete(manager) || owned;
    return owned;
  }

  /** Sets fields (undefined removes one): what changes belongs to the manager alone. */
  update(manager: string, wanted: ReadonlyMap<string, string | undefined>): readonly string[] {
    const changed: string[] = [];
    for (const [field, value] of wanted) {
      if (this.#values.get(field) === value) continue;
      changed.push(field);
      if (value === undefined) this.#remove(field);
      else this.#set(field, value, manager);
    }
    return changed;
  }

  /** Makes the fields that `isPart` picks exactly these, in this order. */
  replace(manager: string, wanted: Fields, isPart: (field: string) => boolean): readonly string[] {
    const gone = [...this.#values.keys()].filter((field) => isPart(field) && !wanted.has(field));
    const changed = this.update(manager, new Map([...asAbsent(gone), ...wanted]));
    const others = [...this.#values].filter(([field]) => !isPart(field));
    this.#values = new Map([...others, ...wanted]);
    return changed;
  }

  #inTheWay(manager: string, wanted: Fields): string[] {
    const managers = new Set<string>();
    for (const [field, value] of wanted) {
      const live = this.#values.get(field);
      if (live === undefined || live === value) continue;
      for (const owner of this.ownersOf(field)) if (owner !== manager) managers.add(owner);
    }
    return [...managers];
  }

  #release(manager: string, kept: Fields): { removed: string[]; isOtherOwner: boolean } {
    const removed: string[] = [];
    let isOtherOwner = false;
    // What an entry holds goes before the entry.
    for (const [field, owners] of [...this.#owners].reverse()) {
      if (kept.has(field) || !owners.delete(manager)) continue;
      if (owners.size > 0 || this.#holdsMore(field)) isOtherOwner = true;
      else if (this.#values.has(field)) {
        this.#remove(field);
        removed.push(field);
      }
    }
    return { removed, isOtherOwner };
  }

  /** An entry stays while somebody owns something in it. */
  #holdsMore(field: string): boolean {
    for (const other of this.#values.keys()) if (other.startsWith(`${field}/`)) return true;
    return false;
  }

  #set(field: string, value: string, manager: string): void {
    this.#values.set(field, value);
    this.#owners.set(field, new Set([manager]));
  }

  #remove(field: string): void {
    this.#values.delete(field);
    this.#owners.delete(field);
  }
}

const nobody: ReadonlySet<string> = new Set();

function asAbsent(fields: readonly string[]): [string, undefined][] {
  return fields.map((field) => [field, undefined]);
}
