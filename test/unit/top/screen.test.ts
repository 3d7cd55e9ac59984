// What `poolwarden top` shows of statuses that a real plan yields.
import { describe, expect, it } from "vitest";
import type { PolicyReport } from "../../../src/render/pool-report.ts";
import { type FleetView, fleetViewOf } from "../../../src/render/fleet-view.ts";
import { screenOf, textOf } from "../../../src/top/screen.ts";
import { firstState, pressed, type ScreenState } from "../../../src/top/screen-state.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

function fleet(...more: readonly PolicyReport[]): FleetView {
  return fleetViewOf([ordersReport(), ...more]);
}

/** What is on the screen after these keys. */
function after(...keys: readonly string[]): ScreenState {
  return keys.reduce((state: ScreenState, key) => {
    const next = pressed(state, key);
    if (next === "quit") throw new Error(`${key} ends it`);
    return next;
  }, firstState);
}

function workloadsOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /(?:Deployment|StatefulSet)\/[a-z-]+/.exec(line)?.[0] ?? []);
}

describe("poolwarden top", () => {
  it("the slots of a server add up to its max_connections", () => {
    const [server] = fleet().servers;
    const { used, free, foreign, kept, maxConnections } = server?.slots ?? expect.fail("unknown");

    expect(used + free + foreign + kept).toBe(maxConnections);
    expect(used).toBe(ordersReport().status.used);
  });

  it("foreign sessions are a field of the status, whatever the ledger says of others", () => {
    const status = { maxConnections: 100, budget: 80, used: 30 };
    const ledger = ["  3  superuser_reserved_connections", " 99  foreign: psql by alice"];
    const report = { ...ordersReport(), status: { server: "a:1", ...status, foreign: 17, ledger } };

    expect(fleetViewOf([report]).servers[0]?.slots).toMatchObject({
      foreign: 17,
      kept: 3,
      free: 50,
    });
  });

  it("a fleet over its budget says by how much", () => {
    const status = { server: "a:1", maxConnections: 100, budget: 80, used: 104, ledger: [] };
    const [line] = textOf(fleetViewOf([{ ...ordersReport(), status }]), firstState);

    expect(line).toContain("104 used, 24 over the budget, 0 foreign, 20 reserved of 100");
  });

  it("a policy that is not ready is named with its reason", () => {
    const other = {
      namespace: "bank",
      name: "ledger",
      status: { server: ordersReport().status.server },
    };
    const [server] = fleet(other).servers;

    expect(server?.verdict).toContain("NotDecidedYet (bank/ledger)");
  });

  it("a server whose limits are not known has no bar", () => {
    const lines = textOf(fleetViewOf([{ namespace: "a", name: "b", status: {} }]), firstState);

    expect(lines[0]).toContain("limits not known yet");
  });

  it("without any policy it says so, and in which namespace it looked", () => {
    const [none, screen] = [fleetViewOf([]), { columns: 80, rows: 24, namespace: "nosuch" }];
    expect(textOf(none, firstState)[0]).toBe("no PoolPolicy found");
    const said = "no PoolPolicy found in namespace nosuch";
    expect(textOf(none, firstState, "nosuch")[0]).toBe(said);
    expect(screenOf(none, firstState, screen)[0]).toBe(said);
  });

  it.each([
    ["the largest come first", [], ["Deployment/web", "Deployment/api"]],
    ["r reverses", ["r"], ["Deployment/api", "Deployment/web"]],
    [
      "s sorts by the next column, S by the one before",
      ["s", "s", "S", "S"],
      ["Deployment/web", "Deployment/api"],
    ],
    ["/ filters while it is typed", ["/", "w", "e", "x", "\u007f"], ["Deployment/web"]],
    ["Escape ends the filter", ["/", "w", "e", "\u001b"], ["Deployment/web", "Deployment/api"]],
    [
      "a key that means nothing changes nothing",
      ["x", "toString"],
      ["Deployment/web", "Deployment/api"],
    ],
  ])("%s", (_, keys, workloads) => {
    expect(workloadsOf(textOf(fleet(), after(...keys)))).toEqual(workloads);
  });

  it.each(["q", "\u0003"])("%j ends it", (key) => {
    expect(pressed(firstState, key)).toBe("quit");
  });

  it("q is a letter while a filter is typed", () => {
    expect(after("/", "q").filter).toBe("q");
  });

  it("no line is longer than the terminal is wide, and there are no more than fit", () => {
    const lines = screenOf(fleet(), firstState, { columns: 40, rows: 5 });

    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it("says what is behind a pooler, as long as the pools have half of the screen", () => {
    const behind = [{ server: "pg:5432", maxConnections: 100, slots: 97, mayOpen: 40 }];
    const pooler = fleetViewOf([ordersReport({ behind })]);
    const said = "  behind it: pg:5432 has 97 connections for applications; the pooler may open 40";
    expect(textOf(pooler, firstState)[1]).toBe(said);
    expect(screenOf(pooler, firstState, { columns: 200, rows: 20 })[2]).toBe(said);
    expect(screenOf(pooler, firstState, { columns: 200, rows: 8 }).join()).not.toContain(said);
    const two = fleetViewOf([
      ordersReport({ behind }),
      { ...ordersReport({ server: "zz:6432", behind }), name: "z" },
    ]);
    const lines = screenOf(two, firstState, { columns: 200, rows: 12 });
    expect(lines.join("\n")).toContain("and 1 more servers");
    expect(lines.join()).toContain(said);
  });

  it("scrolling ends at the last pool", () => {
    const screen = { columns: 200, rows: 6 };
    const down = after(...Array.from({ length: 9 }, () => "\u001b[B"));

    expect(workloadsOf(screenOf(fleet(), firstState, screen))).toEqual(["Deployment/web"]);
    expect(workloadsOf(screenOf(fleet(), down, screen))).toEqual(["Deployment/api"]);
  });

  it("what the cluster says cannot steer the terminal", () => {
    const report = ordersReport();
    const [row] = report.status.workloads ?? [];
    const evil = { ...row, message: "\u001b[2Jgone\n", workload: "Deployment/web" };
    const status = { ...report.status, workloads: [evil] } as PolicyReport["status"];
    const text = textOf(fleetViewOf([{ ...report, status }]), firstState).join("");

    expect(text).not.toMatch(/\p{Cc}/u);
  });

  it("on a terminal of 80 columns the verdict and the numbers of a server are seen", () => {
    const [, line = ""] = screenOf(fleet(), firstState, { columns: 80, rows: 24 });

    expect(line).toMatch(/^db\.shop\.svc:5432 {2}RollsWaiting .* {2}\d+ used/);
    expect(line.length).toBeLessThanOrEqual(80);
  });

  it("a wide one has a bar beside them", () => {
    const [, line = ""] = screenOf(fleet(), firstState, { columns: 140, rows: 24 });

    expect(line).toMatch(/reserved of 200 {2}█+·*░+$/);
  });

  it("many servers leave at least half of the screen to the pools", () => {
    const others = Array.from({ length: 31 }, (_, at) => ({
      ...{ namespace: "bank", name: `p${at}`, status: { server: `db-${at}:5432` } },
    }));
    const lines = screenOf(fleet(...others), firstState, { columns: 120, rows: 20 });

    expect(workloadsOf(lines)).toEqual(["Deployment/web", "Deployment/api"]);
    expect(lines.join("\n")).toContain("and 25 more servers: filter by name with /");
  });

  it("a filter leaves the servers out that have nothing of it", () => {
    const other = { namespace: "bank", name: "p", status: { server: "db-9:5432" } };

    expect(textOf(fleet(other), after("/", "w", "e", "b"))[0]).toContain("db.shop.svc");
    expect(textOf(fleet(other), after("/", "d", "b", "-", "9"))[0]).toContain("db-9:5432");
  });

  it("a filter that nothing has says so", () => {
    expect(textOf(fleet(), after("/", "x", "y"))).toContain("no pool to show");
  });

  it("says why what is shown may be old", () => {
    const screen = { columns: 80, rows: 10, trouble: "not up to date: no answer" };

    expect(screenOf(fleet(), firstState, screen)[0]).toBe("not up to date: no answer");
  });
});
