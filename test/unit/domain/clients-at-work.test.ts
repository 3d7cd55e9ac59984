// Whose pods are at work: by their addresses, and by their roles where a pod has several pools.
import { describe, expect, it, test } from "vitest";
import { poolKeyOf } from "../../../src/api/keys.ts";
import {
  podsByAddress,
  podSlotsOf,
  samplesOf,
} from "../../../src/domain/demand/clients-at-work.ts";
import type { ClientsAtWork, PodFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { aPolicy, aSizing, aWorkload, pods } from "../../support/builders.ts";

function clients(address: string, atWork: number, user = "app"): ClientsAtWork {
  return { user, address, sessions: 10, atWork };
}

function web(more: Partial<PodFacts> = {}, pool: Partial<PoolFacts> = {}): PoolFacts {
  const own = pods(2, { poolSize: 8 }).map((pod, index) => ({
    ...pod,
    addresses: [`10.0.0.${index + 1}`],
    ...more,
  }));
  return { ...aWorkload("web", { pods: own }), ...pool };
}

const orders = aPolicy("orders");
const key = web().poolKey;

function seen(
  shown: readonly ClientsAtWork[],
  workloads = [web()],
  policies = [orders],
): ReadonlyMap<string, readonly number[]> {
  const samples = samplesOf(shown, podsByAddress({ policies, workloads }));
  return new Map([...samples].map(([one, all]) => [one, all.map(({ atWork }) => atWork)]));
}

describe("a pod", () => {
  it("is known by its address", () => {
    const found = seen([clients("10.0.0.1", 3), clients("10.0.0.2", 8), clients("10.9.9.9", 5)]);
    expect(Object.fromEntries(found)).toEqual({
      [key]: [3, 8],
    });
  });

  it("is named with the connections that its own pools have", () => {
    const [one, other] = web().pods;
    const small = { ...other, own: { ...other?.own, poolSize: 5 } } as PodFacts;
    const pool = web(
      {},
      { sizing: aSizing({ processesPerPod: 2 }), pods: one ? [one, small] : [] },
    );
    const shown = [clients("10.0.0.1", 3), clients("10.0.0.2", 4)];
    const found = samplesOf(shown, podsByAddress({ policies: [orders], workloads: [pool] }));
    expect(found.get(key)).toEqual([
      { pod: one?.uid, atWork: 3, slots: 16 },
      { pod: small.uid, atWork: 4, slots: 10 },
    ]);
  });

  it("counts with the sessions of all of its logins", () => {
    const found = seen([clients("10.0.0.1", 3), clients("10.0.0.1", 2, "other")]);
    expect(found.get(key)).toEqual([5]);
  });

  it("counts once at both of its addresses", () => {
    const both = web({ addresses: ["10.0.0.1", "2001:db8::1"] });
    const [first] = both.pods;
    const alone = { ...both, pods: first ? [first] : [] };
    const found = seen([clients("10.0.0.1", 3), clients("2001:db8::1", 2)], [alone]);
    expect(found.get(key)).toEqual([5]);
  });

  it("of the smallest size says how many connections the pools of one have", () => {
    const [one, other] = web().pods;
    const small = { ...other, own: { ...other?.own, poolSize: 5 } } as PodFacts;
    const sizing = aSizing({ processesPerPod: 4, extraConnectionsPerPod: 2 });
    const both = web({}, { sizing, pods: one ? [one, small] : [] });
    expect(podSlotsOf(both)).toEqual({ slots: 20, extraSlots: 2 });
    const ends = web({}, { pods: one ? [one, { ...small, terminating: true }] : [] });
    expect(podSlotsOf(ends)).toEqual({ slots: 8, extraSlots: 0 });
    expect(podSlotsOf(web({ terminating: true }))).toBeUndefined();
  });

  test.each([
    ["that shows no session says nothing", {}, "10.7.7.7"],
    ["that ends says nothing", { terminating: true }, "10.0.0.1"],
    ["on the network of its node is not known", { isOnHostNetwork: true }, "10.0.0.1"],
  ] as const)("%s", (_, pod, address) => {
    expect(seen([clients(address, 3)], [web(pod)]).size).toBe(0);
  });
});

describe("a policy", () => {
  it("that does not want to know is told nothing", () => {
    const off = aPolicy("orders", { spec: { demand: "Ignore" } });
    expect(seen([clients("10.0.0.1", 3)], [web()], [off]).size).toBe(0);
  });

  it("that names a role has the sessions of no other", () => {
    const database = { secretRef: { name: "db" }, role: "app" };
    const named = aPolicy("orders", { spec: { database } });
    const found = seen(
      [clients("10.0.0.1", 3), clients("10.0.0.1", 4, "exporter")],
      [web()],
      [named],
    );
    expect(found.get(key)).toEqual([3]);
  });
});

describe("several pools of a pod on one server", () => {
  const jobs = poolKeyOf(web().key, "jobs");
  function ofRole(name: string, role?: string): ReturnType<typeof aPolicy> {
    const database = { secretRef: { name: "db" }, ...(role !== undefined && { role }) };
    return aPolicy(name, { spec: { database } });
  }
  const both = [web(), web({}, { poolKey: jobs, policy: "shop/jobs" })];
  const shown = [clients("10.0.0.1", 3, "app"), clients("10.0.0.1", 1, "jobs")];

  it("are told apart by the roles of their policies", () => {
    const found = seen(shown, both, [ofRole("orders", "app"), ofRole("jobs", "jobs")]);
    expect(found.get(key)).toEqual([3]);
    expect(found.get(jobs)).toEqual([1]);
  });

  test.each([
    ["without roles", undefined, undefined],
    ["where one has none", "app", undefined],
    ["of one role", "app", "app"],
  ])("are not told apart %s", (_, one, other) => {
    expect(seen(shown, both, [ofRole("orders", one), ofRole("jobs", other)]).size).toBe(0);
  });
});
