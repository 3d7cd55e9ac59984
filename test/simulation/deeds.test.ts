// Deeds whose effect comes later than they: what the judge may hold an operator to in between.

import { expect, test } from "vitest";
import { simulate } from "./run.ts";
import type { Scenario } from "./scenario.ts";

const minuteMs = 60_000;

const workload: Scenario["fleet"]["workloads"][number] = {
  ...{ policy: 0, kind: "StatefulSet", strategy: "RollingUpdate", replicas: 2 },
  ...{ maxReplicas: undefined, maxSurge: 0, maxUnavailable: 1, graceMs: 5_000 },
  ...{ startMs: 1_000, poolSize: 48, processesPerPod: 1, extraConnectionsPerPod: 0 },
  ...{ weight: 1, manager: "helm" },
};

/** Two pods hold nearly all slots of the server. */
const fleet: Scenario["fleet"] = {
  servers: [
    {
      ...{ maxConnections: 100, reservedConnections: 3, roleLimit: -1, seesAllSessions: true },
      operatorRole: "poolwarden",
    },
  ],
  policies: [
    {
      ...{ server: 0, delivery: "Admission", reserveConnections: 0, rollouts: 1 },
      ...{ basis: "Workload", rebalance: "Always", cooldownMinutes: 1, ownership: "Take" },
    },
  ],
  workloads: [workload],
  ...{ operators: 1, databaseIntervalMs: 60_000, settleTimeMs: 5_000, hasAdmission: true },
};

test("a lowered limit ends what was promised while its server was down", async () => {
  // The judge reviews every 15 s: here between the stop of the server and its start.
  const atMs = 5 * minuteMs - 100;
  const lower = {
    atMs,
    deed: "lowerMaxConnections",
    which: 0,
    amount: 0,
    forMs: minuteMs,
  } as const;
  const scenario = { seed: 1, fleet, events: [lower], faultsMs: 7 * minuteMs };

  const { violation } = await simulate(scenario);

  expect(violation).toBeUndefined();
}, 60_000);

test("a rollout that is paused in its middle is beyond the plan until it is filled up", async () => {
  const recreated = { ...workload, kind: "Deployment", strategy: "Recreate" } as const;
  const ending = { ...recreated, replicas: 4, graceMs: minuteMs, poolSize: 19 } as const;
  // The judge reviews every 15 s: here between the pause and what the controller makes of it.
  const pausedAtMs = 5 * minuteMs - 10;
  const common = { which: 0, amount: 0, forMs: minuteMs } as const;
  const scenario = {
    ...{ seed: 1, fleet: { ...fleet, workloads: [ending] }, faultsMs: 7 * minuteMs },
    events: [
      { ...common, atMs: pausedAtMs - 500, deed: "deploy" },
      { ...common, atMs: pausedAtMs, deed: "pause" },
    ],
  } as const;

  const { violation } = await simulate(scenario);

  expect(violation).toBeUndefined();
}, 60_000);
