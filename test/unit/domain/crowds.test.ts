// What one decision costs, with all that is told of it, where a tenant makes as many policies,
// workloads and logins as he likes: nothing else is done meanwhile, for anybody. The bounds are far
// above what it takes, and far below what it took where each policy looked at everything.

import { test } from "vitest";
import type { PolicyFacts, Snapshot, PoolFacts } from "../../../src/domain/facts/facts.ts";
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

type Make = (policies: readonly PolicyFacts[], index: number) => Partial<PoolFacts>;

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
