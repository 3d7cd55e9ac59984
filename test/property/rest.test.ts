// A plan that was carried out leaves nothing to do: planned anew, with what was written standing in
// the cluster, it writes no status and rolls nothing. Where there is room for several rollouts they
// begin one after the other, each in a round of its own. Time alone is no reason to write either.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { PolicyFacts, Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { recentPlanOf } from "../../src/reconcile/observe/observe-workload.ts";
import { SettledDecisions } from "../../src/reconcile/memory/settled-decisions.ts";
import { isSameStatus } from "../../src/reconcile/same-status.ts";
import { buildStatus } from "../../src/reconcile/apply/write-status.ts";
import { anOwnSize, published, startMs } from "../support/builders.ts";
import { snapshot } from "./arbitraries.ts";

/** As the cluster shows it once the rollout has begun, and no pod of it is there. */
function withRoll(workload: PoolFacts, { rolls, nowMs }: Plan): PoolFacts {
  const { roll } = rolls;
  if (roll?.position.workload.key !== workload.key) return workload;
  const { position, poolSize } = roll;
  const started = { rollingOut: true, updatedReplicas: 0, updateRevision: "", rolledAtMs: nowMs };
  if (position.policy.delivery === "Admission") return { ...workload, ...started };
  const written = { template: anOwnSize(poolSize), templateIsWhole: true };
  return { ...workload, ...started, ...written, writtenPoolSize: poolSize };
}

/** What the operator reads back of its own last word. */
function withRow(workload: PoolFacts, policies: readonly PolicyFacts[]): PoolFacts {
  const policy = policies.find(({ key }) => key === workload.policy);
  const name = `${workload.kind}/${workload.name}`;
  const row = policy?.status?.workloads?.find((one) => one.workload === name);
  return { ...workload, ...recentPlanOf(row) };
}

/** The snapshot after all writes of the plan. */
function carriedOut(decided: Plan): Snapshot {
  const { policies, workloads, ...rest } = published(decided);
  const told = policies.map((policy) => ({ ...policy, status: buildStatus(decided, policy) }));
  const after = workloads.map((one) => withRow(withRoll(one, decided), told));
  return { ...rest, policies: told, workloads: after };
}

interface Rest {
  /** As nothing more is written. */
  readonly snapshot: Snapshot;
  /** In which something was. */
  readonly rounds: number;
  readonly rolls: number;
}

function restAt(one: Snapshot, nowMs: number): Rest {
  let now = one;
  for (let [rounds, rolls] = [0, 0]; rounds < 20; rounds++) {
    const decided = plan(now, nowMs);
    const isWritten = ({ status }: PolicyFacts, told: PoolPolicyStatus): boolean =>
      isSameStatus(status, told);
    const { roll } = decided.rolls;
    if (!roll && now.policies.every((policy) => isWritten(policy, buildStatus(decided, policy)))) {
      return { snapshot: now, rounds, rolls };
    }
    rolls += roll ? 1 : 0;
    now = carriedOut(decided);
  }
  throw new Error("never comes to rest");
}

describe("a plan that was carried out", () => {
  test("leaves nothing to do, once it is told that it was", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const { rounds, rolls } = restAt(one, startMs);
        // Written, and then said that it has changed; a roll may let a grant grow that waited.
        expect(rounds).toBeLessThanOrEqual(2 + 2 * rolls);
        expect(rolls).toBeLessThanOrEqual(one.workloads.length);
      }),
      { numRuns: 300 },
    );
  });

  test("stands until the moment for which it asks to be made again", () => {
    fc.assert(
      fc.property(snapshot, fc.double({ min: 0, max: 1, noNaN: true }), (one, part) => {
        const { snapshot: rest } = restAt(one, startMs);
        const { recheckAfterMs = 24 * 3_600_000 } = plan(rest, startMs);
        const later = plan(rest, startMs + Math.floor(part * (recheckAfterMs - 1)));
        expect(later.rolls.roll).toBeUndefined();
        for (const policy of rest.policies) {
          expect(buildStatus(later, policy)).toEqual(buildStatus(plan(rest, startMs), policy));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("stands only where a plan made anew would say the same", () => {
    const nothing = {
      statuses: [],
      resizes: [],
      releases: [],
      roll: undefined,
      eviction: undefined,
      failures: [],
      retryAfterMs: undefined,
    };
    fc.assert(
      fc.property(snapshot, snapshot, (one, other) => {
        const { snapshot: rest } = restAt(one, startMs);
        const decisions = new SettledDecisions();
        decisions.note(plan(rest, startMs), nothing);
        for (const changed of [rest, { ...rest, workloads: other.workloads }]) {
          const kept = decisions.on(changed, startMs);
          if (kept) expect(kept.positions).toEqual(plan(changed, startMs).positions);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("leaves nothing to do for as long as nothing else happens", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        // A cooldown or a settle time may end: that is something, and what is written then may
        // begin another one. Each comes a day later, and none after the third.
        const dayMs = 24 * 3_600_000;
        let now = one;
        for (let day = 0; day < 3; day++) now = restAt(now, startMs + day * dayMs).snapshot;
        expect(restAt(now, startMs + 3 * dayMs).rounds).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
