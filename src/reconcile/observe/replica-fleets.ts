// The pods of a policy on its read replicas. A replica is a server like any other, on which these
// pods hold as many sessions as on the server of their policy: so the policy and its pools stand in
// the facts of each replica as well, with the login that they have there. They are decided on once,
// with the server on which the policy counts. Where several names of a policy are one server, as a
// reader endpoint is that has no standby left, its pods open that many pools there.

import { engineOfUri } from "../../api/engines.ts";
import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type {
  DatabaseFailure,
  PolicyFacts,
  PoolFacts,
  ServerKey,
} from "../../domain/facts/facts.ts";
import { poolIdOf } from "../../domain/demand/own-positions.ts";
import { isBounded } from "../../domain/supply/quota-settings.ts";
import type { HoldScene } from "../memory/bounded-holds.ts";
import type { Readings } from "../memory/readings.ts";
import type { Holds } from "./newcomers.ts";
import type { Logins } from "../resolve/logins.ts";
import type { PolicyBook, Replica, ResolvedPolicy } from "../resolve/policy-book.ts";

export interface FleetOn {
  readonly server: ServerKey;
  readonly standing: readonly ResolvedPolicy[];
  readonly policies: readonly PolicyFacts[];
  /** Their pools. */
  readonly workloads: readonly PoolFacts[];
}

interface Known {
  readonly book: PolicyBook;
  readonly readings: Pick<Readings, "wordOf" | "failureOf">;
  readonly logins: Pick<Logins, "failureOf">;
}

/**
 * Policies of other servers that have this one as a replica, with their pools: those that no policy
 * of this server claims as well, which would count twice.
 */
export function replicasOn(
  { book }: Pick<Known, "book">,
  server: ServerKey,
  fleets: readonly FleetOn[],
): Omit<FleetOn, "server"> {
  const others = fleets.filter((one) => one.server !== server);
  if (others.length === 0) return nobody;
  const own = fleets.find((one) => one.server === server)?.workloads ?? [];
  const counted = new Set(own.map(poolIdOf));
  const homes = new Map(
    others.flatMap((home) =>
      home.policies.map((policy) => [policy.key, { policy, home }] as const),
    ),
  );
  const named = book.replicaOf(server).filter(({ isBehind }) => isBehind !== true);
  const standing = [...new Map(named.map((one) => [one.key, one])).values()];
  const found = standing.flatMap((resolved) => {
    const known = homes.get(resolved.key);
    return known ? [{ ...known, resolved }] : [];
  });
  return {
    standing: found.map(({ resolved }) => resolved),
    policies: found.map(({ policy, resolved }) => asOnReplica(policy, resolved, server)),
    workloads: found.flatMap(({ policy, home }) =>
      home.workloads.filter((pool) => {
        const isFirst = pool.policy === policy.key && !counted.has(poolIdOf(pool));
        if (isFirst) counted.add(poolIdOf(pool));
        return isFirst;
      }),
    ),
  };
}

const nobody = { standing: [], policies: [], workloads: [] };

/** What its status says of a login is said of its server, and of each replica. */
function asOnReplica(
  policy: PolicyFacts,
  resolved: ResolvedPolicy,
  server: ServerKey,
): PolicyFacts {
  const { spec, role, database, connection } = resolved;
  const rows = policy.status?.replicas ?? [];
  const loginWorked = rows.some((row) => row.server === server && row.loginWorked === true);
  const status: PoolPolicyStatus | undefined = policy.status && { ...policy.status, loginWorked };
  const engine = engineOfUri(connection?.uri ?? "") ?? spec.database.engine;
  const onReplica = { spec: { ...policy.spec, database: spec.database }, status };
  return { ...policy, ...onReplica, ...{ role, database, engine }, isReplica: true };
}

/** Why a policy cannot be used for one of its replicas; `server`: where it counts. */
export function replicaFailure(
  known: Known,
  policy: ResolvedPolicy,
  server: ServerKey,
): DatabaseFailure | undefined {
  for (const replica of (policy.replicas ?? []).filter(isThere)) {
    const failure = failureOn(replica, { known, policy, server });
    // What is behind a pooler is no limit while it cannot be read; it is asked first.
    if (!failure || (replica.isBehind && failure.isReplicaUnread !== true)) continue;
    const which = replica.isBehind ? "server behind" : "read replica";
    return { ...failure, message: `${which} ${replica.server}: ${failure.message}` };
  }
  return undefined;
}

interface OfPolicy {
  readonly known: Known;
  readonly policy: ResolvedPolicy;
  readonly server: ServerKey;
}

function failureOn(
  { server: name, said, connection }: Replica,
  { known: { book, readings, logins }, policy, server }: OfPolicy,
): DatabaseFailure | undefined {
  const replica = book.canonical(name);
  if (replica === server) return undefined;
  const all = book.replicaOf(replica);
  const own = all.find((one) => one.key === policy.key && one.server === name);
  const refused = own && logins.failureOf(own, replica);
  const isUnknown = readings.wordOf(replica) === undefined && said.maxConnections === undefined;
  return refused ?? (isUnknown ? unreadOf(replica, readings, connection) : undefined);
}

function isThere({ isLeaving }: Replica): boolean {
  return isLeaving !== true;
}

function unreadOf(
  replica: ServerKey,
  readings: Known["readings"],
  connection: ResolvedPolicy["connection"],
): DatabaseFailure {
  const failure = connection && readings.failureOf(replica);
  const message = `${replica} has not been asked yet`;
  return failure ?? { reason: "NotReadYet", message, isReplicaUnread: true };
}

/** Others wait until its replicas were asked, for a bounded time; not for one with a quota. */
export function heldForReplicas(
  policy: PolicyFacts,
  { replicaHolds }: Pick<Holds, "replicaHolds">,
  scene: HoldScene,
): PolicyFacts {
  const { failure, namespace } = policy;
  if (failure?.isReplicaUnread !== true) return policy;
  const isOwnMatter = isBounded(namespace, scene.namespaceQuotas);
  if (!isOwnMatter && replicaHolds.isHold(namespace, scene)) return policy;
  const { reason, message } = failure;
  return { ...policy, failure: { reason, message } };
}

/** With as many pools as its pods open on one server. */
export function countedOnEach(
  workloads: readonly PoolFacts[],
  standing: readonly ResolvedPolicy[],
  book: PolicyBook,
): readonly PoolFacts[] {
  const several = standing.flatMap((policy) => {
    const pools = policy.replicas ? book.poolsOnOne(policy) : 1;
    return pools > 1 ? [[policy.key, pools] as const] : [];
  });
  if (several.length === 0) return workloads;
  const times = new Map(several);
  return workloads.map((pool) => withPools(pool, times.get(pool.policy) ?? 1));
}

function withPools(pool: PoolFacts, pools: number): PoolFacts {
  if (pools === 1) return pool;
  const { processesPerPod, extraConnectionsPerPod } = pool.sizing;
  const sizing = {
    ...pool.sizing,
    processesPerPod: processesPerPod * pools,
    extraConnectionsPerPod: extraConnectionsPerPod * pools,
  };
  const { connectionsBeside } = pool;
  const beside = connectionsBeside && { connectionsBeside: connectionsBeside * pools };
  return { ...pool, sizing, ...beside };
}
