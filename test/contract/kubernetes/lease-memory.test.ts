// The contract of a Lease, held against the one in memory.

import { systemClock } from "../../../src/adapters/clock.ts";
import { MemoryLease, openLine } from "../../support/memory-lease.ts";
import { testLease } from "./lease.contract.ts";

const leases = new Map<string, MemoryLease>();

testLease(() => ({
  open: (name) => {
    const lease = new MemoryLease();
    leases.set(name, lease);
    return openLine({
      ...{ lease, clock: systemClock, limitMs: 1_000 },
      passage: () => ({ requestMs: 1, answerMs: 1 }),
      deliver: (run) => {
        run();
      },
    });
  },
  delete: (name) => {
    leases.get(name)?.delete();
    return Promise.resolve();
  },
}));
