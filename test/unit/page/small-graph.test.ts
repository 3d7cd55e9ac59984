// A graph of the last hour, as points of a line.
import { expect, test } from "vitest";
import { smallGraph } from "../../../src/page/small-graph.ts";

const hourMs = 3_600_000;

test("time goes from left to right, slots from the bottom to the upper edge", () => {
  const points = [
    { atMs: 0, slots: 0 },
    { atMs: hourMs / 2, slots: 100 },
  ];

  expect(smallGraph(points, hourMs, 100).markup).toContain('points="0.0,23.0 60.0,1.0 120,1.0"');
});

test("slots above the upper edge move it up", () => {
  const points = [{ atMs: hourMs, slots: 200 }];

  expect(smallGraph(points, hourMs, 100).markup).toContain('points="120.0,1.0 120,1.0"');
});

test("it says in words what it shows", () => {
  const points = [5, 2, 9].map((slots, minute) => ({ atMs: minute * 60_000, slots }));

  expect(smallGraph(points, 120_000, 10).markup).toContain("5 → 9 slots in 2 min, between 2 and 9");
});

test("without points it says that there are none yet", () => {
  expect(smallGraph([], 0, 10).markup).toContain("no data yet");
});
