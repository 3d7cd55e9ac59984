// What one decision costs, with all that is told of it, where a tenant makes as many policies,
// workloads and logins as he likes: nothing else is done meanwhile, for anybody. The bounds are far
// above what it takes, and far below what it took where each policy looked at everything.

import { test } from "vitest";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import * as build from "../../support/builders.ts";
import { expectCpuBelow } from "../../support/cpu-time.ts";

const { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } = build;

/** They took from 1,400 to 10,000 ms. */
const mostMs = 1_200;

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Names that sort as they are counted. */
function named(letter: string, index: number): string {
  return `${letter}${String(index).padStart(5, "0")}`;
}

type Made = Parameters<typeof aWorkload>[1];
type Make = (policies: readonly PolicyFacts[], index: number) => Made;

function crowdOf(
  [policyCount, workloadCount]: readonly [number, number],
  make: Make,
  more: Parameters<typeof aSnapshot>[0] = {},
): Snapshot {
  const policies = many(policyCount, (index) => aPolicy(named("p", index)));
  const workloads = many(workloadCount, (index) => {
    const policy = policies[index % policyCount]?.key ?? "";
    return aWorkload(named("w", index), { policy, ...make(policies, index) });
  });
  return aSnapshot({ policies, workloads, maxConnections: 5_000, ...more });
}

/** Of the decision, with the status of every policy. */
function expectQuickDecision(snapshot: Snapshot): void {
  expectCpuBelow(mostMs, () => {
    const decided = plan(snapshot, startMs);
    for (const policy of snapshot.policies) statusOf(decided, policy);
  });
}

test("all policies select the same workloads", () => {
  const claimedByAll: Make = (policies) => ({ claimedBy: policies.map(({ key }) => key) });
  expectQuickDecision(crowdOf([200, 2_000], claimedByAll));
});

test("there are many policies, each with a few workloads", () => {
  const small: Make = () => ({ pods: pods(1, { poolSize: 2 }), grant: aGrant(2) });
  expectQuickDecision(crowdOf([2_000, 4_000], small));
});

test("half of the workloads are in a rollout, and all others wait for that", () => {
  const busy: Make = (_, index) =>
    index % 2 === 0
      ? { pods: pods(2, { poolSize: 1 }), rollingOut: true, updatedReplicas: 0 }
      : { pods: pods(2, { poolSize: 40 }), grant: aGrant(1) };
  expectQuickDecision(crowdOf([50, 3_000], busy));
});

test("the server says a limit for each role and database that the policies name", () => {
  const logins = many(500, (index) => ({ role: named("r", index), database: named("d", index) }));
  const policies = logins.map((login, index) => aPolicy(named("p", index), login));
  const workloads = many(2_000, (index) => {
    const addresses = [`10.${index >> 8}.${index & 255}.1`];
    const policy = policies[index % policies.length]?.key ?? "";
    const more = { pods: pods(2, { poolSize: 2, addresses }), grant: aGrant(2) };
    return aWorkload(named("w", index), { policy, ...more });
  });
  const sessions = many(1_000, (index) => {
    const { role = "", database = "" } = logins[index % logins.length] ?? {};
    return build.sessions(9, {
      user: role,
      database,
      address: `10.${index >> 8}.${index & 255}.1`,
    });
  });
  const reading = build.aReading({
    ...{ maxConnections: 50_000, sessions },
    roleLimits: Object.fromEntries(logins.map(({ role }, index) => [role, 50 + index])),
    databaseLimits: Object.fromEntries(logins.map(({ database }, index) => [database, 60 + index])),
  });
  const fleet = sessions.map(({ address = "" }) => address);
  const database = build.aDatabase({ reading, fleetAddresses: build.ofFleet(...fleet) });
  expectQuickDecision(aSnapshot({ policies, workloads, database }));
});

test("each pod of a workload says a size of its own", () => {
  const own = many(40_000, (index) => pods(1, { poolSize: 1 + index })).flat();
  const web = aWorkload("web", { pods: own, grant: aGrant(2) });
  const snapshot = aSnapshot({ workloads: [web], maxConnections: 200_000 });
  expectQuickDecision(snapshot);
});

interface LivePods {
  readonly running: number;
  readonly waiting: number;
}

/** Of one workload, whose pods are resized while they run and wait for their slots. */
function ofLive(index: number, { running, waiting }: LivePods): Made {
  const place = (pod: number): string => `shop/${named("w", index)}-${pod}`;
  const live = { size: 2, touches: 0, isResized: true as const };
  const gate = { place: 0 };
  const createdAtMs = startMs - 100_000;
  return {
    ...{ live: true, start: "WhenSlotsAreFree", sizing: { floor: 1, ceiling: 100 } },
    ...{ replicas: running + waiting, grant: aGrant(1, { gatedFromMs: startMs - 60_000 }) },
    pods: many(running, (pod) => pods(1, { name: place(pod), poolSize: 2, live })).flat(),
    waitingPods: many(waiting, (pod) =>
      pods(1, { name: place(running + pod), createdAtMs, gate }),
    ).flat(),
  };
}

test.each([
  { name: "start", count: 1_000, each: { running: 0, waiting: 10 }, maxConnections: 262_143 },
  { name: "wait", count: 1_000, each: { running: 0, waiting: 10 }, maxConnections: 200 },
  { name: "grow", count: 3_000, each: { running: 3, waiting: 0 }, maxConnections: 100_000 },
])("there are thousands of live pods, and they $name", ({ count, each, maxConnections }) => {
  expectQuickDecision(crowdOf([1, count], (_, index) => ofLive(index, each), { maxConnections }));
});
