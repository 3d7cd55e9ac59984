// What is worth an event, and what is not: one per change, none for what was said before.

import { describe, expect, test } from "vitest";
import type { Condition } from "../../../src/api/poolpolicy.ts";
import { type Announcement, announcementsOf } from "../../../src/domain/explain/announcements.ts";
import type { Snapshot, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

function condition(
  type: Condition["type"],
  status: Condition["status"],
  reason: string,
): Condition {
  return { type, status, reason, message: "m", lastTransitionTime: "2026-01-01T00:00:00Z" };
}

/** `kind reason` of each announcement on a policy that said `before` and says `now`. */
function turned(before: Condition[], now: Condition[]): string[] {
  const policy = aPolicy("orders", { status: { conditions: before } });
  const decided = plan(aSnapshot({ policies: [policy] }), startMs);
  return announcementsOf(decided, policy, { conditions: now }).map(
    ({ type, reason }) => `${type} ${reason}`,
  );
}

const ready = condition("Ready", "True", "Ready");
const unready = condition("Ready", "False", "OverBudget");
const within = condition("WithinBudget", "True", "WithinBudget");
const over = condition("WithinBudget", "False", "OverBudget");
const reached = condition("DatabaseReachable", "True", "Connected");
const timeout = condition("DatabaseReachable", "False", "DatabaseTimeout");
const refused = condition("DatabaseReachable", "False", "AuthenticationFailed");
const unknown = condition("DatabaseReachable", "Unknown", "NotReadYet");
const rolling = condition("Applied", "False", "Rolling");
const stuck = condition("Applied", "False", "RolloutStuck");

describe("conditions that turn", () => {
  test.each([
    { name: "nothing turned", before: [ready, within], now: [ready, within], want: [] },
    { name: "it turned bad", before: [within], now: [over], want: ["Warning OverBudget"] },
    { name: "it turned good again", before: [over], now: [within], want: ["Normal WithinBudget"] },
    {
      name: "bad for another reason",
      before: [timeout],
      now: [refused],
      want: ["Warning AuthenticationFailed"],
    },
    { name: "the first word is good: no news", before: [], now: [within, reached], want: [] },
    { name: "the first word is bad", before: [], now: [over], want: ["Warning OverBudget"] },
    { name: "ready from the first is good news", before: [], now: [ready], want: ["Normal Ready"] },
    { name: "not ready repeats what another one says", before: [ready], now: [unready], want: [] },
    { name: "unknown says nothing", before: [reached], now: [unknown], want: [] },
    { name: "rollouts are ordinary", before: [], now: [rolling], want: [] },
    {
      name: "a rollout that is stuck is not",
      before: [rolling],
      now: [stuck],
      want: ["Warning RolloutStuck"],
    },
  ])("$name", ({ before, now, want }) => {
    expect(turned(before, now)).toEqual(want);
  });
});

describe("grants that change", () => {
  const web = aWorkload("web", { pods: pods(3, { poolSize: 18 }), grant: aGrant(50) });

  function told(workload: PoolFacts, more: Partial<Snapshot> = {}): Announcement[] {
    const snapshot = aSnapshot({ workloads: [workload], ...more });
    return announcementsOf(plan(snapshot, startMs), aPolicy(), { conditions: [] });
  }

  test("are told with the arithmetic, on the workload", () => {
    expect(told(web)).toMatchObject([
      {
        type: "Normal",
        reason: "GrantChanged",
        workload: { name: "web" },
        message:
          "Deployment/web next pods get 50→31; 3 pods hold 54 slots, 93 once replaced by pods of 31, " +
          "150 until the new size is in force; the fleet on db.shop.svc:5432 may use up to 300 slots, " +
          "the budget is 187",
      },
    ]);
  });

  test("also where pods wait to be rolled to them", () => {
    const [first] = told({ ...web, pods: pods(3, { poolSize: 50 }) });
    expect(first?.message).toContain("next pods get 50→31");
  });

  test("nothing changed, nothing told; and others' changes are told to them", () => {
    expect(told({ ...web, grant: aGrant(31) })).toEqual([]);
    const policies = [aPolicy(), aPolicy("other")];
    expect(told({ ...web, policy: "shop/other", claimedBy: ["shop/other"] }, { policies })).toEqual(
      [],
    );
  });
});
