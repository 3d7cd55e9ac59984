// Sessions of a machine that was lost outlive their pods for as long as the server's keepalive
// takes, which is two hours by default. They are the fleet's all that time: they stand in the room
// that leaving pods use, and do not turn into foreign sessions that cut the budget once more.

import { expect, test } from "vitest";
import type { DatabaseFacts, DatabaseReading } from "../../src/domain/facts/facts.ts";
import type { Addressed } from "../../src/reconcile/memory/fleet-addresses.ts";
import { nothingHeld } from "../../src/reconcile/memory/held-slots.ts";
import { Readings, windowMs } from "../../src/reconcile/memory/readings.ts";
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
  lookAt(readings, 0, [{ uid: "a", addresses: [pod], createdAtMs: 0 }]);
  for (let atMs = 30_000; atMs <= 6 * windowMs; atMs += 30_000) {
    readings.record(server, { kind: "read", reading: reading(atMs, isShown) }, atMs);
    if (atMs <= windowMs) expect(isTheFleets(lookAt(readings, atMs), atMs)).toBe(true);
    else lookAt(readings, atMs);
  }
  const lastMs = 6 * windowMs;
  expect(isTheFleets(lookAt(readings, lastMs), lastMs)).toBe(wantFleet);
});

test("an address that never was the fleet's does not become it", () => {
  const readings = new Readings();
  readings.record(server, { kind: "read", reading: reading(0, true) }, 0);
  expect(lookAt(readings, 0).has(pod)).toBe(false);
});

test("an address that somebody else has now does not stay the fleet's", () => {
  const readings = new Readings();
  readings.record(server, { kind: "read", reading: reading(0, true) }, 0);
  lookAt(readings, 0, [{ uid: "a", addresses: [pod], createdAtMs: 0 }]);
  lookAt(readings, 1_000, [], [pod]);
  expect(isTheFleets(lookAt(readings, 2_000), 2_000)).toBe(false);
});

type Spans = DatabaseFacts["fleetAddresses"];

/** What is known of the fleet's addresses once it was looked at. */
function lookAt(
  readings: Readings,
  atMs: number,
  fleet: readonly Addressed[] = [],
  taken: readonly string[] = [],
): Spans {
  const now = { nowMs: atMs, monotonicMs: atMs };
  readings.noteFleet(server, nothingHeld, fleet, now, () => taken);
  return readings.factsOf(server, now).fleetAddresses;
}

function isTheFleets(spans: Spans, atMs: number): boolean {
  return (spans.get(pod) ?? []).some(({ fromMs, untilMs }) => fromMs <= atMs && atMs <= untilMs);
}

function reading(atMs: number, isShown: boolean): DatabaseReading {
  const session = { user: "app", database: "orders", applicationName: "", address: pod, count: 5 };
  return aReading({ atMs, sessions: isShown ? [session] : [] });
}
