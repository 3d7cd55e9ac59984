// Clients of a shared server, by kind: who they are, what they call themselves, where they come
// from. Anybody may open thousands of kinds. They never fail a reading: beyond what anybody needs,
// their names are dropped first, and then it is counted only that they are there.

import type { SessionGroup } from "../../domain/facts/facts.ts";

/** Kinds of which the name is kept, and kinds of all. */
const [namedMax, kindsMax] = [5_000, 10_000];

/** One of which it is known only that it is there. */
export const nobody = { user: "", database: "", applicationName: "", address: undefined };

export class SessionKinds {
  readonly #groups = new Map<string, { group: SessionGroup; count: number }>();
  #isInPart = false;

  get groups(): readonly SessionGroup[] {
    return [...this.#groups.values()].map(({ group, count }) => ({ ...group, count }));
  }

  /** Of some it is not kept who they are. */
  get isInPart(): boolean {
    return this.#isInPart;
  }

  add(group: SessionGroup): void {
    if (this.#addWithin(namedMax, group)) return;
    if (this.#addWithin(kindsMax, { ...group, applicationName: "" })) return;
    this.#isInPart = true;
    this.#addWithin(Infinity, { ...nobody, count: group.count });
  }

  #addWithin(most: number, group: SessionGroup): boolean {
    const { user, database, applicationName, address = "?" } = group;
    const key = `${user}\0${database}\0${applicationName}\0${address}`;
    const known = this.#groups.get(key);
    if (known) known.count += group.count;
    else if (this.#groups.size < most) this.#groups.set(key, { group, count: group.count });
    else return false;
    return true;
  }
}
