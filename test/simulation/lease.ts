// The one Lease of the simulated API server, with the API server's rule for it: whoever replaces it
// must name the version that it replaces.

import type { Lease, LeaseRecord, Outcome, StoredLease } from "../../src/ports.ts";

export class SimulatedLease implements Lease {
  #stored: StoredLease | undefined;
  #versions = 0;

  read(): Promise<Outcome<StoredLease>> {
    return Promise.resolve(this.#stored ? { kind: "ok", value: this.#stored } : absent);
  }

  create(record: LeaseRecord): Promise<Outcome<StoredLease>> {
    return Promise.resolve(this.#stored ? conflict : this.#store(record, "lease-1"));
  }

  replace(stored: StoredLease, record: LeaseRecord): Promise<Outcome<StoredLease>> {
    if (!this.#stored) return Promise.resolve(absent);
    const isLatest = this.#stored.resourceVersion === stored.resourceVersion;
    return Promise.resolve(isLatest ? this.#store(record, stored.uid) : conflict);
  }

  #store(record: LeaseRecord, uid: string): Outcome<StoredLease> {
    this.#stored = { uid, resourceVersion: String(++this.#versions), record };
    return { kind: "ok", value: this.#stored };
  }
}

const absent = { kind: "absent", message: "leases poolwarden not found" } as const;
const conflict = {
  kind: "conflict",
  message: "the Lease has been modified",
  managers: [],
} as const;
