// The columns of `poolwarden top`: what stands in those that not every pool has.
import { expect, test } from "vitest";
import type { WorkloadRow } from "../../../src/api/poolpolicy.ts";
import { poolColumns } from "../../../src/top/pool-columns.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

const counted = { pods: 4, otherPods: 0, inForce: 20, unproven: 0, lackingSlots: 0 };

test.each<{ name: string; live: WorkloadRow["live"]; want: string }>([
  { name: "a pool that needs restarts", live: undefined, want: "-" },
  { name: "pods of two sizes", live: { ...counted, least: 8, most: 9 }, want: "8-9" },
  { name: "pods of one size", live: { ...counted, least: 8, most: 8 }, want: "8" },
  {
    name: "pods that wait",
    live: { ...counted, least: 2, most: 6, waiting: 5 },
    want: "2-6, 5 wait",
  },
  { name: "no pod yet", live: { ...counted, pods: 0, waiting: 3 }, want: "0, 3 wait" },
])("LIVE of $name", ({ live, want }) => {
  const [row] = ordersReport().status.workloads ?? [];
  const column = poolColumns.find(({ title }) => title === "LIVE");
  if (!row || !column) throw new Error("there are some");
  const pool = { server: "db:5432", namespace: "shop", policy: "orders" };
  expect(column.valueOf({ ...pool, row: { ...row, ...(live && { live }) } })).toBe(want);
});
