// What a person should know although, or because, nothing is done about it.

import { describe, expect, test } from "vitest";
import type { Finding, Snapshot } from "../../../src/domain/facts/facts.ts";
import { wasReverted } from "../../../src/domain/decide/cooldown.ts";
import { findingsOf } from "../../../src/domain/explain/findings.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import {
  aDatabase,
  aGrant,
  anOwnSize,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

function findings(snapshot: Partial<Snapshot>): Finding[] {
  const facts = aSnapshot(snapshot);
  const policy = facts.policies.find(({ name }) => name === "orders") ?? aPolicy();
  const decided = plan(facts, startMs);
  const own = decided.positions.filter((position) => position.policy.key === policy.key);
  return findingsOf(decided, policy, own);
}

/** With the policy's own login. */
function read(facts: object): Partial<Snapshot> {
  const reading = aReading(facts);
  const { role, seesAllSessions } = reading;
  const sights = [{ namespace: "shop", role, seesAllSessions }];
  return { database: aDatabase({ reading, sights }) };
}

function of(facts: object, policy = aPolicy()): Partial<Snapshot> {
  const all = { pods: pods(3, { poolSize: 6 }), grant: aGrant(6), ...facts };
  return { policies: [policy], workloads: [aWorkload("web", all)] };
}

const template = aPolicy("orders", { delivery: "Template" });
const strict = aPolicy("strict", { spec: { reserve: { connections: 30, rollouts: 2 } } });
const problem = { poolSize: 10, source: "unmanaged" as const, problem: "DB_POOL_MAX_SIZE: none" };

const rows: { name: string; snapshot: Partial<Snapshot>; want: [string, string, string][] }[] = [
  { name: "nothing to say", snapshot: of({}), want: [] },
  {
    name: "a standby",
    snapshot: read({ isStandby: true }),
    want: [["IsStandby", "info", "the server is a standby"]],
  },
  {
    name: "a node of a cluster",
    snapshot: read({ isClusterNode: true }),
    want: [["ClusterNode", "info", "clients connect to each node"]],
  },
  {
    name: "a login by MD5",
    snapshot: read({ isLoginByMd5: true }),
    want: [["Md5Login", "info", "set password_encryption to scram-sha-256"]],
  },
  {
    name: "a pooler in front of the server",
    snapshot: read({ isThroughPooler: true }),
    want: [["ReadThroughPooler", "degraded", "set database.engine to PgBouncer"]],
  },
  {
    name: "one pod of a pooler",
    snapshot: read({ mayBePart: "OnePod" }),
    want: [["PoolerReadInPart", "info", "name a headless Service"]],
  },
  {
    name: "one process of a pooler",
    snapshot: read({ mayBePart: "OneProcess" }),
    want: [["PoolerReadInPart", "info", "so_reuseport"]],
  },
  {
    name: "a role that may not see all sessions",
    snapshot: read({ seesAllSessions: false }),
    want: [["CannotSeeSessions", "degraded", "GRANT pg_monitor TO app"]],
  },
  {
    name: "whose name SQL would not take as it is",
    snapshot: read({ seesAllSessions: false, role: 'Or"ders' }),
    want: [["CannotSeeSessions", "degraded", 'GRANT pg_monitor TO "Or""ders"']],
  },
  {
    name: "foreign sessions, and whose",
    snapshot: read({ sessions: [sessions(2)] }),
    want: [
      [
        "ForeignSessions",
        "info",
        "2 foreign sessions, the most at once within 10 min: psql by alice",
      ],
    ],
  },
  {
    name: "a stricter word of another policy",
    snapshot: { policies: [aPolicy(), strict] },
    want: [
      [
        "StricterPolicyWins",
        "info",
        "reserve.connections 30 is set by policy shop/strict; the largest value on the server applies",
      ],
      [
        "StricterPolicyWins",
        "info",
        "reserve.rollouts 2 is set by policy shop/strict; the largest value on the server applies",
      ],
    ],
  },
  {
    name: "an equal word is not stricter",
    snapshot: { policies: [aPolicy("a"), aPolicy()] },
    want: [],
  },
  {
    name: "a finding of the policy",
    snapshot: {
      policies: [
        aPolicy("orders", {
          findings: [{ reason: "AdmissionMissing", message: "no", severity: "blocking" }],
        }),
      ],
    },
    want: [["AdmissionMissing", "blocking", "no"]],
  },
  {
    name: "a finding of a workload, with its name",
    snapshot: of({
      findings: [{ reason: "ContainerAmbiguous", message: "two", severity: "blocking" }],
    }),
    want: [["ContainerAmbiguous", "blocking", "Deployment/web: two"]],
  },
  {
    name: "claimed twice",
    snapshot: of({ claimedBy: ["shop/a", "shop/b"] }),
    want: [
      ["ClaimedTwice", "blocking", "Deployment/web: is matched by the policies shop/a and shop/b"],
    ],
  },
  {
    name: "claimed by many: a few are named",
    snapshot: of({ claimedBy: ["shop/a", "shop/b", "shop/c", "shop/d", "shop/e"] }),
    want: [
      [
        ...(["ClaimedTwice", "blocking"] as const),
        "Deployment/web: is matched by the policies shop/a, shop/b, shop/c and 2 more: managed by none",
      ],
    ],
  },
  {
    name: "more pods than planned",
    snapshot: of({ kind: "StatefulSet", replicas: 2 }),
    want: [["BeyondPlan", "degraded", "StatefulSet/web: 3 pods run, 2 are planned for"]],
  },
  {
    name: "pods of a workload that is gone are not beyond a plan",
    snapshot: of({ exists: false }),
    want: [],
  },
  {
    name: "pods that started unsized",
    snapshot: of({
      pods: [
        ...pods(2, { sized: false }),
        ...pods(1),
        ...pods(1, { sized: false, terminating: true }),
      ],
    }),
    want: [
      [
        "StartedUnsized",
        "info",
        "2 of 4 pods started without a pool size from Poolwarden: Deployment/web (2)",
      ],
    ],
  },
  {
    name: "before the first grant every pod is unsized, and that says nothing",
    snapshot: of({ grant: undefined, pods: pods(2, { sized: false }) }),
    want: [],
  },
  {
    name: "templates size no pod by annotation",
    snapshot: of({ pods: pods(2, { sized: false }) }, template),
    want: [],
  },
  {
    name: "a rollout that does not get on",
    snapshot: of({ stuck: "quota exceeded" }),
    want: [["RolloutStuck", "degraded", "Deployment/web: quota exceeded"]],
  },
  {
    name: "entries that were put back",
    snapshot: of(
      { writtenPoolSize: 6, template: anOwnSize(50), otherManagers: ["helm"], reverts: 2 },
      template,
    ),
    want: [
      [
        "RevertedByOther",
        "degraded",
        "helm has put the entries back to 50 (Poolwarden wrote 6, reverted 3 times)",
      ],
    ],
  },
  {
    name: "a size that is not a number, in a template or a pod",
    snapshot: of({ template: problem }),
    want: [["InvalidSize", "degraded", "Deployment/web: DB_POOL_MAX_SIZE: none"]],
  },
  {
    name: "in a pod",
    snapshot: of({ pods: pods(1, { own: problem }) }),
    want: [["InvalidSize", "degraded", "Deployment/web: DB_POOL_MAX_SIZE: none"]],
  },
];

describe("findings", () => {
  test.each(rows)("$name", ({ snapshot, want }) => {
    const found = findings(snapshot);
    expect(found.map(({ reason, severity }) => [reason, severity])).toEqual(
      want.map(([reason, severity]) => [reason, severity]),
    );
    want.forEach(([, , message], index) => {
      expect(found[index]?.message).toContain(message);
    });
  });

  test("a template that says what we wrote was not put back", () => {
    expect(wasReverted(aWorkload("web", { writtenPoolSize: 10 }))).toBe(false);
    expect(wasReverted(aWorkload("web", { writtenPoolSize: 9 }))).toBe(true);
    expect(wasReverted(aWorkload("web"))).toBe(false);
  });

  test("nor one that lost our annotation, while it says what our last roll wrote", () => {
    expect(wasReverted(aWorkload("web", { rolledPoolSize: 10 }))).toBe(false);
    expect(wasReverted(aWorkload("web", { rolledPoolSize: 9 }))).toBe(true);
  });
});

describe("of a large fleet", () => {
  function fleet(facts: (at: number) => object): Partial<Snapshot> {
    const workloads = Array.from({ length: 40 }, (_, at) =>
      aWorkload(`w${10 + at}`, { grant: aGrant(6), pods: pods(1, { poolSize: 6 }), ...facts(at) }),
    );
    return { workloads };
  }

  test("pods that started unsized are one finding, with a count and a few names", () => {
    const told = findings(fleet(() => ({ pods: pods(3, { poolSize: 10, sized: false }) })));
    expect(told.map(({ reason, message }) => [reason, message])).toEqual([
      [
        "StartedUnsized",
        "120 of 120 pods started without a pool size from Poolwarden: " +
          "Deployment/w10 (3), Deployment/w11 (3), Deployment/w12 (3) and 37 more",
      ],
    ]);
  });

  test("what many workloads have in common is told of the first five, and counted", () => {
    const told = findings(fleet(() => ({ stuck: "quota", rollingOut: true })));
    expect(told).toHaveLength(6);
    expect(told[4]?.message).toBe("Deployment/w14: quota");
    expect(told[5]).toEqual({
      reason: "RolloutStuck",
      severity: "degraded",
      message: "the same for 35 more: Deployment/w15, Deployment/w16, Deployment/w17 and 32 more",
    });
  });
});
