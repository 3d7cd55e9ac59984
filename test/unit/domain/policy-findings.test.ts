// What the CRD cannot see: each finding names the field, its value and the way out.
import { describe, expect, it } from "vitest";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { policyFindings } from "../../../src/domain/explain/policy-findings.ts";
import {
  aDatabase,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const secretRef = { name: "db" };
const web = aWorkload("web", { pods: pods(2) });

/** Findings of the first policy. */
function toldOf(policies: readonly PolicyFacts[], more: Partial<Snapshot> = {}): string[] {
  const [policy] = policies;
  if (!policy) return [];
  const decided = plan(aSnapshot({ policies, workloads: [web], ...more }), startMs);
  const own = decided.positions.filter((position) => position.policy.key === policy.key);
  return policyFindings(decided, policy, own).map(({ reason, message }) => `${reason}: ${message}`);
}

describe("a policy is told", () => {
  it.each<{
    readonly name: string;
    readonly spec: object;
    readonly workloads?: Snapshot["workloads"];
    readonly want: readonly string[];
  }>([
    {
      name: "that it declares more than there is",
      spec: { database: { secretRef, maxConnections: 500 } },
      want: [
        "ImplausibleValue: spec.database.maxConnections is 500",
        "of the server is 200",
        "remove it",
      ],
    },
    {
      name: "that its role does not exist",
      spec: { database: { secretRef, role: "ap" } },
      want: ['ImplausibleValue: spec.database.role is "ap"', "no such role", "leave it out"],
    },
    {
      name: "that its reserve leaves nothing",
      spec: { reserve: { connections: "100%" } },
      want: ["ImplausibleValue: spec.reserve.connections is 100%", "197", "lower it"],
    },
    {
      name: "that a weight drowns the others",
      spec: {},
      workloads: [web, aWorkload("huge", { sizing: { weight: 101 }, pods: pods(1) })],
      want: [
        "ImplausibleValue: spec.workloads[0].weight is 101, and the smallest",
        "weights from 1 to 10",
      ],
    },
    {
      name: "that one pod is larger than the server",
      spec: {},
      workloads: [aWorkload("web", { sizing: { floor: 50, ceiling: 50, processesPerPod: 4 } })],
      want: [
        "ImplausibleValue: spec.workloads[0].poolSize.min is 50",
        "takes 200",
        "197",
        "lower one",
      ],
    },
    {
      name: "that a pod without a size is taken to be larger than the server",
      spec: {},
      workloads: [aWorkload("web", { sizing: { unmanagedPoolSize: 10_000 } })],
      want: ["ImplausibleValue: spec.workloads[0].unmanagedPoolSize is 10000", "10000 of the 197"],
    },
    {
      name: "that one pod is larger than the server, by what its template says",
      spec: {},
      workloads: [
        aWorkload("web", {
          ...{ leastPoolSize: 150, connectionsBeside: 100 },
          sizing: { floor: 150, ceiling: 150, extraConnectionsPerPod: 104 },
        }),
      ],
      want: [
        "poolSize.min counts as 150, the minimum in the template (MinimumInTemplate)",
        "extraConnectionsPerPod 4 + 100 by the template (PoolBesideSize)",
      ],
    },
    {
      name: "that a pod without a size is taken to be larger than the server, by default",
      spec: { workloads: [{ name: "web", preset: "tomcat" }] },
      workloads: [aWorkload("web", { sizing: { unmanagedPoolSize: 100, processesPerPod: 2 } })],
      want: ["unmanagedPoolSize is 100 by default", "so set it to what such a pod opens"],
    },
  ])("$name", ({ spec, workloads = [web], want }) => {
    const [told = "", ...more] = toldOf([aPolicy("orders", { spec })], { workloads });
    expect(more).toEqual([]);
    for (const words of want) expect(told).toContain(words);
  });

  it.each<{ readonly name: string; readonly spec: object; readonly database?: object }>([
    { name: "by default", spec: {} },
    {
      name: "as many connections as there are",
      spec: { database: { secretRef, maxConnections: 200 } },
    },
    { name: "a role that is there", spec: { database: { secretRef, role: "app" } } },
    { name: "a reserve that leaves something", spec: { reserve: { connections: 196 } } },
  ])("nothing of what may be meant: $name", ({ spec }) => {
    expect(toldOf([aPolicy("orders", { spec })])).toEqual([]);
  });

  it("nothing of bounds and weights of a pool that is only counted", () => {
    const counted = aWorkload("web", {
      ...{ isCounted: true, container: undefined },
      sizing: { floor: 250, ceiling: 250, weight: 1000 },
    });
    expect(toldOf([aPolicy()], { workloads: [counted, aWorkload("api")] })).toEqual([]);
  });

  it("nothing of a reserve where there are no slots that it could leave", () => {
    const database = aDatabase({ reading: aReading({ maxConnections: 3 }) });
    const spec = { reserve: { connections: 0 } };
    expect(toldOf([aPolicy("orders", { spec })], { database })).toEqual([]);
  });

  it("nothing of a reserve while nobody knows the server", () => {
    const database = aDatabase({ reading: undefined });
    const spec = { reserve: { connections: "5%" } };
    expect(toldOf([aPolicy("orders", { spec })], { database })).toEqual([]);
  });

  it("nothing of weights that are a hundred times apart, or of the same entry twice", () => {
    const heavy = ["a", "b"].map((name) => aWorkload(name, { sizing: { weight: 100 } }));
    expect(toldOf([aPolicy()], { workloads: [web, ...heavy] })).toEqual([]);
    const heavier = ["a", "b"].map((name) => aWorkload(name, { sizing: { weight: 1000 } }));
    expect(toldOf([aPolicy()], { workloads: [web, ...heavier] })).toHaveLength(1);
  });
});

describe("a server that others read", () => {
  const named = { database: { address: "db.shop.svc:5432", maxConnections: 1 } };
  const guest = aPolicy("ledger", { namespace: "bank", spec: named });
  const host = aPolicy();

  it("is none of those who only name it, and they are told", () => {
    const [told = ""] = toldOf([guest, host]);
    expect(told).toContain("ServerOfOthers: spec.database.address is db.shop.svc:5432");
    expect(told).toContain("read with a login (shop): use a secretRef");
  });

  it("has guests, and its readers are told of them", () => {
    const [told = ""] = toldOf([host, guest]);
    expect(told).toContain("ServerOfOthers: policies of other namespaces share");
    expect(told).toContain("(bank/ledger): --namespace-quotas keeps");
  });

  it.each([
    { name: "of one namespace", policies: [host, aPolicy("other", { spec: named })] },
    { name: "that all can read", policies: [host, aPolicy("ledger", { namespace: "bank" })] },
    { name: "that nobody reads", policies: [guest, aPolicy("other", { spec: named })] },
  ])("is everybody's: $name", ({ policies }) => {
    expect(toldOf(policies).filter((told) => told.includes("ServerOfOthers"))).toEqual([]);
  });
});
