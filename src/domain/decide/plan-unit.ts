// Several servers that are decided together, because pools connect to more than one of them: a
// roll or a grant of such a pool must fit on each. Every server keeps an account of its own (its
// capacity, reserve, foreign sessions, namespaces and logins). All accounts are limits of one
// decision, of the pools that connect to their server. Nothing bounds the sum of all servers.
// What comes of it is a plan of each server, in the words of a server that is alone.

import { decide, type Decisions, type ServerScene } from "./decisions.ts";
import type { PolicyKey, PoolFacts, PoolKey, Snapshot } from "../facts/facts.ts";
import { LimitAccounts } from "./limit-accounts.ts";
import { isMember, type NarrowLimit, type ServerLimit } from "../supply/limit.ts";
import { limitsOn } from "./limits-on-server.ts";
import { liveOn } from "./live-on-server.ts";
import { withinQuotas } from "../supply/namespace-quotas.ts";
import { type Plan, plan, planOf, positionsOf, recheckAfterMs, sceneOf } from "./plan.ts";
import { poolIdOf } from "../demand/own-positions.ts";
import { type PoolPart, partsOf } from "./pool-parts.ts";
import type { Position } from "../demand/position.ts";
import { heldForReading } from "./reading-wish.ts";
import type { RollDecisions } from "./rolls.ts";
import { rollsOn } from "./rolls-on-server.ts";
import { type ServerAccount, serverAccountOf } from "./server-account.ts";

/**
 * A plan for each snapshot, in their order. A policy that counts on one of the servers stands in
 * the snapshots of its replicas as well, with its pools.
 */
export function planUnit(snapshots: readonly Snapshot[], nowMs: number): readonly Plan[] {
  const [first, ...others] = snapshots;
  if (!first || others.length === 0) return snapshots.map((one) => plan(one, nowMs));
  const accounts = snapshots.map(serverAccountOf).map(withOwnPools);
  const positions = unitPositions(accounts, nowMs);
  const narrow = accounts.flatMap((one) => [linkedLimit(one), ...one.narrow]);
  const limits = new LimitAccounts(positions, boundless(accounts), narrow);
  const servers = accounts.map((account) => {
    return { ...account, positions: limits.membersOf(account.snapshot.server) };
  });
  const decisions = decide({ servers, positions, limits, nowMs });
  const held = { ...decisions, rolls: heldOnEach(servers, decisions, limits) };
  return plansOf({ servers, limits, nowMs }, held);
}

interface UnitAccount extends ServerAccount {
  readonly pools: ReadonlySet<PoolKey>;
  /** Of policies that count here, and not on another server. */
  readonly home: Pick<Snapshot, "policies" | "workloads">;
}

/** Each narrow limit with the pools that it is of: a namespace has others on another server. */
function withOwnPools(account: ServerAccount): UnitAccount {
  const { snapshot, narrow } = account;
  const { server, workloads } = snapshot;
  const keys = workloads.map(({ poolKey }) => poolKey);
  const policies = snapshot.policies.filter(({ isReplica }) => isReplica !== true);
  const own = new Set<PolicyKey>(policies.map(({ key }) => key));
  const named = narrow.map((limit): NarrowLimit => {
    const pools = new Set(keys.filter((key) => isMember(limit, key)));
    return { ...limit, server, pools };
  });
  const home = { policies, workloads: workloads.filter(({ policy }) => own.has(policy)) };
  return { ...account, narrow: named, pools: new Set(keys), home };
}

/** Each pool once, as it counts on the server of its policy. */
function unitPositions(accounts: readonly UnitAccount[], nowMs: number): readonly Position[] {
  const policies = accounts.flatMap(({ home }) => home.policies);
  const workloads = accounts.flatMap(({ home }) => home.workloads);
  const unknown = accounts.filter(({ capacity }) => capacity === undefined);
  const isUnknown = ({ poolKey }: PoolFacts): boolean =>
    unknown.some(({ pools }) => pools.has(poolKey));
  const each = onePerPool(positionsOf({ policies, workloads }, nowMs));
  const positions = each.map((position): Position => {
    return isUnknown(position.pool)
      ? { ...position, managed: false, isServerUnknown: true }
      : position;
  });
  return accounts.reduce<readonly Position[]>(
    (cut, { narrow }) => withinQuotas(cut, narrow),
    positions,
  );
}

/**
 * A pool that policies of several servers claim by one variable is one pool: it counts once on each
 * of them. It stands under a policy that is planned for: another one would count what its pods hold
 * alone.
 */
function onePerPool(positions: readonly Position[]): readonly Position[] {
  const byPool = Map.groupBy(positions, ({ pool }) => poolIdOf(pool));
  if (byPool.size === positions.length) return positions;
  return [...byPool.values()].flatMap(
    (own) => own.find(({ heldOnly }) => !heldOnly) ?? own[0] ?? [],
  );
}

function linkedLimit({ snapshot: { server }, limit, pools }: UnitAccount): NarrowLimit {
  return { ...limit, kind: "linked", name: server, server, pools };
}

/** As many rollouts at once as the server allows that allows the fewest. */
function boundless(accounts: readonly UnitAccount[]): ServerLimit {
  const rolloutsMax = Math.min(...accounts.map(({ limit }) => limit.rolloutsMax));
  return { kind: "server", slots: Infinity, rolloutsMax, ghostSlots: 0 };
}

/** A roll waits for the reading of each server that its pods connect to. */
function heldOnEach(
  servers: readonly ServerScene[],
  decisions: Decisions,
  limits: LimitAccounts,
): RollDecisions {
  return servers.reduce((rolls, server) => {
    const wish = rolls.roll ?? rolls.eviction?.wish;
    const isHere = ({ position: { pool } }: PoolPart): boolean =>
      server.pools?.has(pool.poolKey) === true;
    if (!wish || !partsOf(wish).some(isHere)) return rolls;
    const exposureSlots = limits.linked(server.snapshot.server).exposure.slots;
    const budgetSlots = budgetOn(server);
    return heldForReading({ ...sceneOf(server), exposureSlots, budgetSlots, rolls });
  }, decisions.rolls);
}

function budgetOn({ capacity, limit }: ServerAccount): number | undefined {
  return capacity && limit.slots;
}

interface Decided {
  readonly servers: readonly (UnitAccount & ServerScene)[];
  readonly limits: LimitAccounts;
  readonly nowMs: number;
}

function plansOf({ servers, limits, nowMs }: Decided, decisions: Decisions): readonly Plan[] {
  const { pools, rolls, floors, live } = decisions;
  const times = servers.flatMap((one) => recheckAfterMs({ ...one, nowMs }, decisions) ?? []);
  const recheckMs = times.length === 0 ? undefined : Math.min(...times);
  const all: Plan[] = servers.map((server): Plan => {
    const { positions, home, snapshot } = server;
    const { indexes, exposure } = limits.linked(snapshot.server);
    const places = new Map(indexes.map((index, place) => [index, place]));
    const policies = new Set(home.policies.map(({ key }) => key));
    const missingSlots = floors.lacking?.get(snapshot.server) ?? 0;
    return planOf(server, {
      ...{ positions, exposure, nowMs, recheckAfterMs: recheckMs },
      budgetSlots: budgetOn(server),
      limits: limitsOn(server, limits),
      floors: { ...floors, missingSlots },
      live: liveOn(live, places, policies),
      pools: indexes.flatMap((index, place) => {
        const pool = pools[index];
        return pool ? [{ ...pool, index: place }] : [];
      }),
      rolls: rollsOn(rolls, places, policies),
      unit: () => all,
    });
  });
  return all;
}
