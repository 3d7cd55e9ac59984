// Whether a pool that asks for `resize: Live` can have it. What a live pod holds is told by the
// sessions at its own address, so a pool whose sessions cannot be told apart by pod would be
// shrunk without a proof. Such a pool is told why, and its pods get their sizes by restarts.

import { isMain } from "../../api/keys.ts";
import type { PoolFacts, Snapshot } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { matchingOf, translatedRolesOf } from "./login-matching.ts";

/** A pod that has run for so long has opened sessions, or opens none. */
const openWithinMs = 60_000;

export interface Moment {
  readonly nowMs: number;
  /** No other server is decided on together with this one. */
  readonly isAlone: boolean;
}

/** Why its pods cannot be resized while they run, and what helps; undefined: they can. */
export function liveObstacle(
  pool: PoolFacts,
  snapshot: Snapshot,
  moment: Moment,
): string | undefined {
  const why = reasonAgainst(pool, snapshot, moment);
  return why && `cannot be resized while its pods run: ${why}. Its pods get new sizes by rollouts`;
}

function reasonAgainst(
  pool: PoolFacts,
  snapshot: Snapshot,
  { nowMs, isAlone }: Moment,
): string | undefined {
  const { reading } = snapshot.database;
  if (!isAlone) {
    return "its server is decided on together with another one, because pods have pools on both (read replicas, for example), and each would have to show that a pod has shrunk";
  }
  if (!reading) return "nobody reads the server, which would have to show that a pod has shrunk";
  if (!reading.seesAllSessions || reading.showsHostNames === true) {
    return "the role that reads the server cannot see from which pod a session comes (finding CannotSeeSessions)";
  }
  if (isByLogin(pool, snapshot, nowMs)) {
    return "its sessions do not come from the addresses of its pods (address translation), so they cannot be told apart by pod";
  }
  if (pool.pods.some(({ isOnHostNetwork }) => isOnHostNetwork)) {
    return "its pods have the addresses of their nodes (hostNetwork), so their sessions cannot be told apart";
  }
  if (!isOnlyPool(pool, snapshot)) {
    return "its pods have another pool on the same server, and the sessions of the two cannot be told apart";
  }
  return undefined;
}

/** By the policy's word, or because pods that have run for a while show no session of the role. */
function isByLogin({ policy, pods }: PoolFacts, snapshot: Snapshot, nowMs: number): boolean {
  const { role } = snapshot.policies.find(({ key }) => key === policy) ?? {};
  if (role === undefined) return false;
  if (matchingOf(snapshot).roles.has(role)) return true;
  const shouldShow = pods.some(({ unready, terminating, createdAtMs }) => {
    return !unready && !terminating && nowMs >= createdAtMs + openWithinMs;
  });
  return shouldShow && translatedRolesOf(snapshot).has(role);
}

function isOnlyPool(pool: PoolFacts, { workloads }: Snapshot): boolean {
  return isMain(pool) && !severalIn(workloads).has(pool.key);
}

/** Workloads with several pools on the server. */
const severalIn = oncePer((workloads: readonly PoolFacts[]): ReadonlySet<string> => {
  return new Set(workloads.flatMap((pool) => (isMain(pool) ? [] : [pool.key])));
});
