// Which servers are being decided on. Each key has one worker, and servers that are decided
// together have one key. But which servers those are may change while a decision is carried out: a
// policy that is given a replica ties two units together. Until the decision that was under way on
// one of them is over, none begins that has it as well.

import type { ServerKey } from "../../domain/facts/facts.ts";

export class ServersInHand {
  readonly #inHand = new Set<ServerKey>();

  /** False where one of them is in hand; else all of them are from now on. */
  begin(servers: readonly ServerKey[]): boolean {
    if (servers.some((server) => this.#inHand.has(server))) return false;
    for (const server of servers) this.#inHand.add(server);
    return true;
  }

  end(servers: readonly ServerKey[]): void {
    for (const server of servers) this.#inHand.delete(server);
  }
}
