// The contract of a Lease, held against the one in memory, on both kinds of lines to it.

import { describe } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import type { Lease } from "../../../src/ports.ts";
import { MemoryLease, openDirectLine, openLine } from "../../support/memory-lease.ts";
import { type LeaseWorld, testLease } from "./lease.contract.ts";

function worldOf(lineTo: (lease: MemoryLease) => Lease): LeaseWorld {
  const leases = new Map<string, MemoryLease>();
  return {
    open: (name) => {
      const lease = new MemoryLease();
      leases.set(name, lease);
      return lineTo(lease);
    },
    delete: (name) => {
      leases.get(name)?.delete();
      return Promise.resolve();
    },
  };
}

const clock = systemClock;
const passage = { requestMs: 1, answerMs: 1 };

describe.each<{ name: string; lineTo: (lease: MemoryLease) => Lease }>([
  { name: "that answers at once", lineTo: openDirectLine },
  {
    name: "that takes its time",
    lineTo: (lease) => {
      const deliver = (run: () => void): void => {
        run();
      };
      return openLine({ lease, clock, limitMs: 1_000, passage: () => passage, deliver });
    },
  },
])("a line $name", ({ lineTo }) => {
  const world = worldOf(lineTo);
  testLease(() => world);
});
