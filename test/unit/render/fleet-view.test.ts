// From the statuses of policies to servers and pools.
import { describe, expect, it } from "vitest";
import { fleetViewOf, sayBehind } from "../../../src/render/fleet-view.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

describe("the fleet as its policies' statuses say it", () => {
  it("has each server once, and the slots of it add up to max_connections", () => {
    const { servers } = fleetViewOf([ordersReport(), { ...ordersReport(), name: "returns" }]);
    const { used = 0, free = 0, foreign = 0, kept = 0, maxConnections } = servers[0]?.slots ?? {};

    expect(servers).toHaveLength(1);
    expect(used + free + foreign + kept).toBe(maxConnections);
  });

  it("is told of a server by the status that leaves the least room: others may be old", () => {
    const full = { maxConnections: 200, budget: 100, used: 140 };
    const [server] = fleetViewOf([ordersReport(), { ...ordersReport(full), name: "z" }]).servers;

    expect(server?.slots?.used).toBe(140);
  });

  it("names every policy that is not ready, with its reason", () => {
    const { server } = ordersReport().status;
    const other = { namespace: "bank", name: "ledger", status: server ? { server } : {} };
    const [view] = fleetViewOf([ordersReport(), other]).servers;

    expect(view?.notReady).toContainEqual({
      ...{ namespace: "bank", policy: "ledger", reason: "NotDecidedYet" },
    });
  });

  it("has a policy that knows no server yet under a name of its own", () => {
    const { servers } = fleetViewOf([{ namespace: "a", name: "b", status: {} }]);

    expect(servers).toMatchObject([{ name: "(server not known yet)", slots: undefined }]);
  });

  it("has each read replica as a server of its own, with the pools that connect to it", () => {
    const report = ordersReport();
    const replica = { server: "db-ro:5432", maxConnections: 100, budget: 80, used: 60, foreign: 5 };
    const status = { ...report.status, replicas: [replica] };
    const { servers, pools } = fleetViewOf([{ ...report, status }]);
    const shown = servers.find(({ name }) => name === "db-ro:5432");
    expect(shown?.slots).toEqual({ maxConnections: 100, used: 60, free: 20, foreign: 5, kept: 15 });
    const own = pools.filter(({ isReplica }) => isReplica !== true);
    expect(pools.length).toBe(2 * own.length);
  });

  it("has each server behind a pooler once, by the policy that says the least of what it has", () => {
    const pg = { server: "pg:5432", maxConnections: 100, slots: 97, mayOpen: 80 };
    const old = { server: "a:5432", maxConnections: 30, slots: 27 };
    const reports = [
      ordersReport({ behind: [pg, old] }),
      { ...ordersReport({ behind: [{ ...pg, slots: 47 }] }), name: "z" },
    ];
    const behind = fleetViewOf(reports).servers[0]?.behind ?? [];

    expect(behind.map((one) => `${one.name} ${sayBehind(one)}`)).toEqual([
      "a:5432 has 27 connections for applications; the pooler may open any number",
      "pg:5432 has 47 connections for applications; the pooler may open 80, 33 too many",
    ]);
    expect(fleetViewOf([ordersReport()]).servers[0]?.behind).toEqual([]);
  });
});
