// What is kept of the fleet with each reading, by policy and node: once where it is the same, and
// within what the sessions of a server may take of the memory.
import { expect, test } from "vitest";
import { heldSlotsOf } from "../../src/reconcile/memory/held-slots.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { keptOf, type Sample } from "../../src/reconcile/memory/session-samples.ts";
import { aReading, aWorkload, pods, startMs } from "../support/builders.ts";

const server = "db:5432";
const nodes = Array.from({ length: 50 }, (_, place) => `10.0.0.${place}`);

/** By node, of each of twelve readings, between which the pools of the fleet change. */
function byNode(sizes: (reading: number) => number): Set<unknown> {
  const readings = new Readings();
  for (let place = 0; place < 12; place++) {
    const nowMs = startMs + place * 2_000;
    readings.record(server, { kind: "read", reading: aReading({ atMs: nowMs }) }, nowMs);
    const poolSize = sizes(place);
    const fleet = nodes.flatMap((node) => pods(1, { poolSize, nodeAddresses: [node] }));
    const held = heldSlotsOf([aWorkload("web", { pods: fleet })]);
    readings.noteFleet(server, held, fleet, { nowMs, monotonicMs: nowMs }, () => []);
  }
  const now = { nowMs: startMs + 24_000, monotonicMs: startMs + 24_000 };
  const { sessionSamples } = readings.factsOf(server, now);
  expect(sessionSamples).toHaveLength(12);
  return new Set(sessionSamples.map(({ fleetSlotsBy }) => fleetSlotsBy?.node));
}

test("what readings say alike of the fleet is kept once", () => {
  expect(byNode(() => 5).size).toBe(1);
  expect(byNode((reading) => 1 + (reading % 3)).size).toBe(3);
});

test("and what is different each time is not", () => {
  expect(byNode((reading) => 1 + reading).size).toBe(12);
});

const sampleAt = (atMs: number, node: ReadonlyMap<string, number>): Sample => ({
  ...{ name: server, atMs, roundMs: atMs, sessions: [], seesAllSessions: true },
  fleetSlotsBy: { policy: new Map(), node },
});

test("it counts in what the readings of a server take, once", () => {
  const node = new Map(nodes.map((address) => [address, 5]));
  const samples = [sampleAt(0, node), sampleAt(1, node)];
  expect(keptOf(samples).bytes).toBe(50 * 32);
  expect(keptOf([...samples, sampleAt(2, new Map(node))]).bytes).toBe(2 * 50 * 32);
});
