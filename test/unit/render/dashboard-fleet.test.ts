// The upper half of the dashboard: what the ledger's panel stacks, in the order of the ledger.
import { expect, it } from "vitest";
import { fleetRows } from "../../../src/render/dashboard-fleet.ts";

const panels = fleetRows.flatMap(({ panels: ofRow }) => ofRow);

it("stacks the lines of the ledger in its order, workloads by name", () => {
  const ledger = panels.find(({ kind }) => kind === "stack");
  expect(ledger?.queries.map(({ legend }) => legend)).toEqual([
    "reserved by the server",
    "reserve",
    "foreign sessions",
    "own session",
    "{{namespace}}/{{workload}}",
    "room for rollouts",
    "free",
  ]);
});

it("draws what should be as dashed lines beside what is", () => {
  const dashed = panels.flatMap(({ queries }) => queries.filter((query) => query.dashed));
  expect(dashed.map(({ legend }) => legend)).toEqual([
    "limit of {{server}}",
    "budget {{server}}",
    "{{namespace}}/{{workload}} wanted",
    "{{namespace}}/{{workload}} planned",
    "{{namespace}}/{{workload}} recommended",
  ]);
});
