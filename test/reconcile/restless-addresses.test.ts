// An address that changes hands again and again: by a label that somebody sets and takes back, or
// by two tools that fight about it. What is remembered of it must have an end.

import { expect, test } from "vitest";
import { FleetAddresses } from "../../src/reconcile/memory/fleet-addresses.ts";

const address = "10.0.0.1";
const windowMs = 600_000;

/** Half a second in the fleet, and half a second outside of it. */
function flip(fleet: FleetAddresses, atMs: number): void {
  const pod = { uid: "a", addresses: [address], createdAtMs: 1_000 };
  fleet.note([pod], { nowMs: atMs, monotonicMs: atMs }, () => []);
  const later = atMs + 500;
  fleet.note([], { nowMs: later, monotonicMs: later }, (absent) => absent);
}

test("has at most 16 spans, which cover every moment in which it was the fleet's", () => {
  const fleet = new FleetAddresses(windowMs);
  for (let atMs = 1_000_000; atMs < 1_400_000; atMs += 1_000) flip(fleet, atMs);

  const spans = fleet.spans.get(address) ?? [];
  expect(spans.length).toBeLessThanOrEqual(16);
  expect(spans[0]?.fromMs).toBeLessThanOrEqual(1_000_000);
  expect(spans.at(-1)?.untilMs).toBe(1_399_500);
});

test("has no span from before the window", () => {
  const fleet = new FleetAddresses(windowMs);
  for (const atMs of [1_000_000, 1_100_000, 1_750_000]) flip(fleet, atMs);

  expect(fleet.spans.get(address)?.map(({ untilMs }) => untilMs)).toEqual([1_750_500]);
});
