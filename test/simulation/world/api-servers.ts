// The API servers in front of one store, and the admission policy that each of them notices in its
// own time.

import { admissionPolicyName } from "../../../src/api/group.ts";
import type { Clock } from "../../../src/ports.ts";
import { ApiServer } from "./admission.ts";
import type { Kinds } from "./kinds.ts";

export interface ApiServersParts {
  readonly clock: Clock;
  readonly kinds: Pick<Kinds, "admissionPolicies" | "admissionBindings">;
  /** How long one of them takes to notice a new admission policy. */
  readonly warmUpMs: () => number;
}

export class ApiServers {
  readonly all: readonly ApiServer[];
  readonly #parts: ApiServersParts;
  #made = 0;

  constructor(parts: ApiServersParts) {
    this.#parts = parts;
    this.all = [0, 1].map(() => new ApiServer({ admissionActive: true, policyLagMs: 0 }));
  }

  install(): void {
    const { kinds, clock, warmUpMs } = this.#parts;
    const nowMs = clock.nowMs();
    const createdAtMs = Math.floor(nowMs / 1_000) * 1_000;
    for (const kind of [kinds.admissionPolicies, kinds.admissionBindings]) {
      const uid = `admission-${++this.#made}`;
      kind.put({ key: admissionPolicyName, uid, resourceVersion: "", createdAtMs });
    }
    for (const server of this.all) server.activeFromMs = nowMs + warmUpMs();
  }

  remove(): void {
    const { admissionPolicies, admissionBindings } = this.#parts.kinds;
    admissionPolicies.delete(admissionPolicyName);
    admissionBindings.delete(admissionPolicyName);
    for (const server of this.all) server.activeFromMs = Infinity;
  }
}
