// Quotas by hand: the default server has a budget of 187.
import { describe, expect, it } from "vitest";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import type { QuotaSetting } from "../../../src/domain/supply/quota-settings.ts";
import type { NamespaceQuota } from "../../../src/domain/supply/limit.ts";
import {
  podsFitting,
  quotasOf,
  withinQuotas,
} from "../../../src/domain/supply/namespace-quotas.ts";
import { reserve } from "../../../src/api/database.ts";
import {
  aDatabase,
  aPolicy,
  aPosition,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
} from "../../support/builders.ts";

const nothing = { foreignSlots: 0, ownSessions: 0 };
const half: QuotaSetting = { namespace: "*", amount: 50, unit: "percent" };

function bank(spec: object, more: Partial<PolicyFacts> = {}): PolicyFacts {
  return aPolicy("ledger", { namespace: "bank", spec, ...more });
}

function slotsIn(snapshot: Snapshot): Record<string, number> {
  const shared = { namespaceQuotas: [half], ...snapshot };
  return Object.fromEntries(quotasOf(shared, nothing).map(({ name, slots }) => [name, slots]));
}

const secret = { secretRef: { name: "db" } };

describe("the quota of each namespace", () => {
  it.each<{ readonly name: string; readonly ledger: PolicyFacts; readonly want: object }>([
    { name: "is of the budget", ledger: bank({}), want: { bank: 93, shop: 93 } },
    {
      name: "is lowered by its own maxConnections alone",
      ledger: bank({ database: { ...secret, maxConnections: 23 } }),
      want: { bank: 5, shop: 93 },
    },
    {
      name: "is lowered by its own reserve alone",
      ledger: bank({ reserve: { connections: "100%" } }),
      want: { bank: 0, shop: 93 },
    },
    {
      name: "is lowered by the limit of its own role alone",
      ledger: bank({}, { role: "tiny" }),
      want: { bank: 5, shop: 93 },
    },
    {
      name: "is an equal one of the limit of a role that several log in with",
      ledger: bank({}, { role: "shared" }),
      want: { bank: 22, shop: 93 },
    },
    {
      name: "keeps the usual reserve where one asks for none",
      ledger: bank({ reserve: { connections: 0 } }),
      want: { bank: 93, shop: 93 },
    },
  ])("$name", ({ ledger, want }) => {
    const roleLimits = { app: -1, tiny: 20, shared: 109 };
    const database = aDatabase({ reading: aReading({ roleLimits }) });
    const third = aPolicy("p", { namespace: "third", role: "shared" });
    const { third: ofThird, ...slots } = slotsIn(
      aSnapshot({ database, policies: [aPolicy(), ledger, third] }),
    );
    expect(slots).toEqual(want);
    expect(ofThird).toBe(ledger.role === "shared" ? 22 : 49);
  });

  it("of two that log in with one role and may each have all: both fit its limit", () => {
    const all: QuotaSetting = { namespace: "*", amount: 100, unit: "percent" };
    const database = aDatabase({ reading: aReading({ roleLimits: { app: 60 } }) });
    const policies = [aPolicy(), bank({})];
    const snapshot = aSnapshot({ database, policies, namespaceQuotas: [all] });
    expect(quotasOf(snapshot, nothing).map(({ slots }) => slots)).toEqual([20, 20]);
  });

  it("is lowered for all by a namespace that is not bounded", () => {
    const policies = [aPolicy(), bank({ reserve: { connections: 97 } })];
    const namespaceQuotas = [{ ...half, namespace: "shop" }];
    expect(slotsIn(aSnapshot({ policies, namespaceQuotas }))).toEqual({ shop: 50 });
  });

  it("goes by what anybody declares only where nobody ever read the server", () => {
    const declared = (namespace: string, maxConnections: number): PolicyFacts =>
      aPolicy("p", {
        namespace,
        spec: { database: { address: "db:5432", maxConnections }, reserve: { connections: 0 } },
      });
    const database = aDatabase({ reading: undefined });
    const policies = [declared("bank", 23), declared("shop", 103)];
    expect(slotsIn(aSnapshot({ database, policies }))).toEqual({ bank: 10, shop: 10 });
    const wrong = [...policies, aPolicy()];
    expect(slotsIn(aSnapshot({ database, policies: wrong }))).toEqual({ bank: 5, shop: 5 });
    const readable = [...policies, aPolicy("p", { status: { loginWorked: true } })];
    expect(slotsIn(aSnapshot({ database, policies: readable }))).toEqual({ bank: 5, shop: 45 });
  });

  it("is not there without a bound", () => {
    expect(slotsIn(aSnapshot({ namespaceQuotas: [] }))).toEqual({});
  });
});

it("bounded words count for others up to the defaults of spec.reserve", () => {
  expect(reserve.parse({})).toEqual({ connections: 10, rollouts: 1 });
});

const quota: NamespaceQuota = {
  ...{ kind: "namespace", name: "shop", quota: half, ofSlots: 100, slots: 20, rolloutsMax: 1 },
  ghostSlots: 0,
};

describe("planned pods that fit a quota with pools of 1", () => {
  const all = (planned: number): number => planned;
  it.each([
    { name: "all of them", plannedPods: [5, 5], each: 1, want: Infinity },
    { name: "10 and room for 10", plannedPods: [500], each: 1, want: 10 },
    {
      name: "the small one whole, of the big one the rest",
      plannedPods: [2, 500],
      each: 1,
      want: 9,
    },
    { name: "none of pods that are larger than the quota", plannedPods: [3], each: 99, want: 0 },
  ])("$name", ({ plannedPods, each, want }) => {
    const demands = plannedPods.map((planned) => {
      return { plannedPods: planned, slotsPerPod: each, roomPods: all };
    });
    expect(podsFitting(demands, quota)).toBe(want);
  });

  it("cut the plan, never below the pods that run, and not of another namespace", () => {
    const web = aWorkload("web", { pods: pods(3), autoscalerMaxReplicas: 500 });
    const busy = aWorkload("busy", { pods: pods(30) });
    const other = aWorkload("other", { namespace: "bank", autoscalerMaxReplicas: 500 });
    const positions = [web, busy, other].map((workload) => aPosition(workload));
    const planned = withinQuotas(positions, [quota]).map(({ plannedPods }) => plannedPods);
    expect(planned).toEqual([6, 30, 500]);
    expect(withinQuotas(positions, [{ ...quota, slots: 5_000 }])).toEqual(positions);
  });
});
