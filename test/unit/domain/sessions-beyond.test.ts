// Sessions of a pod beyond its size: for a moment they take the room for rollouts, and what stands
// for a minute takes from the budget. Its pod may hold 10 sessions, of 197 slots and 187 to plan.

import { describe, expect, test } from "vitest";
import type { DatabaseFacts, PodFacts } from "../../../src/domain/facts.ts";
import { plan, type Plan } from "../../../src/domain/plan.ts";
import * as build from "../../support/builders.ts";

const address = "10.0.0.7";
const { startMs } = build;

/** Each reading: how many seconds ago, how many sessions of the pod it shows, under which name. */
type Reading = readonly [agoS: number, count: number, name?: string];

function database(readings: readonly Reading[]): DatabaseFacts {
  const sessionSamples = readings.map(([agoS, count, name]) => ({
    ...{ atMs: startMs - agoS * 1_000, sessions: [ofPod(count)] },
    ...(name !== undefined && { name }),
  }));
  return build.aDatabase({ sessionSamples, fleetAddresses: build.ofFleet(address) });
}

function ofPod(count: number): ReturnType<typeof build.sessions> {
  return build.sessions(count, { user: "app", address });
}

function decide(readings: readonly Reading[], pod: Partial<PodFacts> = {}, more = 0): Plan {
  const [web] = build.pods(1, { poolSize: 10, addresses: [address], ...pod });
  const others = build.pods(more, { poolSize: 20, addresses: [address] });
  const workload = build.aWorkload("web", { pods: [...(web ? [web] : []), ...others] });
  return plan(build.aSnapshot({ workloads: [workload], database: database(readings) }), startMs);
}

interface Row {
  readonly name: string;
  readonly readings: readonly Reading[];
  readonly pod?: Partial<PodFacts>;
  readonly foreign: number;
  readonly ghosts: number;
}

describe("sessions of a pod beyond its size", () => {
  test.each<Row>([
    { name: "one reading", readings: [[0, 30]], foreign: 0, ghosts: 20 },
    {
      name: "for half a minute",
      readings: [
        [30, 30],
        [0, 30],
      ],
      foreign: 0,
      ghosts: 20,
    },
    {
      name: "for a minute",
      readings: [
        [60, 30],
        [30, 30],
        [0, 30],
      ],
      foreign: 20,
      ghosts: 0,
    },
    {
      name: "for a minute, ever more",
      readings: [
        [60, 15],
        [0, 30],
      ],
      foreign: 5,
      ghosts: 15,
    },
    {
      name: "twice for a moment",
      readings: [
        [60, 30],
        [30, 10],
        [0, 30],
      ],
      foreign: 0,
      ghosts: 20,
    },
    {
      name: "before the last minute",
      readings: [
        [120, 30],
        [60, 9],
        [0, 30],
      ],
      foreign: 0,
      ghosts: 20,
    },
    {
      name: "until a moment ago",
      readings: [
        [90, 30],
        [30, 30],
        [0, 10],
      ],
      foreign: 0,
      ghosts: 0,
    },
    {
      name: "none",
      readings: [
        [60, 10],
        [0, 10],
      ],
      foreign: 0,
      ghosts: 0,
    },
    {
      name: "for a minute, and the pod ends",
      readings: [
        [60, 30],
        [0, 30],
      ],
      ...{ pod: { terminating: true }, foreign: 0, ghosts: 20 },
    },
    {
      name: "for a minute, and the pod is gone",
      readings: [
        [60, 30],
        [0, 30],
      ],
      ...{ pod: { addresses: [] }, foreign: 0, ghosts: 30 },
    },
    {
      name: "by one name of the server, of two",
      readings: [
        [60, 30, "a"],
        [60, 10, "b"],
        [0, 30, "a"],
        [0, 10, "b"],
      ],
      ...{ foreign: 20, ghosts: 0 },
    },
  ])("$name", ({ readings, pod, foreign, ghosts }) => {
    const decided = decide(readings, pod);
    expect(decided.foreign).toMatchObject({ slots: foreign, ghostSlots: ghosts });
    expect(decided.budgetSlots).toBe(187 - foreign);
    // Every session once: those of the pod within its size as well.
    const { slotsNow, fleetSessions } = decided.foreign;
    expect(slotsNow + fleetSessions).toBe(readings.at(-1)?.[1] === 10 && foreign === 0 ? 10 : 30);
  });

  test("are fewer where several pods share the address", () => {
    expect(
      decide(
        [
          [60, 35],
          [0, 35],
        ],
        {},
        1,
      ).foreign.slots,
    ).toBe(5);
  });

  test("take from the pool sizes of all what the next rollout would not have room for", () => {
    const guest = build.aWorkload("app", {
      ...{ namespace: "guest", policy: "guest/app", grant: build.aGrant(1) },
      ...{
        sizing: { floor: 1, ceiling: 1 },
        pods: build.pods(1, { poolSize: 1, addresses: [address] }),
      },
    });
    const web = build.aWorkload("web", {
      pods: build.pods(2, { poolSize: 5 }),
      grant: build.aGrant(5),
    });
    const policies = [
      build.aPolicy("orders"),
      build.aPolicy("app", { namespace: "guest", role: "guest" }),
    ];
    const sized = (count: number): number => {
      const facts = database([
        [60, count],
        [0, count],
      ]);
      const snapshot = build.aSnapshot({ policies, workloads: [web, guest], database: facts });
      const pools = plan(snapshot, startMs).pools;
      return pools.find(({ position }) => position.workload.name === "web")?.grant.poolSize ?? 0;
    };
    // Two rollouts' pods of web, the guest's pod with its surge, and its 99 sessions: within 197.
    const poolSize = sized(100);
    expect(sized(1)).toBeGreaterThan(2 * poolSize - 3);
    expect(4 * poolSize + 2 + 99).toBeLessThanOrEqual(197);
  });
});
