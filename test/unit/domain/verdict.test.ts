// What a policy is told, condition by condition.

import { describe, expect, test } from "vitest";
import type { ConditionType } from "../../../src/api/conditions.ts";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { conditionsFor, type Verdict } from "../../../src/domain/explain/verdict.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  startMs,
  keysOf,
} from "../../support/builders.ts";

const web = aWorkload("web", {
  pods: pods(3, { poolSize: 18 }),
  grant: aGrant(18),
  sizing: { ceiling: 18 },
});
const failure = { reason: "AuthenticationFailed" as const, message: "28P01", atMs: startMs };
const observe = aPolicy("orders", { spec: { mode: "Observe" } });
const declared = aPolicy("orders", {
  spec: { database: { address: "db:5432", maxConnections: 200 } },
});
const unread = aDatabase({ reading: undefined });

interface Row {
  name: string;
  snapshot: Partial<Snapshot> & { maxConnections?: number };
  want: Partial<Record<ConditionType, string>>;
  wantMessage?: [ConditionType, string];
}

/** Wanted conditions as `Status Reason`. */
const rows: Row[] = [
  {
    name: "all is well",
    snapshot: {},
    want: {
      Ready: "True Ready",
      DatabaseReachable: "True Connected",
      WithinBudget: "True WithinBudget",
      Feasible: "True Feasible",
      Applied: "True Applied",
    },
    wantMessage: [
      "Ready",
      "running pods and those that may still start need 108 slots, 187 are available: max_connections 200 - superuser_reserved_connections 3 - reserve 10 - foreign sessions 0",
    ],
  },
  {
    name: "the server refuses us: known limits stay, and it is said",
    snapshot: { database: aDatabase({ failure }) },
    want: {
      Ready: "False AuthenticationFailed",
      DatabaseReachable: "False AuthenticationFailed",
      WithinBudget: "True WithinBudget",
    },
    wantMessage: ["Ready", "28P01"],
  },
  {
    name: "the server refuses the login of another namespace: what it says is not ours to read",
    snapshot: { database: aDatabase({ failure: { ...failure, toldTo: ["bank"] } }) },
    want: { DatabaseReachable: "False AuthenticationFailed" },
    wantMessage: [
      "DatabaseReachable",
      "db.shop.svc:5432 could not be read with a login of another namespace: see its policy, or name a secret with one that works",
    ],
  },
  {
    name: "the policy's secret is gone",
    snapshot: {
      policies: [aPolicy("orders", { failure: { ...failure, reason: "SecretNotFound" } })],
    },
    want: { Ready: "False SecretNotFound", DatabaseReachable: "False SecretNotFound" },
  },
  {
    name: "not asked yet",
    snapshot: { database: unread },
    want: {
      Ready: "False NotReadYet",
      DatabaseReachable: "Unknown NotReadYet",
      WithinBudget: "Unknown BudgetUnknown",
      Feasible: "Unknown BudgetUnknown",
    },
  },
  {
    name: "declared only",
    snapshot: { database: unread, policies: [declared] },
    want: { Ready: "True Ready", DatabaseReachable: "True DeclaredOnly" },
    wantMessage: [
      "DatabaseReachable",
      "db.shop.svc:5432 is taken to have maxConnections 200 as declared",
    ],
  },
  {
    name: "exactly the budget holds",
    snapshot: { maxConnections: 121 },
    want: { Ready: "True Ready", WithinBudget: "True WithinBudget" },
  },
  {
    name: "over the budget, with the numbers",
    snapshot: { workloads: [{ ...web, pods: pods(3, { poolSize: 45 }) }] },
    want: { Ready: "False OverBudget", WithinBudget: "False OverBudget", Applied: "False Rolling" },
    wantMessage: [
      "WithinBudget",
      "running pods and those that may still start need 189 slots, 187 are available: max_connections 200 - superuser_reserved_connections 3 - reserve 10 - foreign sessions 0",
    ],
  },
  {
    name: "floors that do not fit: by how much, most by whom, and the ways out",
    snapshot: { maxConnections: 20 },
    want: { Ready: "False OverBudget", Feasible: "False Infeasible" },
    wantMessage: [
      "Feasible",
      "the floors and the room for rollouts need 12 slots, 5 more than the budget of 7; most by Deployment/web: 3 planned pods x 2 slots. To fix: a lower poolSize.min, fewer planned pods (replicas), or more connections",
    ],
  },
  {
    name: "Observe: ready, and nothing is applied",
    snapshot: { policies: [observe] },
    want: { Ready: "True Observing", Applied: "Unknown Observing", Feasible: "True Feasible" },
  },
  {
    name: "Observe over the budget is not ready, but feasible",
    snapshot: { policies: [observe], workloads: [{ ...web, pods: pods(3, { poolSize: 50 }) }] },
    want: { Ready: "False OverBudget", Feasible: "True Feasible" },
  },
  {
    name: "Observe of nothing is said: else a mistyped selector looks like a quiet fleet",
    snapshot: { policies: [observe], workloads: [] },
    want: { Ready: "False NoWorkloads", Applied: "False NoWorkloads" },
  },
  {
    name: "Observe of a workload of two policies is ready all the same",
    snapshot: {
      policies: [observe],
      workloads: [{ ...web, claimedBy: ["shop/a", "shop/orders"] }],
    },
    want: { Ready: "True Observing", Applied: "False ClaimedTwice" },
  },
  {
    name: "no workload matches",
    snapshot: { workloads: [] },
    want: { Ready: "False NoWorkloads", Applied: "False NoWorkloads" },
  },
  {
    name: "two policies match a workload",
    snapshot: { workloads: [{ ...web, claimedBy: ["shop/a", "shop/orders"] }] },
    want: { Ready: "False ClaimedTwice", Applied: "False ClaimedTwice" },
  },
  {
    name: "a roll of ours starts",
    snapshot: { workloads: [{ ...web, pods: pods(3, { poolSize: 9 }) }] },
    want: { Ready: "False Rolling", Applied: "False Rolling" },
    wantMessage: ["Applied", "web: rollout to pool size 18 starts"],
  },
  {
    name: "a roll of ours is under way",
    snapshot: {
      workloads: [{ ...web, pods: pods(3, { poolSize: 9 }), rollingOut: true, updatedReplicas: 0 }],
    },
    want: { Applied: "False Rolling" },
    wantMessage: ["Applied", "web: rollout in progress: 0 of 3 new pods exist, 3 old pods hold 27"],
  },
  {
    name: "a roll of ours does not get on",
    snapshot: {
      workloads: [
        {
          ...web,
          pods: pods(3, { poolSize: 9 }),
          rollingOut: true,
          updatedReplicas: 0,
          stuck: "quota",
        },
      ],
    },
    want: { Applied: "False RolloutStuck" },
    wantMessage: [
      "Applied",
      "web: rollout is blocked: quota; 3 old pods still run and hold 27 slots, 0 of 3 new pods exist",
    ],
  },
  {
    name: "a plain deploy is none of our business",
    snapshot: { workloads: [{ ...web, rollingOut: true, updatedReplicas: 0 }] },
    want: { Ready: "True Ready", Applied: "True Applied" },
  },
  {
    name: "a roll to shrink waits",
    snapshot: { workloads: [{ ...web, pods: pods(3, { poolSize: 50 }), paused: true }] },
    want: { Applied: "False RolloutPaused" },
    wantMessage: ["Applied", "web: is paused: resume it with kubectl rollout resume"],
  },
  {
    name: "a roll to grow waits: applied, for every new pod gets the size",
    snapshot: {
      workloads: [{ ...web, pods: pods(3, { poolSize: 9 }), rolledAtMs: startMs - 1000 }],
    },
    want: { Ready: "True Ready", Applied: "True Applied" },
    wantMessage: [
      "Applied",
      "new pods get the assigned pool size; 3 of 3 pods keep another size; web: was rolled less than 5m ago",
    ],
  },
  {
    name: "a grant waits for slots",
    snapshot: { workloads: [{ ...web, grant: aGrant(9) }], synced: false },
    want: { Applied: "False GrowthWaiting" },
    wantMessage: ["Applied", "web: waits for free slots to grow beyond 9"],
  },
];

function told(snapshot: Partial<Snapshot>, policy?: PolicyFacts): Map<ConditionType, Verdict> {
  const facts = aSnapshot({ workloads: [web], ...snapshot });
  const verdicts = conditionsFor(
    plan(facts, startMs),
    policy ?? (facts.policies[0] as PolicyFacts),
  );
  return new Map(verdicts.map((verdict) => [verdict.type, verdict]));
}

describe("conditions", () => {
  test.each(rows)("$name", ({ snapshot, want, wantMessage }) => {
    const verdicts = told(snapshot);
    for (const [type, wanted] of Object.entries(want)) {
      const verdict = verdicts.get(type as ConditionType);
      expect(`${verdict?.status ?? ""} ${verdict?.reason ?? ""}`, type).toBe(wanted);
    }
    if (wantMessage) expect(verdicts.get(wantMessage[0])?.message).toBe(wantMessage[1]);
  });

  test("what waits elsewhere is told elsewhere", () => {
    const other = aPolicy("other");
    const theirs = {
      ...web,
      ...{ ...keysOf({ ...web, name: "theirs" }), name: "theirs" },
      ...{ policy: other.key, claimedBy: [other.key] },
    };
    const waiting = { ...theirs, pods: pods(3, { poolSize: 9 }), rolledAtMs: startMs - 1000 };
    const snapshot = {
      policies: [aPolicy(), other],
      workloads: [web, waiting],
      maxConnections: 400,
    };
    expect(told(snapshot).get("Applied")?.message).toBe(
      "every pod has the assigned pool size, and new pods get it",
    );
    expect(told(snapshot, other).get("Applied")?.message).toContain("theirs: was rolled");
  });

  test("while the line is broken Ready says as well what is waited for, and until when", () => {
    const large = aWorkload("web", { pods: pods(3, { poolSize: 60 }), grant: undefined });
    const verdicts = told({ workloads: [large] });
    const awaited = "web: waits until its new size is handed out (until 2026-01-01T00:00:05Z)";
    expect(verdicts.get("Applied")?.message).toBe(awaited);
    const { reason, message } = verdicts.get("Ready") ?? {};
    expect(reason).toBe("OverBudget");
    expect(message).toBe(`${verdicts.get("WithinBudget")?.message ?? ""}; ${awaited}`);
  });

  test("a budget below nothing is 0, and said to be", () => {
    const database = aDatabase({ reading: aReading({ sessions: [sessions(300)] }) });
    expect(told({ workloads: [], database }).get("WithinBudget")?.message).toBe(
      "running pods and those that may still start need 0 slots, 0 are available: max_connections 200 " +
        "- superuser_reserved_connections 3 - reserve 10 - foreign sessions 300, which leaves nothing",
    );
  });

  test("floors that do not fit: another policy's workload is not named", () => {
    const policies = [aPolicy(), aPolicy("ledger", { namespace: "bank" })];
    const theirs = {
      ...web,
      ...keysOf({ ...web, namespace: "bank", name: "secret" }),
      policy: "bank/ledger",
    };
    const database = aDatabase({ reading: aReading({ maxConnections: 20 }) });
    const message = told({ database, policies, workloads: [theirs] }).get("Feasible");
    expect(message?.message).toContain(
      "; most by a workload of policy bank/ledger: 3 planned pods",
    );
  });

  test("there are five, Ready first", () => {
    expect([...told({}).keys()]).toEqual([
      "Ready",
      "DatabaseReachable",
      "WithinBudget",
      "Feasible",
      "Applied",
    ]);
  });
});
