// Why running pods wait to grow, and new ones behind the gate to start, although their slots are
// free: somebody else writes the statuses of the server too, and may give away the same slots.
// Nothing that is written to one pod keeps another operator from writing to the next one; the
// statuses do. Pods of a policy wait for its own status as long as it takes, and all others for a
// bounded time (bounded-holds.ts): whoever keeps writing over a status holds up only what that
// status speaks of. Remembered too: growth that did not go through, of which no status speaks
// before it has.

import { namespaceOf } from "../../api/keys.ts";
import type { PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import { isBounded } from "../../domain/supply/quota-settings.ts";
import { BoundedHolds, type HoldScene } from "./bounded-holds.ts";

export class GrowthHolds {
  readonly #holds = new BoundedHolds();
  /** By server: pods, their uids. */
  readonly #undone = new Map<ServerKey, ReadonlySet<string>>();

  /** `contested`: policies whose statuses somebody else writes just now. */
  isHeld(policy: PolicyKey, contested: ReadonlySet<PolicyKey>, scene: HoldScene): boolean {
    if (contested.has(policy)) return true;
    const namespaces = [...new Set([...contested].map(namespaceOf))].filter(
      (one) => one === namespaceOf(policy) || !isBounded(one, scene.namespaceQuotas),
    );
    return namespaces.some((one) => this.#holds.isHold(one, scene));
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
