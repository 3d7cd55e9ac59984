// Since when a policy of a server says something else than what is known of it. A status that is
// built from the spec before the latest edit would be written on top of it, with grants that nobody
// asks for any more. So an edit is waited for, but not for long: of a policy that is edited without
// end no status is written, and its neighbours are decided all the same.

import type { ServerKey } from "../../domain/facts/facts.ts";
import type { Clock } from "../../ports.ts";

/** For how long an edit of one policy holds up its neighbours. */
const editsMs = 2_000;

export class AwaitedEdits {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #sinceMs = new Map<ServerKey, number>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /**
   * `isEdited`: a policy of servers that are decided together was, and was not looked at since.
   * Edits on one of them after the other are waited for no longer than those on one server.
   */
  areAwaited(unit: readonly ServerKey[], isEdited: boolean): boolean {
    if (!isEdited) {
      for (const server of unit) this.forget(server);
      return false;
    }
    const nowMs = this.#clock.monotonicMs();
    for (const server of unit) this.#sinceMs.set(server, this.#sinceMs.get(server) ?? nowMs);
    return unit.every((server) => nowMs - (this.#sinceMs.get(server) ?? nowMs) < editsMs);
  }

  forget(server: ServerKey): void {
    this.#sinceMs.delete(server);
  }
}
