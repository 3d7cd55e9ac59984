// A simulated pooler: what it holds on the server behind it, what it lets clients do, and what its
// console says.

import { expect, test } from "vitest";
import { pairNameOf } from "../../../src/domain/supply/connection-limits.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { PoolerTier } from "./pooler-tier.ts";
import { SimulatedPostgres } from "./postgres.ts";

const web = { user: "app", database: "orders", applicationName: "", address: "10.0.0.1" };

function tiers(
  poolSize: number,
  isSession = true,
): Record<"front" | "behind", SimulatedPostgres> & {
  readonly clock: VirtualClock;
  readonly tier: PoolerTier;
} {
  const clock = new VirtualClock();
  const behind = new SimulatedPostgres(clock, { maxConnections: 33 });
  const front = new SimulatedPostgres(clock, { maxConnections: 100, superuserReserved: 0 });
  const tier = new PoolerTier({ clock, front, behind, server: "pg:5432", poolSize, isSession });
  front.tier = tier;
  return { clock, front, behind, tier };
}

test("in session mode the pool is a limit on clients, and so is what the server behind has", () => {
  const { front, behind, tier } = tiers(20);
  expect(behind.total).toBe(20);
  expect(front.connect(web, 25)).toBe(20);
  expect(tier.fleetSlots).toBe(20);
  tier.resize(60);
  expect({ open: tier.openSlots, may: tier.clientSlots, fleet: tier.fleetSlots }).toEqual({
    ...{ open: 30, may: 60, fleet: 30 },
  });
});

test("in another mode clients share connections", () => {
  const { front, tier } = tiers(20, false);
  expect(front.connect(web, 100)).toBe(100);
  expect(tier.fleetSlots).toBe(-1);
});

test("what it lost it opens again, before anybody else does, or once there is room", async () => {
  const { clock, front, behind, tier } = tiers(20);
  behind.restart(1_000);
  expect(tier.openSlots).toBe(0);
  await clock.advance(1_000);
  expect(tier.openSlots).toBe(20);
  front.stop();
  behind.connect(web, 25);
  front.start();
  expect(tier.openSlots).toBe(5);
  behind.disconnect(web, 25);
  await clock.advance(5_000);
  expect({ open: tier.openSlots, refused: behind.refused }).toEqual({ open: 20, refused: 0 });
});

test("its console says what it may open, and where", () => {
  const { front } = tiers(20);
  const operator = { ...web, user: "poolwarden", applicationName: "poolwarden" };
  front.connect(operator, 1);
  expect(front.read(operator, { atMs: 0, roles: ["app"], databases: [] })).toMatchObject({
    withheld: [],
    pairLimits: { [pairNameOf({ role: "app", database: "orders" })]: 20 },
    behind: [{ server: "pg:5432", maySlots: 20, openSlots: 20, isSession: true }],
  });
});
