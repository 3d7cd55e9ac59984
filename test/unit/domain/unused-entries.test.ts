// Entries that select nothing: a name that no workload has must be seen, and must not make a policy
// that was applied before its workload fail.

import { describe, expect, it } from "vitest";
import type { Condition } from "../../../src/api/poolpolicy.ts";
import { announcementsOf } from "../../../src/domain/explain/announcements.ts";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import { unusedEntries, withMissingWorkloads } from "../../../src/domain/explain/unused-entries.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const web = aWorkload("web", {
  pods: pods(2, { poolSize: 18 }),
  grant: aGrant(18),
  sizing: { ceiling: 18 },
});
const missing =
  'spec.workloads[1]: there is no Deployment "chekout" in namespace shop: its pods are not managed, ' +
  "and no slots are kept for it. Correct spec.workloads[1].name, or remove the entry.";

function withEntries(...workloads: readonly object[]): PolicyFacts {
  return aPolicy("orders", { spec: { workloads } });
}

function decided(policy: PolicyFacts, more: Partial<Snapshot> = {}): ReturnType<typeof plan> {
  return plan(aSnapshot({ policies: [policy], workloads: [web], ...more }), startMs);
}

function toldOf(policy: PolicyFacts, more: Partial<Snapshot> = {}): string[] {
  const made = decided(policy, more);
  const own = made.positions.filter((position) => position.policy.key === policy.key);
  return unusedEntries(made, policy, own).map(
    ({ severity, reason, message }) => `${severity} ${reason}: ${message}`,
  );
}

describe("entries that select nothing", () => {
  it.each([
    {
      name: "a name with a typing error",
      entries: [{ name: "web" }, { name: "chekout" }],
      want: [`degraded WorkloadNotFound: ${missing}`],
    },
    {
      name: "the wrong kind",
      entries: [{ name: "web" }, { name: "web", kind: "StatefulSet" }],
      want: ['there is no StatefulSet "web" in namespace shop'],
    },
    {
      name: "the wrong kind, where the right one is known",
      entries: [{ name: "web" }, { name: "store" }],
      namesakes: [{ index: 1, kind: "StatefulSet" as const }],
      want: [
        'and no slots are kept for it. There is a StatefulSet "store": ' +
          "set spec.workloads[1].kind to StatefulSet.",
      ],
    },
    {
      name: "a name that an earlier entry selects",
      entries: [{ selector: { matchLabels: { team: "shop" } } }, { name: "web" }],
      want: [
        'info EntryUnused: spec.workloads[1]: an earlier entry already selects Deployment "web"',
      ],
    },
    {
      name: "a selector",
      entries: [{ name: "web" }, { selector: { matchLabels: { team: "shop" } } }],
      want: ["info EntryUnused: spec.workloads[1]: its selector selects no Deployment"],
    },
    { name: "none", entries: [{ name: "web" }], want: [] },
  ])("$name", ({ entries, namesakes = [], want }) => {
    const told = toldOf({ ...withEntries(...entries), namesakes });
    expect(told).toHaveLength(want.length);
    want.forEach((words, index) => {
      expect(told[index]).toContain(words);
    });
  });

  it("where nothing is selected at all, the condition says so", () => {
    expect(toldOf(withEntries({ name: "chekout" }), { workloads: [] })).toEqual([]);
  });

  it("a workload that another policy has is there", () => {
    const policy = withEntries({ name: "web" }, { name: "worker" });
    const worker = { policy: "shop/other", claimedBy: ["shop/orders", "shop/other"] };
    const more = {
      policies: [policy, aPolicy("other")],
      workloads: [web, aWorkload("worker", worker)],
    };
    expect(toldOf(policy, more)).toEqual([]);
  });

  it("one of that name in another namespace is not", () => {
    const policy = withEntries({ name: "web" }, { name: "chekout" });
    const bank = aPolicy("ledger", { namespace: "bank" });
    const theirs = aWorkload("chekout", { namespace: "bank", policy: bank.key });
    const more = { policies: [policy, bank], workloads: [web, theirs] };
    expect(toldOf(policy, more)).toHaveLength(1);
  });
});

describe("a workload that is not there", () => {
  const policy = withEntries({ name: "web" }, { name: "chekout" });
  const conditionOf = (type: string, one: PolicyFacts): Condition | undefined =>
    statusOf(decided(one), one).conditions?.find((condition) => condition.type === type);

  it("is in the messages of Applied and Ready, which stay True", () => {
    for (const type of ["Applied", "Ready"]) {
      const { status, message = "" } = conditionOf(type, policy) ?? {};
      expect(status).toBe("True");
      expect(message.endsWith(`; ${missing}`)).toBe(true);
    }
  });

  it("is told by one event, and not again with the next status", () => {
    const made = decided(policy);
    const status = statusOf(made, policy);
    const eventsOf = (one: PolicyFacts): string[] =>
      announcementsOf(made, one, status)
        .filter(({ reason }) => reason === "WorkloadNotFound")
        .map(({ type, message }) => `${type} ${message}`);
    expect(eventsOf(policy)).toEqual([`Warning ${missing}`]);
    expect(eventsOf({ ...policy, status })).toEqual([]);
  });

  it("of several the first is named", () => {
    const twice = toldOf(withEntries({ name: "web" }, { name: "a" }, { name: "b" }));
    expect(twice).toHaveLength(2);
    const finding = { reason: "WorkloadNotFound", severity: "degraded" } as const;
    const findings = ["no a", "no b", "no c"].map((message) => ({ ...finding, message }));
    expect(withMissingWorkloads("done", findings)).toBe("done; no a (2 more in status.findings)");
    expect(withMissingWorkloads("done", [])).toBe("done");
  });
});
