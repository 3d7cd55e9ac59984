// What keeps pods from being created or started: quotas, and images that cannot be pulled.

import type { Pod } from "./pod.ts";
import { canBePulled } from "./workload-edits.ts";

export class Hindrances {
  /** Workloads, as `namespace/Kind/name`. */
  readonly #overQuota = new Set<string>();
  readonly #unpullable = new Set<string>();

  setQuotaBlocked(workload: string, isBlocked: boolean): void {
    if (isBlocked) this.#overQuota.add(workload);
    else this.#overQuota.delete(workload);
  }

  setImageBroken(workload: string, isBroken: boolean): void {
    if (isBroken) this.#unpullable.add(workload);
    else this.#unpullable.delete(workload);
  }

  isQuotaBlocked(workload: string): boolean {
    return this.#overQuota.has(workload);
  }

  canPull({ parts, workload }: Pod): boolean {
    return canBePulled(parts.image) && !this.#unpullable.has(workload);
  }
}
