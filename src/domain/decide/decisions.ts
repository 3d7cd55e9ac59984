// The decision itself: shares, grants and rolls of all pools that are decided on together, within
// every limit. Nearly always they are those of one server. Of several (plan-unit.ts), each keeps
// what it knows to itself: a pool grows only if each of its servers is known.

import type { LateNamespace, PolicyFacts, PoolFacts, PoolKey, Snapshot } from "../facts/facts.ts";
import { decideGrants } from "./grants.ts";
import type { Basis } from "./levels.ts";
import type { LimitAccounts } from "./limit-accounts.ts";
import { grantTargets } from "./live-shares.ts";
import { loginsAwaitedBy } from "../supply/login-members.ts";
import { isBounded } from "../supply/quota-settings.ts";
import { oncePerName } from "../once-per.ts";
import { leastSizeOf, type PoolPlan, poolPlansOf } from "./pool-plan.ts";
import type { Position } from "../demand/position.ts";
import { holdingUp } from "../supply/awaited-policies.ts";
import { isKnownFor } from "../supply/readers.ts";
import type { Running } from "./running.ts";
import { decideResizes, noResizes, type ResizeDecisions } from "./resizes.ts";
import { runningWithinLimits } from "./refusing-limits.ts";
import { besideGrowth, decideRolls, noRolls, type RollDecisions } from "./rolls.ts";
import type { ServedFacts } from "../facts/served-facts.ts";
import type { ServerAccount } from "./server-account.ts";
import { decideShares, type FloorsThatFit } from "./share-decisions.ts";
import { speakers } from "../demand/standing.ts";
import { lateFor } from "../supply/late-objects.ts";
import { usedBy } from "../supply/told-use.ts";
import { areSizesRead } from "../supply/unread-sizes.ts";
import { wantedSizeOf } from "../demand/wanted-size.ts";
import type { WantedSizes } from "./shares-by-use.ts";

export interface Decisions {
  /** Undefined while the capacity is unknown: then everything stays as it is. */
  readonly budgetSlots: number | undefined;
  readonly pools: readonly PoolPlan[];
  readonly floors: FloorsThatFit;
  readonly rolls: RollDecisions;
  /** What running pods of live pools are resized to. */
  readonly live: ResizeDecisions;
}

/** A server, and those of the pools that connect to it. */
export interface ServerScene extends ServerAccount {
  readonly positions: readonly Position[];
  /** Where several servers are decided together: the pools that connect to this one. */
  readonly pools?: ReadonlySet<PoolKey>;
}

export interface DecisionScene {
  readonly servers: readonly ServerScene[];
  /** Of all pools, in the order of their keys. */
  readonly positions: readonly Position[];
  readonly limits: LimitAccounts;
  readonly nowMs: number;
}

export function decide(scene: DecisionScene): Decisions {
  const { servers, positions, limits, nowMs } = scene;
  const { slots: budgetSlots, rolloutsMax } = limits.server.limit;
  const snapshots = servers.map(({ snapshot }) => snapshot);
  const mayAct = snapshots.every((one) => one.synced && !(nowMs < (one.quietUntilMs ?? 0)));
  const areKnown = knownServers(servers);
  const mayGrow = (pool: PoolFacts): boolean => mayAct && areKnown(pool);
  const terms = { budgetSlots, rolloutsMax, basis: basisOf(snapshots) };
  const narrow = limits.narrow.map(({ limit }) => limit);
  const shares = decideShares(positions, terms, narrow, wantedSizes(scene));
  const settleTimeMs = Math.max(...snapshots.map((one) => one.settleTimeMs));
  const grantTerms = { mayGrow, nowMs, settleTimeMs };
  const grants = decideGrants(
    positions,
    grantTargets(positions, shares.poolSizes),
    limits,
    grantTerms,
  );
  const pools = poolPlansOf(positions, shares, grants);
  const growth = { limits, mayGrow, nowMs, oneMore: shares.oneMore };
  const live = mayAct ? decideResizes(pools, growth) : noResizes;
  const rollTerms = {
    ...{ mayGrow, nowMs, limits, live },
    ...commonOf(snapshots),
    running: servers.flatMap((server) => runningOn(server, nowMs)),
    leastSizes: pools.map(leastSizeOf),
    isSharedByUse: shares.isByUse,
  };
  const rolls = mayAct ? decideRolls(pools, rollTerms) : noRolls;
  return { budgetSlots, pools, floors: shares, ...besideGrowth(rolls, live) };
}

/** What the use of each pool asks for, where every server of it tells. */
function wantedSizes({ servers, positions }: DecisionScene): WantedSizes {
  return positions.map((position) => {
    const { pool, policy } = position;
    const own = servers.filter(({ pools }) => pools?.has(pool.poolKey) ?? true);
    const isTold = own.every(({ snapshot }) => typeof usedBy(snapshot, position) === "object");
    return isTold ? wantedSizeOf(policy, pool) : undefined;
  });
}

/** Of all servers of a pool. */
function knownServers(servers: readonly ServerScene[]): (pool: PoolFacts) => boolean {
  const asked = servers.map(({ snapshot, pools }) => ({
    concerns: ({ poolKey }: PoolFacts) => pools?.has(poolKey) ?? true,
    isKnown: oncePerName((namespace) => areAllKnown(snapshot, namespace)),
  }));
  return (pool) => asked.every((one) => !one.concerns(pool) || one.isKnown(pool.namespace));
}

/** The server, and all whose pods may count beside those of the namespace. */
function areAllKnown(snapshot: Snapshot, namespace: string): boolean {
  if (!isKnownFor(namespace, snapshot)) return false;
  const areLoginsKnown =
    loginsAwaitedBy(namespace, snapshot).length === 0 && !snapshot.policies.some(hasUnreadReplica);
  const areRead = areSizesRead(namespace, snapshot) && lateFor(namespace, snapshot) === undefined;
  return areRead && areLoginsKnown && holdingUp(namespace, snapshot) === undefined;
}

/**
 * It counts with what its pods hold until its replicas were asked, and with more then. A login that
 * was not tried yet is another matter: it may be refused for ever, and holds up nobody.
 */
function hasUnreadReplica({ failure }: PolicyFacts): boolean {
  return failure?.isReplicaUnread === true;
}

/**
 * Where policies disagree, whole workloads are what weights speak of. A policy without a pool has
 * no say, nor one with a quota beside others.
 */
function basisOf(snapshots: readonly Snapshot[]): Basis {
  const speaking = snapshots.flatMap(({ policies, workloads, namespaceQuotas }) => {
    const withPool = new Set(workloads.map(({ policy }) => policy));
    const own = speakers(policies).filter(({ key }) => withPool.has(key));
    return own.map(({ spec, namespace }) => {
      return { basis: spec.basis, isBounded: isBounded(namespace, namespaceQuotas) };
    });
  });
  const free = speaking.filter((one) => !one.isBounded);
  const counting = free.length > 0 ? free : speaking;
  return counting.every(({ basis }) => basis === "Pod") ? "Pod" : "Workload";
}

function runningOn(server: ServerScene, nowMs: number): readonly Running[] {
  const { capacity, pools, snapshot } = server;
  if (!capacity) return [];
  const running = runningWithinLimits({ ...server, capacity, nowMs });
  if (!pools) return running;
  return running.map((one) => ({
    ...one,
    limitedBy: [one.limitedBy, snapshot.server].filter(Boolean).join(" on "),
    members: one.members ?? pools,
  }));
}

type Common = Pick<
  Snapshot,
  "unreadIn" | "lateObjects" | "awaitedPolicies" | "namespaceQuotas" | "served" | "isEvictionOff"
> & {
  readonly isBounded: (namespace: string) => boolean;
};

/** What is known beside the servers; of the turns of namespaces the latest on any of them. */
function commonOf(snapshots: readonly Snapshot[]): Common {
  const [first, ...others] = snapshots;
  const { namespaceQuotas, isEvictionOff } = first ?? {};
  const common = {
    isBounded: (namespace: string) => isBounded(namespace, namespaceQuotas),
    ...(namespaceQuotas && { namespaceQuotas }),
    ...(isEvictionOff !== undefined && { isEvictionOff }),
  };
  if (others.length === 0) {
    const { unreadIn, lateObjects, awaitedPolicies, served } = first ?? {};
    return { ...common, unreadIn, lateObjects, awaitedPolicies, served };
  }
  return {
    ...common,
    unreadIn: [...new Set(snapshots.flatMap(({ unreadIn = [] }) => unreadIn))].sort(),
    lateObjects: firstOfEach(snapshots.flatMap(({ lateObjects = [] }) => lateObjects)),
    awaitedPolicies: firstOfEach(snapshots.flatMap(({ awaitedPolicies = [] }) => awaitedPolicies)),
    served: lastServed(snapshots),
  };
}

/** One that holds others up, if there is one, of each namespace. */
function firstOfEach<T extends Pick<LateNamespace, "namespace" | "isHold">>(
  all: readonly T[],
): T[] {
  const inOrder = all.toSorted((a, b) => Number(a.isHold) - Number(b.isHold));
  return [...new Map(inOrder.map((one) => [one.namespace, one])).values()];
}

/** The latest roll and the latest eviction of each namespace may be of different servers. */
function lastServed(snapshots: readonly Snapshot[]): Readonly<Record<string, ServedFacts>> {
  const latest = new Map<string, ServedFacts>();
  for (const [namespace, served] of snapshots.flatMap((one) => Object.entries(one.served ?? {}))) {
    latest.set(namespace, laterOf(latest.get(namespace) ?? {}, served));
  }
  return Object.fromEntries(latest);
}

function laterOf(a: ServedFacts, b: ServedFacts): ServedFacts {
  const { rolledAtMs } = (b.rolledAtMs ?? 0) > (a.rolledAtMs ?? 0) ? b : a;
  const { evictedAtMs, evictedOf } = (b.evictedAtMs ?? 0) > (a.evictedAtMs ?? 0) ? b : a;
  return {
    ...(rolledAtMs !== undefined && { rolledAtMs }),
    ...(evictedAtMs !== undefined && { evictedAtMs }),
    ...(evictedOf !== undefined && { evictedOf }),
  };
}

/** Without a capacity nothing grows and nothing is undone: everything stays as it is. */
export function undecided(positions: readonly Position[]): Decisions {
  const grants = positions.map(({ published, pool: { grant } }) => ({
    poolSize: published,
    settlingPoolSize: grant?.settlingPoolSize ?? 0,
    settledAtMs: grant?.settledAtMs ?? 0,
    decision: "Unchanged" as const,
  }));
  const poolSizes = positions.map(({ published }) => published);
  const pools = poolPlansOf(positions, { poolSizes, advised: poolSizes, later: poolSizes }, grants);
  const acts = { rolls: noRolls, live: noResizes };
  return { budgetSlots: undefined, pools, floors: { missingSlots: 0 }, ...acts };
}
