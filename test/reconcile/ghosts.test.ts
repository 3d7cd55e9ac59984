// Sessions of a machine that was lost outlive their pods for as long as the server's keepalive
// takes, which is two hours by default. They are the fleet's all that time: they stand in the room
// that leaving pods use, and do not turn into foreign sessions that cut the budget once more.

import { expect, test } from "vitest";
import type { DatabaseReading } from "../../src/domain/facts.ts";
import { Readings, windowMs } from "../../src/reconcile/readings.ts";
import { aReading } from "../support/builders.ts";

const server = "db.shop.svc:5432";
const pod = "10.0.0.7";

interface Row {
  readonly name: string;
  /** Whether the server still shows the session of the pod that is gone. */
  readonly isShown: boolean;
  readonly wantFleet: boolean;
}

test.each<Row>([
  { name: "the server still shows it: the fleet's for ever", isShown: true, wantFleet: true },
  { name: "the server has dropped it: forgotten", isShown: false, wantFleet: false },
])("an hour after a pod is gone, $name", ({ isShown, wantFleet }) => {
  const readings = new Readings();
  readings.record(server, { kind: "read", reading: reading(0, true) }, 0);
  readings.factsOf(server, [pod], 0);
  for (let atMs = 30_000; atMs <= 6 * windowMs; atMs += 30_000) {
    readings.record(server, { kind: "read", reading: reading(atMs, isShown) }, atMs);
    const { fleetAddresses } = readings.factsOf(server, [], atMs);
    if (atMs < windowMs) expect(fleetAddresses).toContain(pod);
  }
  const { fleetAddresses } = readings.factsOf(server, [], 6 * windowMs);
  expect(fleetAddresses.has(pod)).toBe(wantFleet);
});

test("an address that never was the fleet's does not become it", () => {
  const readings = new Readings();
  readings.record(server, { kind: "read", reading: reading(0, true) }, 0);
  expect(readings.factsOf(server, [], 0).fleetAddresses).not.toContain(pod);
});

function reading(atMs: number, isShown: boolean): DatabaseReading {
  const session = { user: "app", database: "orders", applicationName: "", address: pod, count: 5 };
  return aReading({ atMs, sessions: isShown ? [session] : [] });
}
