// How long a bounded namespace keeps another one's pods from being repaired, whatever its owner
// does: web of shop holds 3 x 60 of 197 slots and is granted 8; app is the guest's.

import { expect, test } from "vitest";
import type { Snapshot, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { turnsOf } from "../../../src/domain/decide/namespace-turns.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import type { RollDecisions } from "../../../src/domain/decide/rolls.ts";
import * as builders from "../../support/builders.ts";

const { aGrant, aPolicy, aPosition, aSnapshot, aWorkload, pods, startMs } = builders;
const minuteMs = 60_000;
const bounded = [{ namespace: "*", amount: 50, unit: "percent" }] as const;
const policies = [
  aPolicy("orders"),
  aPolicy("app", {
    ...{ namespace: "guest", role: undefined, database: undefined },
    spec: { database: { address: "db:5432", maxConnections: 1000 } },
  }),
];

function aGuest(more: Partial<PoolFacts>): PoolFacts {
  const own = { namespace: "guest", policy: "guest/app", grant: aGrant(1), replicas: 2 };
  return aWorkload("app", { ...own, pods: pods(2, { poolSize: 1 }), ...more });
}

function decide(guest: Partial<PoolFacts>, namespaceQuotas?: typeof bounded): RollDecisions {
  const web = aWorkload("web", { pods: pods(3, { poolSize: 60 }), grant: aGrant(8), replicas: 3 });
  const shares = namespaceQuotas && { namespaceQuotas };
  return plan(aSnapshot({ policies, workloads: [web, aGuest(guest)], ...shares }), startMs).rolls;
}

const rolling = { rollingOut: true, updatedReplicas: 1, updateRevision: "r1" };
const unready = pods(1, { poolSize: 1, unready: true, createdAtMs: startMs - minuteMs });
const evictedAgo = (agoMs: number): Partial<PoolFacts> => ({
  pods: [
    ...pods(1, { poolSize: 1 }),
    ...unready.map((pod) => ({ ...pod, isSinceEviction: true as const })),
  ],
  lastEviction: { atMs: startMs - agoMs, poolSize: 1, timesInVain: 0 },
});

const rows = [
  { name: "a rollout without end", guest: rolling, isHeld: false },
  {
    name: "a rollout that we started 9 min ago",
    guest: { ...rolling, ownRollAtMs: startMs - 9 * minuteMs },
    isHeld: true,
  },
  {
    name: "a rollout that we started 11 min ago",
    guest: { ...rolling, ownRollAtMs: startMs - 11 * minuteMs },
    isHeld: false,
  },
  {
    name: "a rollout of which only its template says that we started it",
    guest: { ...rolling, rolledAtMs: startMs },
    isHeld: false,
  },
  {
    name: "a young pod that is not ready",
    guest: { pods: [...pods(1, { poolSize: 1 }), ...unready] },
    isHeld: false,
  },
  {
    name: "a pod that is missing",
    guest: { pods: pods(1, { poolSize: 1 }), missingSinceMs: startMs },
    isHeld: false,
  },
  {
    name: "a pod that came after our eviction 4 min ago",
    guest: evictedAgo(4 * minuteMs),
    isHeld: true,
  },
  {
    name: "a pod that came after our eviction 6 min ago",
    guest: evictedAgo(6 * minuteMs),
    isHeld: false,
  },
];

test.each(rows)("$name of a bounded namespace holds others: $isHeld", ({ guest, isHeld }) => {
  const { eviction, roll } = decide(guest, bounded);
  expect(roll).toBeUndefined();
  expect(eviction === undefined).toBe(isHeld);
});

test.each(rows)("$name of one that is not bounded holds others", ({ guest }) => {
  expect(decide(guest).eviction).toBeUndefined();
});

test("of two that fit, a pod of the namespace that was served longest ago is evicted first", () => {
  const small = aGuest({ pods: pods(2, { poolSize: 20 }), grant: aGrant(8) });
  const servedLately = { atMs: startMs - 10 * minuteMs, poolSize: 8, timesInVain: 0 };
  const web = aWorkload("web", {
    ...{ pods: pods(3, { poolSize: 55 }), grant: aGrant(8), replicas: 3 },
    lastEviction: servedLately,
  });
  const evictedOf = (namespaceQuotas: typeof bounded | undefined): string | undefined => {
    const shares = namespaceQuotas && { namespaceQuotas };
    const snapshot = aSnapshot({ policies, workloads: [web, small], ...shares });
    return plan(snapshot, startMs).rolls.eviction?.wish.position.workload.namespace;
  };

  expect(evictedOf(bounded)).toBe("guest");
  expect(evictedOf(undefined)).toBe("shop");
});

test("a namespace whose workloads are new has been served all the same", () => {
  const app = aGuest({ pods: pods(2, { poolSize: 20 }), grant: aGrant(8) });
  const web = aWorkload("web", { pods: pods(3, { poolSize: 55 }), grant: aGrant(8), replicas: 3 });
  const evictedWith = (served: Snapshot["served"]): string | undefined => {
    const shares = { namespaceQuotas: bounded, served };
    const { rolls } = plan(aSnapshot({ policies, workloads: [web, app], ...shares }), startMs);
    return rolls.eviction?.wish.position.workload.namespace;
  };
  const agoMs = startMs - 10 * minuteMs;

  expect(evictedWith({ shop: { evictedAtMs: agoMs } })).toBe("guest");
  expect(evictedWith({ guest: { evictedAtMs: agoMs } })).toBe("shop");
  const evictedOf = "shop/Deployment/no-longer-selected";
  expect(evictedWith({ shop: { evictedAtMs: startMs - minuteMs, evictedOf } })).toBeUndefined();
});

const small = aGuest({ pods: pods(2, { poolSize: 4 }), grant: aGrant(1) });
const large = { pods: pods(3, { poolSize: 60 }), grant: aGrant(8), replicas: 3 };
const agoMs = (seconds: number): number => startMs - 1_000 * seconds;

test("a pod of a namespace that was served longer ago goes before somebody else's roll", () => {
  const web = aWorkload("web", { pods: pods(3, { poolSize: 60 }), grant: aGrant(8), replicas: 3 });
  const actWith = (served: Snapshot["served"], namespaceQuotas?: typeof bounded): string => {
    const shares = { namespaceQuotas: namespaceQuotas ?? [], served };
    const { rolls } = plan(aSnapshot({ policies, workloads: [web, small], ...shares }), startMs);
    return rolls.eviction ? "eviction" : (rolls.roll?.position.workload.name ?? "");
  };
  const served = { guest: { rolledAtMs: startMs - 1_000 } };

  expect(actWith(served, bounded)).toBe("eviction");
  expect(actWith({ shop: { rolledAtMs: startMs - 1_000 } }, bounded)).toBe("app");
  expect(actWith(served)).toBe("app");
});

test.each([
  {
    name: "evicted last, as this process knows: a roll of the other one",
    served: { shop: { evictedAtMs: agoMs(1) }, guest: { rolledAtMs: agoMs(10) } },
    want: "roll of app",
  },
  {
    name: "evicted last, as its pods say: a roll of the other one",
    web: { lastEviction: { atMs: agoMs(1), poolSize: 8, timesInVain: 0 } },
    served: { guest: { rolledAtMs: agoMs(10) } },
    want: "roll of app",
  },
  {
    name: "evicted before the other one was rolled: another pod of it",
    served: { shop: { evictedAtMs: agoMs(10) }, guest: { rolledAtMs: agoMs(1) } },
    want: "pod of web",
  },
])("of a namespace whose pods are replaced one at a time, $name", ({ web, served, want }) => {
  const workloads = [aWorkload("web", { ...large, ...web }), small];
  const shares = { namespaceQuotas: bounded, served };
  const { roll, eviction } = plan(aSnapshot({ policies, workloads, ...shares }), startMs).rolls;
  const act = eviction
    ? `pod of ${eviction.wish.position.workload.name}`
    : `roll of ${roll?.position.workload.name ?? "nothing"}`;
  expect(act).toBe(want);
});

test("beside an eviction everybody is told his own reason", () => {
  const snapshot = aSnapshot({
    ...{ policies, workloads: [aWorkload("web", large), small] },
    ...{ namespaceQuotas: bounded, served: { guest: { rolledAtMs: agoMs(1) } } },
  });
  const { eviction, waiting } = plan(snapshot, startMs).rolls;
  const said = waiting.map(({ wish, obstacle }) => [wish.position.workload.name, obstacle.message]);
  expect(eviction?.wish.position.workload.name).toBe("web");
  expect(Object.fromEntries(said)).toEqual({
    app: "waits for its turn after a workload of policy shop/orders",
    web: expect.stringContaining("evicts") as string,
  });
});

test("those that are not bounded come first, and all alike where nobody is", () => {
  const at = (namespace: string, rolledAtMs: number | undefined): ReturnType<typeof aPosition> =>
    aPosition(aWorkload("w", { namespace, rolledAtMs }));
  const positions = [at("a", 5), at("a", 3), at("b", 4), at("free", 9)];
  const order = (isBounded?: (namespace: string) => boolean): number[] =>
    positions.map(turnsOf(positions, { isBounded }));

  expect(order((namespace) => namespace !== "free")).toEqual([5, 5, 4, 0]);
  expect(order()).toEqual([0, 0, 0, 0]);
});
