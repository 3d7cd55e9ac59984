// By which numbers our own sessions stand in the process lists of servers. No server of MySQL shows
// a name that a session gives itself to everybody who may see the list, so the number that it gave
// us at login is what tells ours from others'. A number says nothing on another server.

import type { ServerKey } from "../../domain/facts/facts.ts";

/** Of one name: the session there is, and those before it that the server may still show. */
const keptMax = 16;

export class OwnThreads {
  readonly #threads = new Map<ServerKey, readonly number[]>();

  note(name: ServerKey, thread: number): void {
    const known = this.#threads.get(name) ?? [];
    this.#threads.set(name, [...known, thread].slice(-keptMax));
  }

  /** By all names that are known to be one server. */
  of(names: readonly ServerKey[]): readonly number[] {
    return [...new Set(names)].flatMap((name) => this.#threads.get(name) ?? []);
  }

  forget(name: ServerKey): void {
    this.#threads.delete(name);
  }
}
