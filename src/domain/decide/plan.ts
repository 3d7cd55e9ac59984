// plan(snapshot, now): everything that will be done or said about one database server, as a value.
// It is synchronous, total and deterministic; two equal snapshots give equal plans. The same
// function serves the operator, its tests and the benchmarks. Each rule lives in the file of
// its name: capacity, foreign, planned-pods, room, shares, exposure, grants, rolls (with wishes,
// obstacles, cooldown), ledger.

import { stalledAtMs } from "./away.ts";
import type { Capacity } from "../supply/capacity.ts";
import { decide, type Decisions, undecided } from "./decisions.ts";
import type { Exposure } from "../demand/exposure.ts";
import type {
  DatabaseFailure,
  KeptGrant,
  PolicyFacts,
  PoolFacts,
  ServerKey,
  Snapshot,
} from "../facts/facts.ts";
import type { ForeignSessions } from "../supply/foreign.ts";
import { type Holder, holdersOf } from "./holders.ts";
import { LimitAccounts, type LimitsToTell } from "./limit-accounts.ts";
import { withinQuotas } from "../supply/namespace-quotas.ts";
import type { PoolPlan } from "./pool-plan.ts";
import { type Position, positionOf } from "../demand/position.ts";
import { heldForReading, type ReadingWish, readingWishOf } from "./reading-wish.ts";
import type { ResizeDecisions } from "./resizes.ts";
import type { RollDecisions } from "./rolls.ts";
import { type ServerAccount, serverAccountOf } from "./server-account.ts";
import type { FloorsThatFit } from "./share-decisions.ts";
import { gateSettlesAtMs, longWaitMs } from "../demand/start-gate.ts";
import { speakers } from "../demand/standing.ts";

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
  readonly limits: LimitsToTell;
  readonly rolls: RollDecisions;
  /** What running pods of live pools are resized to. */
  readonly live: ResizeDecisions;
  /** Whose slots others wait for. */
  readonly holders: readonly Holder[];
  /** Why the server is worth reading again before its interval is over. */
  readonly readAgain: ReadingWish | undefined;
  /**
   * Look again after this, even if nothing happens; undefined: no need. Until then an equal
   * snapshot yields the same, and is not decided on again.
   */
  readonly recheckAfterMs: number | undefined;
  /** Where several servers are decided together: the plans of all of them. */
  readonly unit?: () => readonly Plan[];
}

export function plan(snapshot: Snapshot, nowMs: number): Plan {
  const account = serverAccountOf(snapshot);
  const { capacity, limit, narrow } = account;
  const positions = withinQuotas(positionsOf(snapshot, nowMs), narrow);
  const limits = new LimitAccounts(positions, limit, narrow);
  const servers = [{ ...account, positions }];
  const decisions = capacity ? decide({ servers, positions, limits, nowMs }) : undecided(positions);
  const { exposure } = limits.server;
  const scene = { ...sceneOf(account), exposureSlots: exposure.slots, ...decisions };
  const held = { ...decisions, rolls: heldForReading(scene) };
  const recheckMs = recheckAfterMs({ ...account, positions, nowMs }, held);
  return planOf(account, {
    ...held,
    limits,
    positions,
    exposure,
    nowMs,
    recheckAfterMs: recheckMs,
  });
}

/** What is decided on a server, as seen from it. */
export interface DecidedOn extends Decisions {
  readonly limits: LimitsToTell;
  readonly positions: readonly Position[];
  readonly exposure: Exposure;
  readonly nowMs: number;
  readonly recheckAfterMs: number | undefined;
  readonly unit?: () => readonly Plan[];
}

export function planOf(account: ServerAccount, decided: DecidedOn): Plan {
  const { snapshot, capacity, foreign, ownSessions, limit } = account;
  const { pools, exposure } = decided;
  return {
    ...{ server: snapshot.server, snapshot, databaseFailure: snapshot.database.failure },
    ...{ capacity, foreign, ownSessions },
    ...decided,
    holders: holdersOf(pools, limit, foreign),
    readAgain: readingWishOf({ ...sceneOf(account), exposureSlots: exposure.slots, ...decided }),
  };
}

/** What is asked of the server before something is done that counts on its last reading. */
export function sceneOf({ snapshot, foreign }: ServerAccount): {
  readonly database: Snapshot["database"];
  readonly ghostSlots: number;
} {
  return { database: snapshot.database, ghostSlots: foreign.ghostSlots };
}

export function positionsOf(snapshot: FleetFacts, nowMs: number): Position[] {
  const policies = new Map<string, PolicyFacts>(snapshot.policies.map((p) => [p.key, p]));
  const speaking = new Set(speakers(snapshot.policies));
  return snapshot.workloads
    .flatMap((pool) => {
      const policy = policies.get(pool.policy);
      return policy ? [positionOf(pool, policy, nowMs, !speaking.has(policy))] : [];
    })
    .sort((a, b) => (a.pool.poolKey < b.pool.poolKey ? -1 : 1));
}

/** Between the tries of two pods of one pool. */
const refusedOneByOneMs = 1_000;

type FleetFacts = Pick<Snapshot, "policies" | "workloads">;

/** When something of it is over: of the server, of its policies, of what was decided on it. */
export function recheckAfterMs(
  {
    snapshot,
    positions,
    foreign,
    nowMs,
  }: Pick<Plan, "snapshot" | "positions" | "foreign" | "nowMs">,
  { pools, rolls, live }: Decisions,
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
    ...positions.map(({ pool }) => gateSettlesAtMs(pool)),
    ...positions.flatMap(({ pool }) => waitingTimesMs(pool)),
    ...positions.map(({ pool }) => pool.grant?.unsettledUntilMs ?? 0),
    ...positions.map(({ workload, rolling }) => (rolling && stalledAtMs(workload)) || 0),
    ...rolls.waiting.map(({ obstacle }) => obstacle.untilMs ?? 0),
    ...positions.map((position) => nowMs + provableInMs(position)),
    ...positions.map(({ pool }) => triedAgainAtMs(pool, nowMs)),
    live.areMoreRefused ? nowMs + refusedOneByOneMs : 0,
  ].filter((timeMs) => timeMs > nowMs);
  if (times.length === 0) return undefined;
  return times.reduce((soonest, timeMs) => Math.min(soonest, timeMs)) - nowMs;
}

/** When the first of its pods whose resizes were refused may be tried again; 0: none waits. */
function triedAgainAtMs({ pods }: PoolFacts, nowMs: number): number {
  const times = pods.flatMap(({ live }) => live?.refused?.untilMs ?? []);
  const later = times.filter((timeMs) => timeMs > nowMs);
  return later.length === 0 ? 0 : later.reduce((soonest, one) => Math.min(soonest, one));
}

/** What keeps a grant may be on another server, whose changes do not wake this one. */
function keptUntilMs(kept: readonly KeptGrant[], askAgainMs: number): number[] {
  return kept.map(({ untilMs }) => (Number.isFinite(untilMs) ? untilMs : askAgainMs));
}

/** When it is to be said that a pod waits. */
function waitingTimesMs({ waitingPods = [] }: Position["pool"]): number[] {
  return waitingPods.map(({ createdAtMs }) => createdAtMs + longWaitMs);
}

/** Until a reading can prove what the next of its pods has left; 0: none waits for the time. */
function provableInMs({ resizablePods = [] }: Position): number {
  const waits = resizablePods.flatMap(({ live }) => live?.provableInMs || []);
  return waits.length === 0 ? 0 : waits.reduce((soonest, one) => Math.min(soonest, one));
}
