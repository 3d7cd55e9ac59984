// One namespace whose decisions are large: each keeps the only thread from everybody else, so after
// each the namespace waits. The whole operator, on a machine on which each look at the clock takes
// its time.
import { expect, test } from "vitest";
import { policyOf, startTenants } from "../support/tenants.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

class SlowMachine extends VirtualClock {
  readonly #lookMs: number;

  constructor(lookMs: number) {
    super();
    this.#lookMs = lookMs;
  }

  override monotonicMs(): number {
    this.sleep(this.#lookMs);
    return super.monotonicMs();
  }
}

/** Decisions on 40 servers of one namespace in the first seconds after the start. */
async function decisionsWhere(lookMs: number): Promise<number> {
  const clock = new SlowMachine(lookMs);
  const spec = { workloads: [{ name: "web" }], alerts: { enabled: false } };
  const policies = Array.from({ length: 40 }, (_, index) => {
    const database = { address: `db-${index}:5432`, maxConnections: 100 };
    return policyOf("guest", `p-${index}`, { spec: { ...spec, database } });
  });
  const database = { read: () => Promise.reject(new Error("nobody asked for this")) };
  await using tenants = startTenants({ clock, policies, database });
  await clock.advance(5_000);
  const servers = policies.map((_, index) => `db-${index}:5432`);
  return servers.reduce((sum, server) => sum + tenants.decisionsOn(server), 0);
}

test("large decisions of one namespace come four at a time, with pauses for the others", async () => {
  expect(await decisionsWhere(0)).toBeGreaterThanOrEqual(40);
  expect(await decisionsWhere(2)).toBeLessThanOrEqual(20);
});
