// Findings: what a person should know although, or because, nothing is done about it.

import type { Engine } from "../../api/engines.ts";
import { poolNameIn } from "../../api/keys.ts";
import { type Capacity, reserveSlotsOf } from "../supply/capacity.ts";
import { wasReverted } from "../decide/cooldown.ts";
import { beyondPlan, crowdedRollouts } from "./crowded-rollouts.ts";
import type { Finding, PolicyFacts, ServerWord, Sight, Snapshot } from "../facts/facts.ts";
import {
  foldFindings,
  nameFew,
  sayAllOfFew,
  type WorkloadFinding,
} from "../words/fold-findings.ts";
import { groupsSeenBy, sayGroups, whoMaySee } from "../supply/foreign-names.ts";
import { sayAccount } from "../decide/limit-words.ts";
import { idOf } from "../supply/limit.ts";
import { oncePer } from "../once-per.ts";
import { claimedBeside, firstPools } from "../demand/own-positions.ts";
import type { Plan } from "../decide/plan.ts";
import { liveFindings } from "./live-rows.ts";
import { matchingFindings } from "./matching-findings.ts";
import { policyFindings } from "./policy-findings.ts";
import type { Position } from "../demand/position.ts";
import { sayCount, sayTimes, sayWriters } from "../words/say-count.ts";
import { serversByTurns } from "./replica-rows.ts";
import { cannotSeeSessions, showsNames } from "./sight-findings.ts";
import { engineOf } from "../supply/server-engine.ts";
import { tierFindings } from "./tier-rows.ts";
import { undoneRolls } from "./undone-rolls.ts";
import { useFindings } from "./use-findings.ts";
import { waitingFindings } from "./waiting-rows.ts";

/**
 * Findings of one policy: its own, its server's, its workloads'. `positions` are those of the
 * policy.
 */
export function findingsOf(
  plan: Plan,
  policy: PolicyFacts,
  positions: readonly Position[],
): Finding[] {
  return [
    ...policy.findings,
    ...serverFindings(plan, policy),
    ...serversByTurns(plan, policy),
    ...matchingFindings(plan, policy),
    ...(plan.capacity ? stricterWords(plan.capacity, policy) : []),
    ...namespaceQuota(plan, policy),
    ...tierFindings(policy, plan.snapshot),
    ...policyFindings(plan, policy, positions),
    ...crowdedRollouts(plan, policy.key),
    ...startedUnsized(positions),
    ...foldFindings([
      ...workloadFindings(positions),
      ...undoneRolls(positions, plan.snapshot),
      ...useFindings(plan, policy),
      ...waitingFindings(plan, policy.key),
      ...contestedFindings(plan, policy),
    ]),
  ];
}

/**
 * A contested workload stands on the ledger once, under one policy; the others are told as well.
 */
function contestedFindings({ positions }: Plan, { key }: PolicyFacts): WorkloadFinding[] {
  return claimedBeside(positions, key).map(contested);
}

/** The same for whoever claims it. */
const contested = oncePer((position: Position): WorkloadFinding => {
  return { workload: poolNameIn(position.pool.poolKey), finding: claimedTwice(position) };
});

function serverFindings({ snapshot, foreign }: Plan, { namespace }: PolicyFacts): Finding[] {
  const { reading } = snapshot.database;
  const ofReading = reading ? readingFindings(reading, snapshot, namespace) : [];
  if (foreign.slots === 0) return ofReading;
  const names = sayGroups(groupsSeenBy(foreign.seen, namespace));
  const most = `${sayCount(foreign.slots, "foreign session")}, the most at once within 10 min`;
  const message = names === "" ? `${most}; ${whoMaySee}` : `${most}: ${names}`;
  return [...ofReading, { reason: "ForeignSessions", severity: "info", message }];
}

function readingFindings(reading: ServerWord, snapshot: Snapshot, namespace: string): Finding[] {
  const engine = engineOf(snapshot);
  const isOwn = isOwnRole(snapshot.database.sights, namespace, reading);
  return [
    ...(reading.isStandby ? [isStandby(engine)] : []),
    ...(reading.isClusterNode ? [isClusterNode(engine)] : []),
    ...(reading.seesAllSessions ? [] : [cannotSeeSessions(reading, { isOwn, engine })]),
    ...(reading.showsHostNames ? [showsNames()] : []),
    ...(reading.isThroughPooler ? [throughPooler(engine)] : []),
    ...(reading.mayBePart ? [mayBePart(reading.mayBePart)] : []),
    ...(reading.isLoginByMd5 ? [loginByMd5(isOwn)] : []),
  ];
}

/** The login that reads may be another namespace's. */
function isOwnRole(sights: readonly Sight[], namespace: string, { role }: ServerWord): boolean {
  return rolesOf(sights).get(namespace)?.has(role) === true;
}

const rolesOf = oncePer((sights: readonly Sight[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const own = Map.groupBy(sights, ({ namespace }) => namespace);
  return new Map([...own].map(([namespace, some]) => [namespace, new Set(some.map(roleOf))]));
});

function roleOf({ role }: Sight): string {
  return role;
}

function isStandby({ connectionsSetting }: Engine): Finding {
  const message = `the server is a standby: its own ${connectionsSetting} are shared here, not the primary's`;
  return { reason: "IsStandby", severity: "info", message };
}

function isClusterNode({ connectionsSetting }: Engine): Finding {
  const message =
    `the server is a node of a cluster, and its own ${connectionsSetting} are shared here: clients ` +
    "connect to each node, and another node may have fewer. Name the node with the fewest";
  return { reason: "ClusterNode", severity: "info", message };
}

/** What was read is right, and not what its clients are limited by. */
function throughPooler({ name, connectionsSetting }: Engine): Finding {
  const message =
    `a connection pooler answers at this address and passes ${name} on: what was read is ` +
    `${connectionsSetting} of the server behind it, where the pooler holds the sessions, and not the ` +
    "pods. To fix: name the server itself for the pods that connect to it; for those that connect to " +
    "the pooler, set database.engine to PgBouncer";
  return { reason: "ReadThroughPooler", severity: "degraded", message };
}

const parts: Readonly<Record<NonNullable<ServerWord["mayBePart"]>, string>> = {
  OnePod:
    "the address is that of a Service or a load balancer, behind which one PgBouncer was read: its " +
    "max_client_conn is the limit, and its clients are those that are seen. If there are several, " +
    "name a headless Service (clusterIP: None), so that all of them are read",
  OneProcess:
    "PgBouncer shares its port (so_reuseport), so there may be several processes, of which one was " +
    "read: its max_client_conn is the limit, and its clients are those that are seen",
};

function mayBePart(part: NonNullable<ServerWord["mayBePart"]>): Finding {
  return { reason: "PoolerReadInPart", severity: "info", message: parts[part] };
}

function loginByMd5(isOwn: boolean): Finding {
  const whose = isOwn ? "the login of database.secretRef" : "the login that reads the server";
  const message =
    `the server lets ${whose} in with an MD5 password, from which a password is easily guessed, and ` +
    "which PostgreSQL will drop. To fix: set password_encryption to scram-sha-256, set the password " +
    "anew, and let pg_hba.conf ask for scram-sha-256";
  return { reason: "Md5Login", severity: "info", message };
}

/** Only where another policy asks for more than this one does itself. */
function stricterWords(capacity: Capacity, { spec }: PolicyFacts): Finding[] {
  const { reserveSlots, reserveBy, rolloutsMax, rolloutsBy } = capacity;
  const words: string[] = [];
  if (reserveSlots > reserveSlotsOf(spec.reserve.connections, capacity.slots)) {
    words.push(
      `reserve.connections ${reserveSlots} is set by policy ${reserveBy}; the largest value on the server applies`,
    );
  }
  if (rolloutsMax > spec.reserve.rollouts) {
    words.push(
      `reserve.rollouts ${rolloutsMax} is set by policy ${rolloutsBy}; the largest value on the server applies`,
    );
  }
  return words.map((message) => ({ reason: "StricterPolicyWins", severity: "info", message }));
}

/** Only where it makes a difference. */
function namespaceQuota({ limits, floors }: Plan, { namespace }: PolicyFacts): Finding[] {
  const account = limits.ofNamespace(namespace);
  if (!account || floors.bound?.has(idOf(account.limit)) !== true) return [];
  const message =
    `${sayAccount(account)}, which makes its pools smaller. To fix: ask the operator's administrator ` +
    "for a larger quota, or plan for fewer pods";
  return [{ reason: "NamespaceQuota", severity: "info", message }];
}

/** What is the same for all pools of a workload is told once. */
function workloadFindings(positions: readonly Position[]): WorkloadFinding[] {
  const firsts = new Set(firstPools(positions));
  return positions.flatMap((position) => {
    const isFirst = firsts.has(position);
    const workload = poolNameIn(position.pool.poolKey);
    return poolFindings(position, isFirst).map((finding) => ({ workload, finding }));
  });
}

const ofWorkload = [beyondPlan, rolloutStuck, rolloutPaused];

function poolFindings(position: Position, isFirst: boolean): Finding[] {
  const { pool } = position;
  const isContested = pool.claimedBy.length > 1;
  const checks = [...(isFirst ? ofWorkload : []), reverted, sizeProblem, liveFindings];
  return [
    ...pool.findings,
    ...(isContested ? [claimedTwice(position)] : []),
    ...checks.flatMap((check) => check(position) ?? []),
  ];
}

function claimedTwice({ pool: { claimedBy } }: Position): Finding {
  const policies = sayAllOfFew(claimedBy);
  const message =
    `is matched by the policies ${policies}: managed by none of them until only one selects it. If it has a pool ` +
    "for each of them, give all but one of the entries a pool name (pool) and the variables of their pools";
  return { reason: "ClaimedTwice", severity: "blocking", message };
}

/** One finding for all of them: where the admission policy is not there yet, it befalls a fleet. */
function startedUnsized(positions: readonly Position[]): Finding[] {
  const all = positions.map((position) => ({ position, unsized: unsizedPods(position) }));
  const seen = mostOfEach(all.filter(({ unsized }) => unsized > 0));
  if (seen.length === 0) return [];
  const unsizedCount = seen.reduce((sum, { unsized }) => sum + unsized, 0);
  const podCount = seen.reduce((sum, { position }) => sum + position.workload.pods.length, 0);
  const names = nameFew(
    seen.map(({ position, unsized }) => `${poolNameIn(position.pool.poolKey)} (${unsized})`),
  );
  const message = `${unsizedCount} of ${podCount} pods started without a pool size from Poolwarden: ${names}`;
  return [{ reason: "StartedUnsized", severity: "info", message }];
}

interface Unsized {
  readonly position: Position;
  readonly unsized: number;
}

/** Of the pools of one workload the one that most of its pods started without. */
function mostOfEach(seen: readonly Unsized[]): readonly Unsized[] {
  const most = new Map<string, Unsized>();
  for (const one of seen) {
    const { key } = one.position.workload;
    const before = most.get(key);
    if (!before || one.unsized > before.unsized) most.set(key, one);
  }
  return [...most.values()];
}

function unsizedPods({ managed, policy, pool }: Position): number {
  if (!managed || policy.delivery !== "Admission" || !pool.grant) return 0;
  return pool.pods.filter(({ sized, terminating }) => !sized && !terminating).length;
}

function rolloutStuck({ workload }: Position): Finding | undefined {
  if (workload.stuck === undefined) return undefined;
  return { reason: "RolloutStuck", severity: "degraded", message: workload.stuck };
}

function rolloutPaused({ workload, leavingPods, leavingSlots }: Position): Finding | undefined {
  if (!workload.paused || leavingPods === 0) return undefined;
  const message =
    `is paused in the middle of a rollout: ${leavingPods} old pods hold ${leavingSlots} slots ` +
    "until kubectl rollout resume";
  return { reason: "RolloutPaused", severity: "degraded", message };
}

/** Template delivery: somebody has put our entries back, who and how often. */
export function reverted({ pool, policy }: Position): Finding | undefined {
  if (policy.delivery !== "Template" || !wasReverted(pool)) return undefined;
  const { otherManagers, template, writtenPoolSize, rolledPoolSize, reverts } = pool;
  const wrote = `Poolwarden wrote ${writtenPoolSize ?? rolledPoolSize ?? 0}`;
  const message =
    `${sayWriters(otherManagers)} put the entries back to ${template.poolSize} (${wrote}, reverted ` +
    `${sayTimes(reverts + 1)}): remove them from that manifest`;
  return { reason: "RevertedByOther", severity: "degraded", message };
}

function sizeProblem({ pool }: Position): Finding | undefined {
  const isTold = pool.findings.some(({ reason }) => reason === "NotANumber");
  const own = [pool.template, ...pool.pods.map((pod) => pod.own)];
  const problem = isTold ? undefined : own.find((size) => size.problem !== undefined)?.problem;
  if (problem === undefined) return undefined;
  return { reason: "InvalidSize", severity: "degraded", message: problem };
}
