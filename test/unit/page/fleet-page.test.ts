// The page as a whole: what it shows of a fleet, what it does not, and how large it may become.
import { expect, test } from "vitest";
import { FleetHistory } from "../../../src/page/fleet-history.ts";
import { fleetPage } from "../../../src/page/fleet-page.ts";
import { fleetViewOf } from "../../../src/render/fleet-view.ts";
import type { PolicyReport } from "../../../src/render/pool-report.ts";
import { startMs } from "../../support/builders.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

function pageOf(...reports: readonly PolicyReport[]): string {
  const history = new FleetHistory();
  return fleetPage({ fleet: fleetViewOf(reports), history, nowMs: startMs });
}

test("a server is shown with its slots, and each pool with its row", () => {
  const { server = "", used, maxConnections, workloads = [] } = ordersReport().status;
  const page = pageOf(ordersReport());

  expect(used).toBeGreaterThan(0);
  expect(page).toContain(server);
  expect(page).toContain(`= ${maxConnections} connections (max_connections)`);
  for (const { workload } of workloads) expect(page).toContain(`<th scope="row">${workload}`);
});

test.each([
  ["PgBouncer", "max_client_conn"],
  ["Redis", "maxclients"],
])("the limit of a %s is called %s, as the server calls it", (engine, word) => {
  const page = pageOf(ordersReport(), { ...ordersReport({ engine }), name: "other" });

  expect(page).toContain(`connections (${word})`);
  expect(page).toContain(`the upper edge is ${word}`);
  expect(page).not.toContain("max_connections");
});

test("below a pooler stands what the servers behind it have, and what it may open there", () => {
  const behind = [
    { server: "pg:5432", maxConnections: 100, slots: 97, mayOpen: 40 },
    { server: "small:5432", maxConnections: 30, slots: 27, mayOpen: 40 },
  ];
  const page = pageOf(ordersReport({ engine: "PgBouncer", behind }));

  expect(page).toContain(
    '<p class="behind">Behind it: <b>pg:5432</b> has 97 connections for applications; the pooler may open 40</p>',
  );
  expect(page).toContain('<p class="behind over">Behind it: <b>small:5432</b>');
});

test("texts of others are no markup", () => {
  const [row] = ordersReport().status.workloads ?? [];
  if (!row) throw new Error("no row");
  const hostile = "<img src=x onerror=alert(1)>";
  const page = pageOf(ordersReport({ server: hostile, workloads: [{ ...row, message: hostile }] }));

  expect(page).not.toContain("<img");
});

test("messages of conditions, findings and the ledger stay with who may read the policy", () => {
  const secret = "only for the owner";
  const conditions = ordersReport().status.conditions?.map((condition) => ({
    ...condition,
    status: "False" as const,
    message: secret,
  }));
  const findings = [{ reason: "ForeignSessions", message: secret }];
  const ledger = [`  7  foreign: ${secret}`];
  const page = pageOf(ordersReport({ ...(conditions && { conditions }), findings, ledger }));

  expect(page).not.toContain(secret);
  expect(page).toContain("kubectl describe poolpolicy -n shop orders");
});

test("servers with trouble come before the others", () => {
  const ready = { type: "Ready", status: "True", reason: "Ready", message: "" } as const;
  const condition = { ...ready, lastTransitionTime: "2026-01-01T00:00:00Z" };
  const fine = ordersReport({ server: "a:5432", conditions: [condition] });
  const page = pageOf(fine, { ...ordersReport({ server: "b:5432", conditions: [] }), name: "b" });

  expect(page.indexOf("b:5432")).toBeLessThan(page.indexOf("a:5432"));
});

test("a huge fleet makes a page below 2 MB that says what is left out", () => {
  const [row] = ordersReport().status.workloads ?? [];
  if (!row) throw new Error("no row");
  const workloads = Array.from({ length: 5_000 }, (_, at) => ({
    ...row,
    ...{ workload: `Deployment/${"x".repeat(200)}${at}`, message: "m".repeat(1_024) },
    decision: "Wait",
  }));
  const page = pageOf(
    ...Array.from({ length: 200 }, (_, at) => ({
      ...ordersReport({ server: `${at}.example:5432`, workloads: at < 2 ? workloads : [] }),
      name: `p${at}`,
    })),
  );

  expect(page.length).toBeLessThan(2_000_000);
  expect(page).toContain("Not shown here: 100 servers and 9500 smaller pools");
});

test("without a policy it says so", () => {
  expect(pageOf()).toContain("No PoolPolicy was found.");
});

test("a live pool says what its running pods have, and what new ones wait for", () => {
  const [row] = ordersReport().status.workloads ?? [];
  if (!row) throw new Error("no row");
  const sizes = { pods: 4, otherPods: 3, least: 8, most: 9, inForce: 20 };
  const live = { ...sizes, unproven: 2, waiting: 5, lackingSlots: 10 };
  const page = pageOf(ordersReport({ workloads: [{ ...row, poolSize: 2, live }] }));

  expect(page).toContain("a pool of 2 connections; running pods have 8 to 9, without a restart");
  expect(page).toContain("<li>5 new pods at the start gate, until the slots are there</li>");
  expect(page).toContain("<li>its pods lack 10 slots</li>");
  expect(page).toContain("<li>2 pods yet to show a smaller number of sessions</li>");
  expect(page).toContain("<li>another size by a restart only: 3 pods</li>");
});
