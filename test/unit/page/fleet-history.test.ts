// What is kept of the last hour, and how much of it.
import { expect, test } from "vitest";
import { FleetHistory, noteEveryMs } from "../../../src/page/fleet-history.ts";
import { type FleetView, fleetViewOf, type PoolView } from "../../../src/render/fleet-view.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

const view = fleetViewOf([ordersReport()]);

function noted(moments: number, fleet: FleetView = view): FleetHistory {
  const history = new FleetHistory();
  for (let minute = 0; minute < moments; minute += 1) history.note(fleet, minute * noteEveryMs);
  return history;
}

test("a server and a pool have a point for each minute, the oldest first", () => {
  const [server] = view.servers;
  const [pool] = view.pools;
  const history = noted(3);

  const used = server?.slots?.used;
  expect(history.ofServer(server?.name ?? "")).toEqual([
    { atMs: 0, slots: used },
    { atMs: 60_000, slots: used },
    { atMs: 120_000, slots: used },
  ]);
  expect(history.ofPool(pool ?? expect.fail("no pool"))).toHaveLength(3);
});

test("what is older than an hour is forgotten", () => {
  const points = noted(100).ofServer(view.servers[0]?.name ?? "");

  expect(points).toHaveLength(61);
  expect(points[0]?.atMs).toBe(39 * noteEveryMs);
});

test("of a huge fleet only the largest pools are kept", () => {
  const [pool] = view.pools;
  if (!pool) throw new Error("no pool");
  const ofSlots = (slots: number): PoolView => ({
    ...pool,
    row: { ...pool.row, workload: `Deployment/of-${slots}`, slots },
  });
  const pools = Array.from({ length: 2_000 }, (_, at) => ofSlots(at));
  const history = noted(1, { ...view, pools });

  expect(history.ofPool(ofSlots(1_500))).toHaveLength(1);
  expect(history.ofPool(ofSlots(1_499))).toHaveLength(0);
});

test("a server that was not there has no points", () => {
  expect(noted(2).ofServer("elsewhere:5432")).toEqual([]);
});
