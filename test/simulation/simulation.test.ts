// The parts of the simulation that everything rests on: time that keeps order, an oracle that
// counts as the design does, and runs that repeat.

import { describe, expect, test } from "vitest";
import { type TrueServer, type TrueWorkload, trueBudget, trueExposure } from "./oracle.ts";
import { foreignFields } from "./own-fields.ts";
import { simulate } from "./run.ts";
import { drawScenario } from "./scenario.ts";
import { SimulatedTime } from "./time.ts";

test("timers run in the order of their time, of equal times the older first", async () => {
  const time = new SimulatedTime(0);
  const ran: string[] = [];
  for (const [name, delayMs] of Object.entries({ c: 30, a: 10, b: 10, d: 40, late: 1_000 })) {
    time.after(delayMs, () => {
      ran.push(name);
    });
  }
  time.after(5, () => {
    time.after(5, () => {
      ran.push("inserted");
    });
  });
  time.after(20, () => undefined)();
  await time.runUntil(100, () => true);
  expect(ran).toEqual(["a", "b", "inserted", "c", "d"]);
  expect(time.nowMs()).toBe(100);
});

const server: TrueServer = {
  maxConnections: 200,
  reservedConnections: 3,
  roleLimit: -1,
  foreignSessions: 0,
  ownSessions: 0,
  ghostSessions: 0,
  showsOrigins: true,
  reserveConnections: 10,
  rollouts: 1,
};

function workload(changes: Partial<TrueWorkload>): TrueWorkload {
  const pods = pod(3, 50);
  return {
    ...{ key: "web", replacement: "AtOnce", surgePods: 1, replicas: 3, plannedPods: 15 },
    ...{ nextSlots: 50, pods },
    ...changes,
  };
}

function pod(count: number, slots: number, more: object = {}): TrueWorkload["pods"] {
  return Array.from({ length: count }, () => ({
    slots,
    terminating: false,
    isOld: false,
    ...more,
  }));
}

describe("the oracle counts the worked example of the design", () => {
  test.each([
    { name: "as it was found", changes: {}, wantSlots: 15 * 50 + 15 * 50 },
    {
      name: "granted 6, three pods of 50 stay",
      changes: { nextSlots: 6 },
      wantSlots: 3 * 50 + 12 * 6 + 15 * 6,
    },
    {
      name: "in our roll: three old pods leave",
      changes: { nextSlots: 6, pods: pod(3, 50, { isOld: true }) },
      wantSlots: 15 * 6 + 150,
    },
    {
      name: "the old pods gone",
      changes: { nextSlots: 6, pods: pod(3, 6) },
      wantSlots: 15 * 6 + 15 * 6,
    },
    {
      name: "a StatefulSet takes no room and replaces pod by pod",
      changes: {
        replacement: "AfterOld" as const,
        nextSlots: 6,
        pods: pod(3, 50, { isOld: true }),
      },
      wantSlots: 3 * 50 + 12 * 6,
    },
    {
      name: "a StatefulSet made anew waits for pods of its names, and for no others",
      changes: {
        ...{ replacement: "AfterOld" as const, nextSlots: 6, plannedPods: 2 },
        pods: [
          ...pod(1, 50, { terminating: true, isMisplaced: false }),
          ...pod(3, 50, { terminating: true, isMisplaced: true }),
        ],
      },
      wantSlots: 50 + 6 + 3 * 50,
    },
    {
      name: "a Recreate rollout has its old pods or its new ones",
      changes: {
        ...{ replacement: "Recreate" as const, nextSlots: 6, plannedPods: 5 },
        pods: pod(3, 50, { isOld: true }),
      },
      wantSlots: 3 * 50 + 6,
    },
    {
      name: "and new ones beside old ones where it was undone",
      changes: {
        ...{ replacement: "Recreate" as const, nextSlots: 6, plannedPods: 5 },
        pods: [...pod(2, 50, { isOld: true }), ...pod(1, 6)],
      },
      wantSlots: 2 * 50 + 3 * 6 + 6,
    },
  ])("$name: $wantSlots slots", ({ changes, wantSlots }) => {
    expect(trueExposure(server, [workload(changes)]).slots).toBe(wantSlots);
  });

  test("the promise rests on all sessions of pods that are gone, also those nobody can tell", () => {
    const haunted = { ...server, ghostSessions: 5, hiddenGhosts: 7 };
    const { slots, slotsWithStrangers } = trueExposure(haunted, [workload({})]);
    expect({ slots, slotsWithStrangers }).toEqual({ slots: 1_500, slotsWithStrangers: 1_512 });
  });

  test("budget: what is left of max_connections, cut by the role's limit", () => {
    expect(trueBudget(server)).toBe(187);
    expect(trueBudget({ ...server, roleLimit: 50 })).toBe(40);
    // People log in with roles of their own: their sessions are beside that limit.
    expect(trueBudget({ ...server, roleLimit: 50, foreignSessions: 7 })).toBe(40);
    expect(trueBudget({ ...server, roleLimit: 50, foreignSessions: 150 })).toBe(37);
  });
});

test("a manifest with a field that is not ours is told", () => {
  const env = [
    { name: "DB_POOL_MAX_SIZE", value: "6" },
    { name: "PATH", value: "/" },
  ];
  const template = { spec: { containers: [{ name: "app", image: "x", env }] } };
  const manifest = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop" },
    spec: { replicas: 3, template },
  };
  const path = "spec.template.spec.containers[app]";
  expect(foreignFields(manifest)).toEqual([
    "spec.replicas",
    `${path}.image`,
    `${path}.env[PATH].name`,
    `${path}.env[PATH].value`,
  ]);
});

test("a seed gives the same run, byte for byte", async () => {
  const runs = [await simulate(drawScenario(39)), await simulate(drawScenario(39))];
  expect(runs[0]?.history).toEqual(runs[1]?.history);
  expect(runs[0]?.digest).toBe(runs[1]?.digest);
}, 60_000);
