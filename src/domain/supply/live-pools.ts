// Whether a pool that asks for `resize: Live` can have it. What a live pod holds is told by the
// sessions at its own address, so a pool whose sessions cannot be told apart by pod would be
// shrunk without a proof. Such a pool is told why, and its pods get their sizes by restarts. What
// readings say may be so for a night only, which is no reason to restart a fleet (live-words.ts).

import { isMain } from "../../api/keys.ts";
import type { PolicyFacts, PoolFacts, Snapshot, WorkloadKey } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { latestOf } from "./foreign.ts";
import { mayBeOf } from "./logging-in.ts";
import { translatedRolesOf } from "./login-matching.ts";
import { consoleObstacle, noConsoleAnswers } from "./pooler-consoles.ts";

/** A pod that has run for so long has opened sessions, or opens none. */
const openWithinMs = 60_000;

export interface Moment {
  readonly nowMs: number;
  /** Its pods have pools on another server as well. */
  readonly isOnSeveral: boolean;
}

/** Why its pods cannot be resized while they run. */
export interface LiveObstacle {
  readonly why: string;
  /** So say the readings of now, and no spec. */
  readonly isOfReadings: boolean;
}

/** Undefined: they can. */
export function liveObstacle(
  pool: PoolFacts,
  snapshot: Snapshot,
  moment: Moment,
): LiveObstacle | undefined {
  const lasting = reasonInSpecs(pool, snapshot, moment);
  if (lasting !== undefined) return { why: lasting, isOfReadings: false };
  const why = reasonInReadings(pool, snapshot, moment.nowMs);
  return why === undefined ? undefined : { why, isOfReadings: true };
}

const translated =
  "its sessions do not come from the addresses of its pods (address translation), so they cannot be told apart by pod";

function reasonInReadings(pool: PoolFacts, snapshot: Snapshot, nowMs: number): string | undefined {
  const { reading } = snapshot.database;
  if (!reading) return "nobody reads the server, which would have to show that a pod has shrunk";
  if (!reading.seesAllSessions || isShownByName(pool, snapshot)) {
    return "the role that reads the server cannot see from which pod a session comes (finding CannotSeeSessions)";
  }
  return looksTranslated(pool, snapshot, nowMs) ? translated : noConsoleAnswers(pool, nowMs);
}

/** A session with its role has the name of a machine in place of an address. */
function isShownByName(pool: PoolFacts, snapshot: Snapshot): boolean {
  const { reading, sessionSamples } = snapshot.database;
  if (reading?.showsHostNames !== true) return false;
  const role = policyOf(pool, snapshot)?.role;
  return latestOf(sessionSamples).some(({ sessions }) =>
    sessions.some((one) => one.address === undefined && mayBeOf(role, one)),
  );
}

function reasonInSpecs(
  pool: PoolFacts,
  snapshot: Snapshot,
  { isOnSeveral }: Moment,
): string | undefined {
  if (isOnSeveral) {
    return "its pods have pools on several servers (a read replica, or a pool of another policy), and each would have to show that a pod has shrunk";
  }
  if (policyOf(pool, snapshot)?.spec.sessions.match === "Login") return translated;
  if (pool.pods.some(({ isOnHostNetwork }) => isOnHostNetwork)) {
    return "its pods have the addresses of their nodes (hostNetwork), so their sessions cannot be told apart";
  }
  if (!isOnlyPool(pool, snapshot)) {
    return "its pods have another pool on the same server, and the sessions of the two cannot be told apart";
  }
  return consoleObstacle(pool);
}

const none: ReadonlySet<WorkloadKey> = new Set();

/** Of servers that are decided together: workloads that connect to more than one of them. */
export function onSeveralServers(snapshots: readonly Snapshot[]): ReadonlySet<WorkloadKey> {
  if (snapshots.length < 2) return none;
  const onEach = snapshots.flatMap(({ workloads }) => [
    ...new Set(workloads.map(({ key }) => key)),
  ]);
  const servers = Map.groupBy(onEach, (key) => key);
  return new Set([...servers].flatMap(([key, own]) => (own.length > 1 ? [key] : [])));
}

function policyOf({ policy }: PoolFacts, { policies }: Snapshot): PolicyFacts | undefined {
  return policies.find(({ key }) => key === policy);
}

/** Pods that have run for a while show no session of the role, and others do. */
function looksTranslated(pool: PoolFacts, snapshot: Snapshot, nowMs: number): boolean {
  const role = policyOf(pool, snapshot)?.role;
  if (role === undefined) return false;
  const shouldShow = pool.pods.some(({ unready, terminating, createdAtMs }) => {
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
