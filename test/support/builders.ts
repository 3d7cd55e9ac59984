// Facts with sensible defaults, so that a test says only what it is about. Plain functions that
// take what differs; policies are parsed by the real schema, so their defaults are the real ones.
// The default server has max_connections 200: capacity 197, reserve 10, budget 187.

import { poolKeyOf, workloadKeyOf } from "../../src/api/keys.ts";
import { poolPolicySpec, type PoolPolicySpec } from "../../src/api/poolpolicy.ts";
import { sizingOf, type Sizing } from "../../src/api/sizing.ts";
import { durationMs } from "../../src/api/durations.ts";
import type * as facts from "../../src/domain/facts/facts.ts";
import { isGranted } from "../../src/domain/decide/grants.ts";
import type { NarrowLimit } from "../../src/domain/supply/limit.ts";
import { LimitAccounts } from "../../src/domain/decide/limit-accounts.ts";
import type { Plan } from "../../src/domain/decide/plan.ts";
import { type Position, positionOf } from "../../src/domain/demand/position.ts";
import { unsettledOf } from "./unsettled-grant.ts";

/** The moment at which tests begin; cooldowns and windows of earlier things are over. */
export const startMs = Date.UTC(2026, 0, 1);
/** Settle time of every snapshot that does not say another. */
export const settleTimeMs = 5_000;

type Replace<T, U> = Omit<T, keyof U> & U;

/** The spec that `spec` makes of the minimal policy; its fields are as a user writes them. */
export function aSpec(spec: object = {}): PoolPolicySpec {
  return poolPolicySpec.parse({
    database: { secretRef: { name: "db" } },
    workloads: [{ selector: { matchLabels: { team: "shop" } } }],
    ...spec,
  });
}

const minimalSpec = aSpec();
const minimalEntry = minimalSpec.workloads[0];
if (minimalEntry === undefined) throw new Error("the minimal policy has one entry");
const minimalSizing = sizingOf(minimalSpec, minimalEntry);

export function aSizing(more: Partial<Sizing> = {}): Sizing {
  return { ...minimalSizing, ...more };
}

type PolicyOptions = Partial<Replace<facts.PolicyFacts, { spec: object }>>;

/** A policy `shop/<name>`; `spec` as a user writes it. */
export function aPolicy(name = "orders", { spec, ...more }: PolicyOptions = {}): facts.PolicyFacts {
  const parsed = spec === undefined ? minimalSpec : aSpec(spec);
  const namespace = more.namespace ?? "shop";
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid: `uid-of-${name}`,
    generation: 1,
    resourceVersion: "1",
    spec: parsed,
    status: undefined,
    cooldownMs: durationMs(parsed.stability.cooldown),
    delivery: "Admission",
    deliveryMessage: "the cluster has MutatingAdmissionPolicy",
    role: "app",
    database: "orders",
    failure: undefined,
    findings: [],
    ...more,
  };
}

/** The stored policy that something was learned from. */
export const aSource = { uid: "uid-of-policy", generation: 1 };

export function anOwnSize(poolSize: number): facts.OwnSize {
  return { poolSize, source: "literal" };
}

type PodOptions = Partial<Replace<facts.PodFacts, { poolSize: number }>>;
let podsBuilt = 0;

/** `count` pods that are alike: of revision `r1`, sized by us with `poolSize` (10). */
export function pods(count: number, options: PodOptions = {}): facts.PodFacts[] {
  const { poolSize = 10, ...more } = options;
  return Array.from({ length: count }, () => ({
    name: `pod-${(podsBuilt += 1)}`,
    uid: `uid-of-pod-${podsBuilt}`,
    addresses: [],
    revision: "r1",
    createdAtMs: startMs - 3_600_000,
    terminating: false,
    own: { poolSize, source: "annotation" as const },
    sized: true,
    ...more,
  }));
}

/** A published grant; settled long ago unless told otherwise. */
export function aGrant(poolSize: number, more: Partial<facts.GrantFacts> = {}): facts.GrantFacts {
  return { poolSize, settlingPoolSize: 0, settledAtMs: 0, ...more };
}

type WorkloadOptions = Partial<
  Replace<facts.PoolFacts, { sizing: Partial<Sizing>; policy: string }>
>;

/**
 * Deployment `shop/Deployment/<name>` of policy `shop/orders`, at rest: as many replicas as pods,
 * all updated, a template that says 10, no grant yet.
 */
/** The keys of a workload and of its main pool. */
export function keysOf(
  named: Parameters<typeof workloadKeyOf>[0],
): Pick<facts.PoolFacts, "key" | "poolKey"> {
  const key = workloadKeyOf(named);
  return { key, poolKey: poolKeyOf(key) };
}

export function aWorkload(name = "web", options: WorkloadOptions = {}): facts.PoolFacts {
  const { sizing, ...more } = options;
  const kind = more.kind ?? "Deployment";
  const namespace = more.namespace ?? "shop";
  const policy = more.policy ?? "shop/orders";
  const live = (more.pods ?? []).filter(({ terminating }) => !terminating).length;
  return {
    ...keysOf({ namespace, kind, name }),
    kind,
    namespace,
    name,
    exists: true,
    policy,
    entry: 0,
    sizing: aSizing(sizing),
    claimedBy: [policy],
    uid: `uid-of-${name}`,
    resourceVersion: "1",
    generation: 1,
    replicas: live,
    strategy: "RollingUpdate",
    surgePods: 1,
    waitsForTermination: false,
    paused: false,
    rollingOut: false,
    stuck: undefined,
    updatedReplicas: live,
    updateRevision: undefined,
    autoscalerMaxReplicas: undefined,
    plannedPods: undefined,
    maxPods: undefined,
    container: "app",
    template: anOwnSize(10),
    templateIsWhole: true,
    otherManagers: [],
    writtenPoolSize: undefined,
    reverts: 0,
    undone: 0,
    rolledAtMs: undefined,
    grant: undefined,
    pods: [],
    findings: [],
    ...more,
  };
}

/** `ownSessions` as a number: so many of the role that reads, to the database orders. */
export type ReadingParts = Partial<Omit<facts.DatabaseReading, "ownSessions">> & {
  readonly ownSessions?: number | facts.DatabaseReading["ownSessions"];
  readonly superuserReservedConnections?: number;
  readonly reservedConnections?: number;
};

/** What a PostgreSQL keeps for superusers, and for roles that may use reserved connections. */
export function withheld(
  superusers: number,
  others = 0,
): readonly { readonly by: string; readonly slots: number }[] {
  return [
    { by: "superuser_reserved_connections", slots: superusers },
    { by: "reserved_connections", slots: others },
  ];
}

export function aReading({
  ownSessions = [],
  superuserReservedConnections = 3,
  reservedConnections = 0,
  ...more
}: ReadingParts = {}): facts.DatabaseReading {
  const role = more.role ?? "app";
  return {
    atMs: startMs,
    role,
    versionNumber: 180_004,
    systemIdentifier: "7300000000000000000",
    startedAtMicroseconds: startMs * 1_000,
    isStandby: false,
    maxConnections: 200,
    withheld: withheld(superuserReservedConnections, reservedConnections),
    roleLimits: { app: -1 },
    databaseLimits: { orders: -1 },
    seesAllSessions: true,
    sessions: [],
    ownSessions:
      typeof ownSessions === "number"
        ? [{ user: role, database: "orders", count: ownSessions }]
        : ownSessions,
    ...more,
  };
}

/** A group of sessions: psql by alice from an address that no pod has. */
export function sessions(
  count: number,
  more: Partial<facts.SessionGroup> = {},
): facts.SessionGroup {
  return {
    user: "alice",
    database: "orders",
    applicationName: "psql",
    address: "10.9.9.9",
    count,
    ...more,
  };
}

/** Addresses that have always been the fleet's. */
export function ofFleet(...addresses: readonly string[]): facts.DatabaseFacts["fleetAddresses"] {
  return new Map(addresses.map((one) => [one, [{ fromMs: -Infinity, untilMs: Infinity }]]));
}

/** A database that was read; its one sample is the reading's. */
export function aDatabase(
  more: Partial<Omit<facts.DatabaseFacts, "reading">> & {
    readonly reading?:
      (facts.ServerWord & Partial<Pick<facts.DatabaseReading, "sessions">>) | undefined;
  } = {},
): facts.DatabaseFacts {
  const reading = "reading" in more ? more.reading : aReading();
  return {
    failure: undefined,
    sessionSamples: reading ? [{ atMs: reading.atMs, sessions: reading.sessions ?? [] }] : [],
    fleetAddresses: new Map(),
    sights: [{ namespace: "shop", role: "app", seesAllSessions: true }],
    ...more,
    reading,
  };
}

/** The default server with one policy; `maxConnections` is short for a reading that says so. */
export function aSnapshot(
  options: Partial<facts.Snapshot> & { maxConnections?: number } = {},
): facts.Snapshot {
  const { maxConnections = 200, ...more } = options;
  return {
    server: "db.shop.svc:5432",
    synced: true,
    database: aDatabase({ reading: aReading({ maxConnections }) }),
    policies: [aPolicy()],
    workloads: [],
    settleTimeMs,
    ...more,
  };
}

/** The position of a workload under a policy, now. */
export function aPosition(
  workload: facts.PoolFacts,
  policy: facts.PolicyFacts = aPolicy(),
  nowMs: number = startMs,
): Position {
  return positionOf(workload, policy, nowMs);
}

/** The accounts of a server with so many slots, and of narrower limits. */
export function limitsOf(
  positions: readonly Position[],
  slots: number,
  {
    rolloutsMax = 1,
    narrow = [],
  }: { readonly rolloutsMax?: number; readonly narrow?: readonly NarrowLimit[] } = {},
): LimitAccounts {
  const server = { kind: "server", slots, rolloutsMax, ghostSlots: 0 } as const;
  return new LimitAccounts(positions, server, narrow);
}

/** The snapshot as it is once the plan's grants are published, and nothing else has happened. */
export function published({ snapshot, pools }: Plan): facts.Snapshot {
  const byKey = new Map(pools.map((pool) => [pool.position.workload.key, pool]));
  const workloads = snapshot.workloads.map((workload) => {
    const pool = byKey.get(workload.key);
    if (!pool || !isGranted(pool.position)) return workload;
    const { poolSize, settlingPoolSize, settledAtMs } = pool.grant;
    const grant = { poolSize, settlingPoolSize, settledAtMs, ...unsettledOf(workload.grant) };
    return { ...workload, grant };
  });
  return { ...snapshot, workloads };
}
