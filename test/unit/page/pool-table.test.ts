// The table of the pools of a server.
import { expect, test } from "vitest";
import { FleetHistory } from "../../../src/page/fleet-history.ts";
import { poolTable } from "../../../src/page/pool-table.ts";
import { fleetViewOf } from "../../../src/render/fleet-view.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

const { pools } = fleetViewOf([ordersReport()]);
const { markup } = poolTable({ pools, history: new FleetHistory(), nowMs: 0, mostSlots: 100 });

test("the pool with the most slots comes first", () => {
  const names = [...markup.matchAll(/<th scope="row">([^<]+)/g)].map(([, name]) => name);
  const bySlots = pools.toSorted((a, b) => b.row.slots - a.row.slots);

  expect(names).toEqual(bySlots.map(({ row }) => row.workload));
});

test.each(pools.map(({ row }) => row))("every number of $workload is explained in words", (row) => {
  expect(markup).toContain(`title="the next pod gets a pool of ${row.poolSize} connections"`);
  expect(markup).toContain(
    `<li>${row.slots} slots are kept for what runs and what may still start</li>`,
  );
});
