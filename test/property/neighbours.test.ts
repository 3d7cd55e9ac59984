// Laws of neighbours: a policy that joins a server without a place there (it observes, was not read
// yet, or has a wrong password) lowers nobody's size, whatever it asks for and holds.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { hasPlace } from "../../src/domain/demand/standing.ts";
import { anOwnSize, aPolicy, aWorkload, pods, startMs } from "../support/builders.ts";
import { snapshot } from "./arbitraries.ts";

const guest = fc
  .record({
    state: fc.constantFrom<Parameters<typeof aPolicy>[1]>(
      { spec: { mode: "Observe", reserve: { connections: 50, rollouts: 3 }, basis: "Pod" } },
      { failure: { reason: "NotReadYet", message: "" } },
      { failure: { reason: "AuthenticationFailed", message: "" } },
    ),
    podCount: fc.nat(6),
    poolSize: fc.integer({ min: 1, max: 60 }),
    autoscalerMaxReplicas: fc.option(fc.nat(30), { nil: undefined }),
  })
  .map(({ state, podCount, poolSize, autoscalerMaxReplicas }) => {
    const policy = aPolicy("guest", { namespace: "guest", ...state });
    const workload = aWorkload("guest", {
      namespace: "guest",
      policy: policy.key,
      template: anOwnSize(poolSize),
      pods: pods(podCount, { poolSize, sized: false }),
      autoscalerMaxReplicas,
    });
    return { policy, workload };
  });

interface Guest {
  readonly policy: PolicyFacts;
  readonly workload: PoolFacts;
}

function withGuest(host: Snapshot, { policy, workload }: Guest): Snapshot {
  return {
    ...host,
    policies: [...host.policies, policy],
    workloads: [...host.workloads, workload],
  };
}

function shareOf({ pools }: Plan, index: number): number {
  return pools[index]?.share ?? 0;
}

describe("a policy without a place that joins", { timeout: 60_000 }, () => {
  test("lowers no size of a neighbour and rolls none to shrink", () => {
    fc.assert(
      fc.property(snapshot, guest, (host, joiner) => {
        fc.pre(host.policies.some(hasPlace));
        const alone = plan(host, startMs);
        const beside = plan(withGuest(host, joiner), startMs);

        for (const { position, share, grant } of alone.pools) {
          const { workload, published, managed } = position;
          if (!managed) continue;
          const after = beside.pools.find((one) => one.position.workload.key === workload.key);
          expect(after?.share).toBeGreaterThanOrEqual(Math.min(published, share));
          expect(after?.grant.poolSize).toBeGreaterThanOrEqual(Math.min(published, grant.poolSize));
        }
        const { roll } = beside.rolls;
        if (roll?.toShrink !== true) return;
        const own = alone.positions.findIndex((p) => p.workload.key === roll.position.workload.key);
        // What a template says beyond its share is nobody's, and the newcomer waits for it.
        const isToItsShare = roll.poolSize >= shareOf(alone, own);
        const isWished = alone.rolls.roll !== undefined || alone.rolls.obstacles.has(own);
        expect(isWished || isToItsShare).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("counts with what its pods hold, to the slot", () => {
    fc.assert(
      fc.property(snapshot, guest, (host, joiner) => {
        fc.pre(host.policies.some(hasPlace));
        const { pods: own, sizing } = joiner.workload;
        const held = own.reduce((sum, pod) => {
          return sum + pod.own.poolSize * sizing.processesPerPod + sizing.extraConnectionsPerPod;
        }, 0);
        const unsynced = { ...host, synced: false };
        const [alone, beside] = [unsynced, withGuest(unsynced, joiner)].map((one) => {
          return plan(one, startMs).exposure;
        });

        // Its pods fill no room of others: the room is theirs alone.
        expect((beside?.slots ?? 0) - (alone?.slots ?? 0)).toBeLessThanOrEqual(held);
      }),
    );
  });
});

/** Two roles with a limit each, on a server that both policies share. */
const twoRoles = fc
  .tuple(snapshot, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }))
  .map(([host, first, second]): Snapshot => {
    const roles = ["first", "second"];
    const policies = host.policies.map((policy, index) => ({ ...policy, role: roles[index] }));
    const { reading } = host.database;
    const roleLimits = { first, second };
    const database = { ...host.database, reading: reading && { ...reading, roleLimits } };
    return { ...host, policies, database };
  });

describe("a CONNECTION LIMIT of each of two roles", { timeout: 60_000 }, () => {
  test("is exceeded by no grant and by no roll that was within it", () => {
    fc.assert(
      fc.property(twoRoles, (one) => {
        const before = plan({ ...one, synced: false }, startMs);
        const after = plan(one, startMs);
        after.limits.narrow.forEach(({ limit, exposure }, index) => {
          const was = before.limits.narrow[index]?.exposure.slots ?? 0;
          expect(exposure.slots).toBeLessThanOrEqual(Math.max(limit.slots, was));
        });
        const { roll } = after.rolls;
        if (!roll) return;
        for (const { account, slots } of after.limits.whileRolling(roll)) {
          const { limit, exposure } = account;
          const most = roll.toShrink ? Math.max(limit.slots, exposure.slots) : limit.slots;
          expect(slots).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("changes no share of the other role where the server has slots for all", () => {
    fc.assert(
      fc.property(twoRoles, fc.integer({ min: 1, max: 200 }), (one, limit) => {
        const withLimit = (first: number): Snapshot => {
          const { reading } = one.database;
          const roleLimits = { first, second: -1 };
          const large = reading && { ...reading, maxConnections: 1_000_000, roleLimits };
          return { ...one, database: { ...one.database, reading: large } };
        };
        const [bounded, free] = [limit, -1].map((first) => plan(withLimit(first), startMs));
        for (const [index, { policy }] of (free?.positions ?? []).entries()) {
          if (policy.role !== "second") continue;
          expect(bounded?.pools[index]?.share).toBe(free?.pools[index]?.share);
        }
      }),
      { numRuns: 200 },
    );
  });
});
