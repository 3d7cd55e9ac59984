// One namespace whose servers keep the only thread busy while they are read, with long chains of
// certificates for example: after each reading the namespace waits, as after a large decision.
import { expect, test } from "vitest";
import type { Database } from "../../src/ports.ts";
import { aReading } from "../support/builders.ts";
import { policyOf, startTenants } from "../support/tenants.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

/** Readings of 40 servers of one namespace in the first seconds after the start. */
async function readingsWhere(busyMs: number): Promise<number> {
  const clock = new VirtualClock();
  let readings = 0;
  const read: Database["read"] = () => {
    readings++;
    return Promise.resolve({ kind: "read", reading: aReading({}), busyMs });
  };
  const policies = Array.from({ length: 40 }, (_, index) => policyOf("guest", `p-${index}`));
  startTenants({ clock, policies, database: { read } });
  await clock.advance(3_900);
  return readings;
}

test("busy readings of one namespace come four at a time, with pauses for the others", async () => {
  expect(await readingsWhere(9)).toBeGreaterThanOrEqual(40);
  // At the start, and 1.6 s and 3.2 s later.
  expect(await readingsWhere(100)).toBeLessThanOrEqual(12);
});
