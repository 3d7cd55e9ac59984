// plan(snapshot, now): everything that will be done or said about one database server, as a value.
// It is synchronous, total and deterministic; two equal snapshots give equal plans. The same
// function serves the operator, its tests and the benchmarks. Each rule lives in the file of
// its name: capacity, foreign, planned-pods, room, shares, exposure, grants, rolls (with wishes,
// obstacles, cooldown), ledger.

import { stalledAtMs } from "./away.ts";
import { budgetOf, type Capacity, capacityOf } from "../supply/capacity.ts";
import type { Exposure } from "../demand/exposure.ts";
import type {
  DatabaseFailure,
  KeptGrant,
  PolicyFacts,
  ServerKey,
  Snapshot,
} from "../facts/facts.ts";
import { type ForeignSessions, foreignSessionsOf } from "../supply/foreign.ts";
import { decideGrants } from "./grants.ts";
import { type Holder, holdersOf } from "./holders.ts";
import type { Basis } from "./levels.ts";
import type { ServerLimit } from "../supply/limit.ts";
import { LimitAccounts } from "./limit-accounts.ts";
import { loginLimits } from "../supply/login-limits.ts";
import { loginsAwaitedBy } from "../supply/login-members.ts";
import { quotasOf, withinQuotas } from "../supply/namespace-quotas.ts";
import { isBounded } from "../supply/quota-settings.ts";
import { oncePerName } from "../once-per.ts";
import { ownSlots } from "../supply/own-sessions.ts";
import { leastSizeOf, type PoolPlan, poolPlansOf } from "./pool-plan.ts";
import { type Position, positionOf } from "../demand/position.ts";
import { isKnownFor } from "../supply/readers.ts";
import { heldForReading, type ReadingWish, readingWishOf } from "./reading-wish.ts";
import { runningWithinLimits } from "./refusing-limits.ts";
import { decideRolls, noRolls, type RollDecisions } from "./rolls.ts";
import { decideShares, type FloorsThatFit } from "./share-decisions.ts";
import { speakers } from "../demand/standing.ts";
import { lateFor } from "../supply/late-objects.ts";
import { areSizesRead } from "../supply/unread-sizes.ts";

/**
 * One server's account and decisions. What each policy is told of it is worked out in verdict.ts.
 */
export interface Plan {
  readonly server: ServerKey;
  readonly nowMs: number;
  readonly snapshot: Snapshot;
  readonly databaseFailure: DatabaseFailure | undefined;
  readonly capacity: Capacity | undefined;
  readonly foreign: ForeignSessions;
  readonly ownSessions: number;
  /**
   * Undefined while the capacity is unknown: then nothing is decided and everything stays as it is.
   */
  readonly budgetSlots: number | undefined;
  /** Pools in the order of their keys. */
  readonly positions: readonly Position[];
  /** What is decided on each of them, in the same order. */
  readonly pools: readonly PoolPlan[];
  readonly floors: FloorsThatFit;
  /** The account of the server with the grants above published. */
  readonly exposure: Exposure;
  /** The same of every limit, the server's first. */
  readonly limits: LimitAccounts;
  readonly rolls: RollDecisions;
  /** Whose slots others wait for. */
  readonly holders: readonly Holder[];
  /** Why the server is worth reading again before its interval is over. */
  readonly readAgain: ReadingWish | undefined;
  /**
   * Look again after this, even if nothing happens; undefined: no need. Until then an equal
   * snapshot yields the same, and is not decided on again.
   */
  readonly recheckAfterMs: number | undefined;
}

export function plan(snapshot: Snapshot, nowMs: number): Plan {
  const capacity = capacityOf(snapshot);
  const foreign = foreignSessionsOf(snapshot);
  const ownSessions = ownSlots(snapshot.database.reading?.ownSessions);
  const foreignSlots = foreign.slots;
  const narrow = [
    ...quotasOf(snapshot, { foreignSlots, ownSessions }),
    ...(capacity ? loginLimits(snapshot, capacity) : []),
  ];
  const positions = withinQuotas(positionsOf(snapshot, nowMs), narrow);
  const server = serverLimit(capacity, foreign, ownSessions);
  const limits = new LimitAccounts(positions, server, narrow);
  const { exposure } = limits.server;
  const base = {
    server: snapshot.server,
    nowMs,
    snapshot,
    databaseFailure: snapshot.database.failure,
    capacity,
    foreign,
    ownSessions,
    positions,
    exposure,
    limits,
  };
  const decisions = capacity ? decide(snapshot, capacity, base) : undecided(positions);
  const { database } = snapshot;
  const { ghostSlots } = foreign;
  const account = { database, ghostSlots, exposureSlots: exposure.slots, ...decisions };
  const held = { ...decisions, rolls: heldForReading(account) };
  return {
    ...base,
    ...held,
    holders: holdersOf(held.pools, ghostSlots),
    readAgain: readingWishOf({ ...account, ...held }),
    recheckAfterMs: recheckAfterMs(base, held),
  };
}

type Decisions = Pick<Plan, "budgetSlots" | "pools" | "floors" | "rolls">;

function decide(
  snapshot: Snapshot,
  capacity: Capacity,
  base: Pick<Plan, "nowMs" | "positions" | "limits" | "foreign" | "ownSessions">,
): Decisions {
  const { nowMs, positions, limits, foreign, ownSessions } = base;
  const { slots: budgetSlots, rolloutsMax } = limits.server.limit;
  const { isEvictionOff, unreadIn, lateObjects, awaitedPolicies, namespaceQuotas, served } =
    snapshot;
  const mayAct = snapshot.synced && !(nowMs < (snapshot.quietUntilMs ?? 0));
  const isTime = mayAct && haveSettled(positions, nowMs);
  const mayGrow = oncePerName((namespace) => isTime && areAllKnown(snapshot, namespace));
  const now = { foreign, ownSessions, nowMs };
  const running = runningWithinLimits({ snapshot, positions, capacity, ...now });
  const terms = { budgetSlots, rolloutsMax, basis: basisOf(snapshot) };
  const narrow = limits.narrow.map(({ limit }) => limit);
  const shares = decideShares(positions, terms, narrow);
  const { doubtedSlots } = foreign;
  const grantTerms = { mayGrow, doubtedSlots, nowMs, settleTimeMs: snapshot.settleTimeMs };
  const grants = decideGrants(positions, shares.poolSizes, limits, grantTerms);
  const pools = poolPlansOf(positions, shares, grants);
  const rollTerms = {
    ...{ mayGrow, doubtedSlots, nowMs, limits, running, isEvictionOff },
    ...{ unreadIn, lateObjects, awaitedPolicies, namespaceQuotas, served },
    leastSizes: pools.map(leastSizeOf),
    isBounded: (namespace: string) => isBounded(namespace, namespaceQuotas),
  };
  const rolls = mayAct ? decideRolls(pools, rollTerms) : noRolls;
  return { budgetSlots, pools, floors: shares, rolls };
}

/** What is not known bounds nothing here: nothing is decided then. */
function serverLimit(
  capacity: Capacity | undefined,
  { slots: foreignSlots, ghostSlots }: ForeignSessions,
  ownSessions: number,
): ServerLimit {
  const slots = capacity ? budgetOf(capacity, foreignSlots, ownSessions) : Infinity;
  return { kind: "server", slots, rolloutsMax: capacity?.rolloutsMax ?? 1, ghostSlots };
}

/** The server, and all whose pods may count beside those of the namespace. */
function areAllKnown(snapshot: Snapshot, namespace: string): boolean {
  if (!isKnownFor(namespace, snapshot)) return false;
  const areLoginsKnown = loginsAwaitedBy(namespace, snapshot).length === 0;
  const areRead = areSizesRead(namespace, snapshot) && lateFor(namespace, snapshot) === undefined;
  return areRead && areLoginsKnown && (snapshot.awaitedPolicies ?? []).length === 0;
}

/**
 * What a shrink frees is not given on before everybody has surely heard of it. The account follows
 * the grant's own word meanwhile: whoever starts anew must not report what nobody holds.
 */
function haveSettled(positions: readonly Position[], nowMs: number): boolean {
  return positions.every(({ pool: { grant } }) => !grant || (grant.unsettledUntilMs ?? 0) <= nowMs);
}

/** Without a capacity nothing grows and nothing is undone: everything stays as it is. */
function undecided(positions: readonly Position[]): Decisions {
  const grants = positions.map(({ published, pool: { grant } }) => ({
    poolSize: published,
    settlingPoolSize: grant?.settlingPoolSize ?? 0,
    settledAtMs: grant?.settledAtMs ?? 0,
    decision: "Unchanged" as const,
  }));
  const poolSizes = positions.map(({ published }) => published);
  const pools = poolPlansOf(positions, { poolSizes, advised: poolSizes, later: poolSizes }, grants);
  return { budgetSlots: undefined, pools, floors: { missingSlots: 0 }, rolls: noRolls };
}

function positionsOf(snapshot: Snapshot, nowMs: number): Position[] {
  const policies = new Map<string, PolicyFacts>(snapshot.policies.map((p) => [p.key, p]));
  const speaking = new Set(speakers(snapshot.policies));
  return snapshot.workloads
    .flatMap((pool) => {
      const policy = policies.get(pool.policy);
      return policy ? [positionOf(pool, policy, nowMs, !speaking.has(policy))] : [];
    })
    .sort((a, b) => (a.pool.poolKey < b.pool.poolKey ? -1 : 1));
}

/** Where policies disagree, whole workloads are what weights speak of. */
function basisOf({ policies }: Snapshot): Basis {
  return speakers(policies).every(({ spec }) => spec.basis === "Pod") ? "Pod" : "Workload";
}

function recheckAfterMs(
  {
    snapshot,
    positions,
    foreign,
    nowMs,
  }: Pick<Plan, "snapshot" | "positions" | "foreign" | "nowMs">,
  { pools, rolls }: Decisions,
): number | undefined {
  const { policies, settleTimeMs } = snapshot;
  const times = [
    snapshot.quietUntilMs ?? 0,
    nowMs + (foreign.doubtedForMs ?? 0),
    ...policies.map(({ admissionReadyAtMs }) => admissionReadyAtMs ?? 0),
    ...policies.flatMap(({ keptGrants }) => keptUntilMs(keptGrants ?? [], nowMs + settleTimeMs)),
    ...positions.map(
      ({ recent, policy }) => (recent.fewerSinceMs ?? -Infinity) + policy.cooldownMs,
    ),
    ...pools.map(({ grant }) => grant.settledAtMs),
    ...positions.map(({ pool }) => pool.grant?.unsettledUntilMs ?? 0),
    ...positions.map(({ workload, rolling }) => (rolling && stalledAtMs(workload)) || 0),
    ...rolls.waiting.map(({ obstacle }) => obstacle.untilMs ?? 0),
  ].filter((timeMs) => timeMs > nowMs);
  if (times.length === 0) return undefined;
  return times.reduce((soonest, timeMs) => Math.min(soonest, timeMs)) - nowMs;
}

/** What keeps a grant may be on another server, whose changes do not wake this one. */
function keptUntilMs(kept: readonly KeptGrant[], askAgainMs: number): number[] {
  return kept.map(({ untilMs }) => (Number.isFinite(untilMs) ? untilMs : askAgainMs));
}
