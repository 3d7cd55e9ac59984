// Laws of neighbours: a policy that joins a server without a place there (it observes, was not read
// yet, or has a wrong password) lowers nobody's size, whatever it asks for and holds.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot, WorkloadFacts } from "../../src/domain/facts.ts";
import { plan } from "../../src/domain/plan.ts";
import { hasPlace } from "../../src/domain/standing.ts";
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
  readonly workload: WorkloadFacts;
}

function withGuest(host: Snapshot, { policy, workload }: Guest): Snapshot {
  return {
    ...host,
    policies: [...host.policies, policy],
    workloads: [...host.workloads, workload],
  };
}

describe("a policy without a place that joins", { timeout: 60_000 }, () => {
  test("lowers no size of a neighbour and rolls none to shrink", () => {
    fc.assert(
      fc.property(snapshot, guest, (host, joiner) => {
        fc.pre(host.policies.some(hasPlace));
        const alone = plan(host, startMs);
        const beside = plan(withGuest(host, joiner), startMs);

        for (const [index, { workload, published, managed }] of alone.positions.entries()) {
          if (!managed) continue;
          const at = beside.positions.findIndex((one) => one.workload.key === workload.key);
          const [before, after] = [alone.shares.poolSizes, beside.shares.poolSizes];
          expect(after[at]).toBeGreaterThanOrEqual(Math.min(published, before[index] ?? 0));
          const kept = Math.min(published, alone.grants[index]?.poolSize ?? 0);
          expect(beside.grants[at]?.poolSize).toBeGreaterThanOrEqual(kept);
        }
        const { roll } = beside.rolls;
        if (roll?.toShrink !== true) return;
        const own = alone.positions.findIndex((p) => p.workload.key === roll.position.workload.key);
        const isWished = alone.rolls.roll !== undefined || alone.rolls.obstacles.has(own);
        expect(isWished).toBe(true);
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
