// Sessions of a pod beyond its size: for a moment they take the room for rollouts, and what stands
// for a minute takes from the budget. Its pod may hold 10 sessions, of 197 slots and 187 to plan.

import { describe, expect, test } from "vitest";
import type { DatabaseFacts, PodFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { heldSlotsOf } from "../../src/reconcile/memory/held-slots.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import * as build from "../support/builders.ts";

const address = "10.0.0.7";
const { startMs } = build;

/** Each reading: how many seconds ago, how many sessions of the pod it shows, under which name. */
type Reading = readonly [agoS: number, count: number, name?: string];

const server = "db:5432";

/** After each reading the fleet is looked at: `fleet` says which it was, of the same by default. */
function database(
  readings: readonly Reading[],
  workloads: readonly PoolFacts[],
  fleet: (agoS: number) => readonly PoolFacts[] = () => workloads,
): DatabaseFacts {
  const known = new Readings();
  for (const [agoS, count, name = server] of readings) {
    const atMs = startMs - agoS * 1_000;
    const reading = build.aReading({ sessions: [ofPod(count)] });
    const times = { askedAtMs: atMs, answeredAtMs: atMs };
    const read = new Map([[name, { reading, answeredAtMs: atMs }]]);
    known.recordNames(server, { read, reading }, times);
    const now = { nowMs: atMs, monotonicMs: atMs };
    known.noteFleet(server, heldSlotsOf(fleet(agoS)), [], now, () => []);
    known.factsOf(server, now);
  }
  const { sessionSamples } = known.factsOf(server, { monotonicMs: startMs });
  return build.aDatabase({ sessionSamples, fleetAddresses: build.ofFleet(address) });
}

function ofPod(count: number): ReturnType<typeof build.sessions> {
  return build.sessions(count, { user: "app", address });
}

function decide(readings: readonly Reading[], pod: Partial<PodFacts> = {}, more = 0): Plan {
  const [web] = build.pods(1, { poolSize: 10, addresses: [address], ...pod });
  const others = build.pods(more, { poolSize: 20, addresses: [address] });
  const workloads = [build.aWorkload("web", { pods: [...(web ? [web] : []), ...others] })];
  return decideOn(workloads, database(readings, workloads));
}

function decideOn(workloads: readonly PoolFacts[], facts: DatabaseFacts): Plan {
  return plan(build.aSnapshot({ workloads, database: facts }), startMs);
}

interface Row {
  readonly name: string;
  readonly readings: readonly Reading[];
  readonly pod?: Partial<PodFacts>;
  readonly foreign: number;
  readonly ghosts: number;
  /** Where it is less than within the window. */
  readonly foreignNow?: number;
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
      name: "for a minute, and let go of a moment ago",
      readings: [
        [90, 30],
        [30, 30],
        [0, 10],
      ],
      ...{ foreign: 20, ghosts: 0, foreignNow: 0 },
    },
    {
      name: "for a minute, but for one reading since",
      readings: [
        [120, 30],
        [60, 30],
        [30, 10],
        [0, 30],
      ],
      ...{ foreign: 20, ghosts: 0 },
    },
    {
      name: "for a minute, and more of them since",
      readings: [
        [120, 15],
        [60, 15],
        [0, 30],
      ],
      ...{ foreign: 5, ghosts: 15 },
    },
    {
      name: "for a minute, longer ago than the window",
      readings: [
        [700, 30],
        [640, 30],
        [580, 10],
        [0, 30],
      ],
      ...{ foreign: 0, ghosts: 20 },
    },
    {
      name: "in two readings, one each hour",
      readings: [
        [3_600, 30],
        [0, 30],
      ],
      ...{ foreign: 20, ghosts: 0 },
    },
    {
      name: "in the first of two readings, one each hour",
      readings: [
        [3_600, 30],
        [0, 10],
      ],
      ...{ foreign: 0, ghosts: 0 },
    },
    {
      name: "in the last of two readings, one each hour",
      readings: [
        [3_600, 10],
        [0, 30],
      ],
      ...{ foreign: 0, ghosts: 20 },
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
  ])("$name", ({ readings, pod, foreign, ghosts, foreignNow = foreign }) => {
    const decided = decide(readings, pod);
    expect(decided.foreign).toMatchObject({ slots: foreign, ghostSlots: ghosts });
    expect(decided.budgetSlots).toBe(187 - foreign);
    // Every session once: those of the pod within its size as well.
    const { slotsNow, fleetSessions } = decided.foreign;
    const [last] = readings.toSorted(([a, one], [b, other]) => a - b || other - one);
    expect(slotsNow).toBe(foreignNow);
    expect(slotsNow + fleetSessions).toBe(last?.[1]);
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

  test("are judged by the pods of their time: what two held is not one's when the other is gone", () => {
    const two = build.aWorkload("web", {
      pods: build.pods(2, { poolSize: 10, addresses: [address] }),
    });
    const one = { ...two, pods: two.pods.slice(1) };
    const before: readonly Reading[] = [
      [90, 20],
      [30, 20],
    ];
    const gone = (agoS: number): PoolFacts[] => [agoS > 60 ? two : one];
    expect(decideOn([one], database(before, [], gone)).foreign.slots).toBe(0);
    expect(decideOn([one], database(before, [one])).foreign.slots).toBe(10);
    const ending = { ...one, pods: one.pods.map((pod) => ({ ...pod, terminating: true })) };
    const decided = decideOn([ending], database(before, [one]));
    expect(decided.foreign).toMatchObject({ slots: 0, ghostSlots: 10 });
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
      const facts = database(
        [
          [60, count],
          [0, count],
        ],
        [web, guest],
      );
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
