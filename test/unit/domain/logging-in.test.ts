// Sessions that have not logged in yet, where pods are known by their login alone: a pod that
// starts behind address translation has some of them for a moment, and they cut no budget.

import { expect, test } from "vitest";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import * as build from "../../support/builders.ts";

const [node, gateway, elsewhere] = ["172.16.0.1", "192.0.2.7", "198.51.100.9"];

interface Row {
  readonly name: string;
  readonly match?: "Login" | "Address";
  readonly shown: readonly SessionGroup[];
  readonly foreign: number;
}

const from = (address: string, count: number, user: string): SessionGroup =>
  build.sessions(count, { user, address });

test.each<Row>([
  { name: "from a node of the fleet is the pods'", shown: [from(node, 3, "")], foreign: 0 },
  {
    name: "from a gateway that sessions of the role come from is the pods'",
    shown: [from(gateway, 8, "app"), from(gateway, 3, "")],
    foreign: 0,
  },
  {
    name: "from an address that nobody else has is not",
    shown: [from(elsewhere, 3, "")],
    foreign: 3,
  },
  {
    name: "from where only others log in is not",
    shown: [from(gateway, 8, "other"), from(gateway, 3, "")],
    foreign: 11,
  },
  {
    name: "is foreign beyond what the pods can hold",
    shown: [from(gateway, 18, "app"), from(gateway, 5, "")],
    foreign: 3,
  },
  {
    name: "is foreign where sessions count by their address",
    ...{ match: "Address", shown: [from(node, 3, "")], foreign: 3 },
  },
])("one $name", ({ match = "Login", shown, foreign }) => {
  const pods = build.pods(2, { poolSize: 10, addresses: ["10.0.0.1"], nodeAddresses: [node] });
  const workloads = [build.aWorkload("web", { pods })];
  const sample = { atMs: build.startMs, sessions: shown, fleetSlotsBy: heldBy(workloads) };
  const snapshot = build.aSnapshot({
    database: build.aDatabase({
      ...{ sessionSamples: [sample], fleetAddresses: build.ofFleet("10.0.0.1") },
    }),
    policies: [build.aPolicy("orders", { role: "app", spec: { sessions: { match } } })],
    workloads,
  });
  expect(foreignSessionsOf(snapshot).slots).toBe(foreign);
});
