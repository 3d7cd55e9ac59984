// Why running pods wait to grow, and new ones behind the gate to start, although their slots are
// free: somebody else writes the statuses of the server too, and may give away the same slots.
// Nothing that is written to one pod keeps another operator from writing to the next one; the
// statuses do. A namespace waits for its own ones as long as it takes, and others wait for it for
// a bounded time (bounded-holds.ts): whoever keeps editing a policy holds up only its own
// namespace. Remembered too: growth that did not go through, of which no status speaks before it
// has.

import type { ServerKey } from "../../domain/facts/facts.ts";
import { isBounded } from "../../domain/supply/quota-settings.ts";
import { BoundedHolds, type HoldScene } from "./bounded-holds.ts";

export class GrowthHolds {
  readonly #holds = new BoundedHolds();
  /** By server: pods, their uids. */
  readonly #undone = new Map<ServerKey, ReadonlySet<string>>();

  /** Of `contested` namespaces, those whose statuses somebody else writes just now. */
  isHeld(namespace: string, contested: ReadonlySet<string>, scene: HoldScene): boolean {
    if (contested.has(namespace)) return true;
    const others = [...contested].filter((one) => !isBounded(one, scene.namespaceQuotas));
    return others.some((one) => this.#holds.isHold(one, scene));
  }

  /** It was decided the last time, and did not go through. */
  isUndone(server: ServerKey, uid: string): boolean {
    return this.#undone.get(server)?.has(uid) === true;
  }

  noteUndone(server: ServerKey, uids: ReadonlySet<string>): void {
    if (uids.size > 0) this.#undone.set(server, uids);
    else this.#undone.delete(server);
  }

  forget(server: ServerKey): void {
    this.#undone.delete(server);
  }
}
