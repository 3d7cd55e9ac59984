// The parts of a server's bar add up to what the server has.
import fc from "fast-check";
import { expect, test } from "vitest";
import { legendOf, partsOf, serverBar } from "../../../src/page/server-bar.ts";
import { fleetViewOf, type PoolView, type ServerSlots } from "../../../src/render/fleet-view.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

const { pools } = fleetViewOf([ordersReport()]);

function poolsOf(amounts: readonly number[]): PoolView[] {
  const [pool] = pools;
  if (!pool) throw new Error("no pool");
  return amounts.map((slots, at) => ({
    ...pool,
    row: { ...pool.row, workload: `Deployment/w${at}`, slots },
  }));
}

const slots: ServerSlots = { maxConnections: 200, used: 150, free: 30, foreign: 7, kept: 13 };

test("pools, rollouts, free, foreign and reserved add up to max_connections", () => {
  const amounts = fc.array(fc.nat(40), { maxLength: 30 });
  fc.assert(
    fc.property(amounts, fc.nat(50), (held, rolling) => {
      const used = held.reduce((sum, one) => sum + one, 0) + rolling;
      const server = { ...slots, used, maxConnections: used + 50 };
      const parts = partsOf(server, poolsOf(held));

      expect(parts.reduce((sum, part) => sum + part.slots, 0)).toBe(server.maxConnections);
      expect(parts.every((part) => part.slots > 0)).toBe(true);
    }),
  );
});

test("the twelve largest pools have a part of their own, the others one together", () => {
  const parts = partsOf({ ...slots, used: 15 }, poolsOf(Array.from({ length: 15 }, () => 1)));

  expect(parts.map(({ label, slots: of }) => `${of} ${label}`)).toContain("3 3 smaller pools");
});

test("a fleet over its budget is drawn longer than the server, with a line where it ends", () => {
  const over = { maxConnections: 100, used: 120, free: 0, foreign: 0, kept: 10 };
  const { markup } = serverBar(over, partsOf(over, poolsOf([120])));

  expect(markup).toContain('viewBox="0 0 130 1"');
  expect(markup).toContain('<line x1="100"');
});

test("each part of the legend has its number and its explanation", () => {
  const { markup } = legendOf(partsOf(slots, poolsOf([150])));

  expect(markup).toContain("<b>7</b> foreign sessions");
  expect(markup).toContain('title="of the budget, and not promised to any pod"');
});
