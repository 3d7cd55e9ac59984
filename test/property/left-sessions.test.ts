// An address is given to a new pod while the server still shows sessions of the one before. It does
// not say whose a session is: whatever the new pod opens, no less is kept for the old ones than are
// left, and no more than may be.

import fc from "fast-check";
import { expect, test } from "vitest";
import { foreignSessionsOf } from "../../src/domain/supply/foreign.ts";
import type { Addressed } from "../../src/reconcile/memory/fleet-addresses.ts";
import { nothingHeld } from "../../src/reconcile/memory/held-slots.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { aReading, aSnapshot, aWorkload, pods, sessions } from "../support/builders.ts";

const server = "db.shop.svc:5432";
const address = "10.0.0.7";
const poolSize = 10;
const newPod = { uid: "new", createdAtMs: 50_000 };

/** Of each reading since the new pod is there: what is left of the old one, and what it opened. */
const stories = fc.record({
  /** An operator that has started since has not seen the pod that left them. */
  isOldPodKnown: fc.boolean(),
  leftAtFirst: fc.integer({ min: 0, max: 20 }),
  later: fc.array(
    fc.record({
      dropped: fc.constantFrom(0, 0, 1, 5, 20),
      own: fc.integer({ min: 0, max: poolSize }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
});

class Server {
  readonly #readings = new Readings();
  #nowMs = 0;

  /** Looks at the fleet, reads, and looks again. Answers what is kept for pods that are gone. */
  see(fleet: readonly Addressed[], count: number): number {
    this.#nowMs += 20_000;
    this.#note(fleet);
    const shown = count > 0 ? [sessions(count, { user: "app", address })] : [];
    const reading = aReading({ sessions: shown });
    this.#readings.record(server, { kind: "read", reading }, this.#nowMs);
    this.#note(fleet);
    return this.#keptFor(fleet);
  }

  #note(fleet: readonly Addressed[]): void {
    const now = { nowMs: this.#nowMs, monotonicMs: this.#nowMs };
    this.#readings.noteFleet(server, nothingHeld, fleet, now, () => []);
  }

  #keptFor(fleet: readonly Addressed[]): number {
    const facts = this.#readings.factsOf(server, { monotonicMs: this.#nowMs });
    const workload = aWorkload("web", {
      pods: fleet.flatMap(({ addresses }) => pods(1, { poolSize, addresses })),
    });
    const database = { ...facts, sights: [] };
    const { ghostSlots, slotsNow } = foreignSessionsOf(
      aSnapshot({ database, workloads: [workload] }),
    );
    return ghostSlots + slotsNow;
  }
}

test("what a pod has left at its address is kept until the server has dropped it", () => {
  let hidden = 0;
  fc.assert(
    fc.property(stories, ({ isOldPodKnown, leftAtFirst, later }) => {
      const seen = new Server();
      seen.see(isOldPodKnown ? [{ uid: "old", addresses: [address], createdAtMs: 0 }] : [], 10);
      seen.see([], leftAtFirst);
      let [left, least] = [leftAtFirst, leftAtFirst];
      for (const { dropped, own } of later) {
        left = Math.max(0, left - dropped);
        const shown = left + own;
        least = Math.min(least, shown);
        const kept = seen.see([{ ...newPod, addresses: [address] }], shown);
        expect(kept).toBeGreaterThanOrEqual(left);
        expect(kept).toBe(Math.max(least, shown - poolSize));
        if (left > Math.max(0, shown - poolSize)) hidden += 1;
      }
    }),
    { numRuns: 500 },
  );
  expect(hidden).toBeGreaterThan(100);
});
