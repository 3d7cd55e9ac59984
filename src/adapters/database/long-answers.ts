// Parts of a reading that a server answered at too great a length: they are left out for a while,
// so that what the clients of a server do to one answer costs nobody the others, and the server
// does not write it again and again.

import type { ServerKey } from "../../domain/facts/facts.ts";
import type { Clock } from "../../ports.ts";

const pauseMs = 10 * 60_000;

export class LongAnswers {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #untilMs = new Map<ServerKey, Map<string, number>>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  note(server: ServerKey, part: string): void {
    const parts = this.#untilMs.get(server) ?? new Map<string, number>();
    this.#untilMs.set(server, parts.set(part, this.#clock.monotonicMs() + pauseMs));
  }

  has(server: ServerKey, part: string): boolean {
    return this.#clock.monotonicMs() < (this.#untilMs.get(server)?.get(part) ?? -Infinity);
  }

  forget(server: ServerKey): void {
    this.#untilMs.delete(server);
  }
}
