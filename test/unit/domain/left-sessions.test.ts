// What a pod that is gone has left at an address that another one has now: told from the reading
// that was made while nobody had it, and from those since. The new pod may hold 10 sessions.

import { describe, expect, test } from "vitest";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import { leftAmong, leftSessionsIn } from "../../../src/domain/supply/left-sessions.ts";
import * as build from "../../support/builders.ts";

const address = "10.0.0.7";
const { startMs } = build;
/** Nobody had the address from 100 s to 50 s ago. */
const vacancies = new Map([[address, { fromMs: startMs - 100_000, untilMs: startMs - 50_000 }]]);

/** Each reading: how many seconds ago, how many sessions it shows there, under which name. */
type Reading = readonly [agoS: number, count: number, name?: string];

interface Row {
  readonly name: string;
  readonly readings: readonly Reading[];
  readonly ghosts: number;
}

function ofPod(count: number, more: Partial<SessionGroup> = {}): SessionGroup {
  return build.sessions(count, { user: "app", address, ...more });
}

function ghostsIn(readings: readonly Reading[], more: object = { vacancies }): number {
  const sessionSamples = readings.map(([agoS, count, name]) => ({
    ...{ atMs: startMs - agoS * 1_000, sessions: [ofPod(count)] },
    ...(name !== undefined && { name }),
  }));
  const fleetAddresses = build.ofFleet(address);
  const database = build.aDatabase({ sessionSamples, fleetAddresses, ...more });
  const pods = build.pods(1, { poolSize: 10, addresses: [address] });
  const workloads = [build.aWorkload("web", { pods })];
  return foreignSessionsOf(build.aSnapshot({ database, workloads })).ghostSlots;
}

describe("sessions that a pod has left at its address", () => {
  test.each<Row>([
    {
      name: "all that were there, while the new pod has opened some of its own",
      readings: [
        [60, 10],
        [0, 13],
      ],
      ghosts: 10,
    },
    {
      name: "no more than a reading since has shown",
      readings: [
        [60, 10],
        [30, 4],
        [0, 9],
      ],
      ghosts: 4,
    },
    {
      name: "no more than the last reading that was made while nobody had it",
      readings: [
        [90, 10],
        [60, 3],
        [0, 10],
      ],
      ghosts: 3,
    },
    {
      name: "whatever is beyond the size of the new pod",
      readings: [
        [60, 3],
        [0, 18],
      ],
      ghosts: 8,
    },
    {
      name: "none that were shown only while the former pod had it",
      readings: [
        [120, 10],
        [0, 10],
      ],
      ghosts: 0,
    },
    {
      name: "none that were shown only since the new pod has it",
      readings: [
        [40, 10],
        [0, 10],
      ],
      ghosts: 0,
    },
    {
      name: "the most that one of the server's names has shown",
      readings: [
        [60, 2, "a:5432"],
        [55, 7, "b:5432"],
        [0, 9, "a:5432"],
        [0, 9, "b:5432"],
      ],
      ghosts: 7,
    },
  ])("$name: $ghosts", ({ readings, ghosts }) => {
    expect(ghostsIn(readings)).toBe(ghosts);
  });

  test("are not told from those of the new pod where nothing is known of a time between", () => {
    const readings: Reading[] = [
      [60, 10],
      [0, 10],
    ];
    expect(ghostsIn(readings, {})).toBe(0);
  });

  test("are of the login that they were opened with", () => {
    const samples = [
      { atMs: startMs - 60_000, sessions: [ofPod(4), ofPod(5, { user: "job" })] },
      { atMs: startMs, sessions: [ofPod(9), ofPod(2, { user: "job" })] },
    ];
    const left = leftSessionsIn(build.aDatabase({ sessionSamples: samples, vacancies }));

    expect(leftAmong([ofPod(9)], left)).toBe(4);
    expect(leftAmong([ofPod(2, { user: "job" })], left)).toBe(2);
    expect(leftAmong([ofPod(1), ofPod(1, { applicationName: "other" })], left)).toBe(4);
  });
});
