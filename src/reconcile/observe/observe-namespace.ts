// One namespace as a decision sees it: its policies, who claims which workload, and the workloads
// of the policies at hand as facts.

import { poolKeyOf, workloadKeyOf } from "../../api/keys.ts";
import type { WorkloadEntry, WorkloadRow } from "../../api/poolpolicy.ts";
import type {
  Finding,
  PolicyFacts,
  PolicyKey,
  PoolFacts,
  ServerKey,
} from "../../domain/facts/facts.ts";
import type { QuotaSetting } from "../../domain/supply/quota-settings.ts";
import { hasPlace } from "../../domain/demand/standing.ts";
import type { ObservedPod, PickedWorkload } from "../../observed.ts";
import type { Absences } from "../memory/absences.ts";
import { withoutFutureTimes } from "./without-future-times.ts";
import { byWorkload } from "../caches.ts";
import type { Autoscaling } from "./autoscaling.ts";
import { type Selection, claimedByOf } from "./claims.ts";
import { scaledElsewhere } from "./scaled-elsewhere.ts";
import { countedOnce } from "./count-once.ts";
import { departedWorkloads } from "./departed.ts";
import type { DoubtfulGrants } from "../memory/doubtful-grants.ts";
import type { Expectations } from "../memory/expectations.ts";
import { fewReleased } from "./few-released.ts";
import { withFolded, withinRoom } from "./further-pools.ts";
import type { GrantSettlement } from "../memory/grant-settlement.ts";
import { grantNamed, grantsInForce, whileMoving } from "./hand-over.ts";
import { type GrantOfPolicy, grantsByName } from "./grants-by-name.ts";
import { type LiveObserver, resizeFindings, resizeFactsOf, wasLive } from "./live-facts.ts";
import { policyFacts, type PolicyObserver } from "./observe-policy.ts";
import { workloadFacts, type WorkloadSources } from "./observe-workload.ts";
import { claimsIn, type ClaimsInNamespace } from "./namespace-claims.ts";
import { type PickedPods, pickersOf } from "./picked-pods.ts";
import { type ClaimedPool, nameOf, poolsOf } from "./pools-of-workload.ts";
import { sharedPools } from "./shared-workloads.ts";
import { isSaid, releasedFindings, releasedPools } from "./released-pools.ts";
import type { LateNamespaces } from "../memory/late-namespaces.ts";
import type { Holds } from "./newcomers.ts";
import type { PastEvictions } from "../memory/past-evictions.ts";
import type { PoolUse } from "../memory/pool-use.ts";
import type { PastRolls } from "../memory/past-rolls.ts";
import type { ServedNamespaces } from "../memory/served-namespaces.ts";
import type { Lookups, References } from "../references/references.ts";
import { specsOfNow } from "./spec-of-now.ts";
import { engineNameOf } from "../../domain/supply/server-engine.ts";

export interface Observer extends PolicyObserver, LiveObserver, Holds {
  readonly references: References;
  readonly templates: Expectations<true>;
  readonly pastRolls: PastRolls;
  readonly pastEvictions: PastEvictions;
  readonly absences: Absences;
  readonly isEvictionOff?: boolean;
  readonly served: ServedNamespaces;
  readonly late: LateNamespaces;
  readonly grantSettlement: GrantSettlement;
  readonly doubtful: DoubtfulGrants;
  readonly use: PoolUse;
  readonly settleTimeMs: number;
  readonly namespaceQuotas: readonly QuotaSetting[];
  /** For how long a write of a dead process before this one may still arrive; 0: none may. */
  readonly quietForMs: () => number;
  /** Why its last roll, or its policy's status, was refused, while that is not tried again. */
  readonly refusedRollOf: (workload: PoolFacts, policy: PolicyFacts) => PoolFacts["refusedRoll"];
  /** The same of an eviction of one of its pods. */
  readonly refusedEvictionOf: (workload: PoolFacts) => PoolFacts["refusedEviction"];
}

/** Of one moment. */
export interface ViewObserver extends Observer {
  readonly lookups: Lookups;
  readonly autoscaling: Autoscaling;
}

/** A namespace as the decision sees it. */
export interface NamespaceView {
  readonly namespace: string;
  /** Every policy of the namespace, those of other servers too. */
  readonly policies: readonly PolicyFacts[];
  /** Of which some may have no room for their further pools. */
  readonly claimed: Pick<ClaimsInNamespace, "on" | "named">;
  /** Of the policies of this server. */
  readonly workloads: readonly PoolFacts[];
}

/** Workloads of one namespace that policies of this server claim, alone or with others. */
export function viewOf(
  observer: ViewObserver,
  namespace: string,
  { members, nowMs }: { readonly members: readonly PolicyFacts[]; readonly nowMs: number },
): NamespaceView {
  const { book } = observer;
  const byKey = new Map(members.map((member) => [member.key, member]));
  const policies = policiesIn(namespace, observer, byKey);
  const found = claimsIn(observer, namespace, byKey);
  const { podsOf, named } = found;
  book.noteSharing(namespace, found.sharing);
  const { claims, folded } = withinRoom(found.claims, (policy) => byKey.has(policy));
  const rows = new Map(members.map((member) => [member.key, rowsOf(member)]));
  const all = [...claims].flatMap(([workload, own]) => {
    const others = folded.get(workload);
    const pickedHere = podsOf.get(workload);
    const more = { ...(others && { folded: others }), ...(pickedHere && { pickedHere }) };
    const pools = sharedPools(poolsOf(workload, own), workload, { book, claims: own });
    return pools.map((pool) => ({ workload, pool, name: nameOf(workload, pool), ...more }));
  });
  const mine = all.flatMap(({ name, ...one }) => {
    const { pool } = one;
    const claimants = pool.claims.flatMap(({ policy }) => byKey.get(policy) ?? []);
    const member = whoseAccount(claimants, name);
    return member ? [{ ...one, member, row: rows.get(member.key)?.get(name) }] : [];
  });
  const own = members.filter((member) => member.namespace === namespace);
  const released = releasedPools(own, found);
  const grants = grantsByName(policies, { book, namespace });
  const { settleTimeMs } = observer;
  const present = [...mine, ...released].map((owned) => {
    const { cooldownMs } = owned.member;
    const seen = observer.pastEvictions.seenIn(
      factsOf(observer, owned, grantsOn(owned, grants)),
      nowMs,
    );
    const facts = observer.absences.seenIn(seen, nowMs);
    const timely = withoutFutureTimes(facts, { nowMs, settleTimeMs, cooldownMs });
    const settled = observer.grantSettlement.settle(timely, { nowMs, settleTimeMs });
    return observer.doubtful.counted(settled, owned.member, { nowMs, settleTimeMs });
  });
  const departed = departedWorkloads(observer, namespace, {
    ...{ members, nowMs, named },
  });
  const counted = present.filter((pool) => pool.isReleased !== true || isSaid(pool));
  const workloads = countedOnce([...fewReleased(counted), ...departed]);
  const on: ClaimsInNamespace["on"] = (workload) => claims.get(workload) ?? found.on(workload);
  return { namespace, policies, claimed: { on, named }, workloads };
}

/** Of other servers too. */
function policiesIn(
  namespace: string,
  observer: ViewObserver,
  members: ReadonlyMap<PolicyKey, PolicyFacts>,
): readonly PolicyFacts[] {
  const { book, caches } = observer;
  return book.inNamespace(namespace).flatMap((resolved) => {
    const known = members.get(resolved.key);
    const policy = caches.policies.get(resolved.key);
    if (known || !policy) return known ?? [];
    return policyFacts(observer, { resolved, policy, server: resolved.server ?? "" });
  });
}

/**
 * Under which of its policies a contested pool counts. Whose grant is in force is whose size
 * counts. Else it counts under one that is planned for: one that is not would count what its pods
 * hold and nothing that may still start.
 */
function whoseAccount(claimants: readonly PolicyFacts[], name: string): PolicyFacts | undefined {
  const holder = claimants.find((one) => grantNamed(grantsInForce(one), name) !== undefined);
  return holder ?? claimants.find(hasPlace) ?? claimants[0];
}

interface Owned {
  readonly workload: PickedWorkload;
  /** Its pods, where an entry picks them by their labels. */
  readonly pickedHere?: PickedPods;
  readonly pool: ClaimedPool;
  /** Claims on its other pools, which have no room. */
  readonly folded?: readonly Selection[];
  readonly member: PolicyFacts;
  /** Of the policy's last status. */
  readonly row: WorkloadRow | undefined;
}

function rowsOf({ status }: PolicyFacts): ReadonlyMap<string, WorkloadRow> {
  return new Map(status?.workloads?.map((row) => [row.workload, row]));
}

/** None reaches a pool that no entry names: the API server looks for those of the entries. */
function grantsOn(
  { workload, pool }: Owned,
  grants: ReturnType<typeof grantsByName>,
): readonly GrantOfPolicy[] {
  return pool.isReleased === true ? [] : grants(nameOf(workload, pool));
}

export function factsOf(
  observer: ViewObserver,
  { workload, pool, member, row, folded, pickedHere }: Owned,
  grants: readonly GrantOfPolicy[] = [],
): PoolFacts {
  const { autoscaling, lookups, pastRolls } = observer;
  const key = workloadKeyOf(workload);
  const { entry, index } = claimOf(pool.claims, member);
  const isOwn = (one: GrantOfPolicy): boolean => one.key === member.key;
  const facts = workloadFacts({
    workload,
    spec: member.spec,
    entry,
    entryIndex: index,
    policy: member.key,
    servers: serversOf(observer, member),
    engine: engineNameOf(member),
    idleTimeoutSeconds: member.idleTimeoutSeconds,
    delivery: member.migratingToTemplate === true ? "Template" : member.delivery,
    claimedBy: claimedByOf(pool.claims),
    ...besideIn(pool, entry, pickedHere?.findings),
    grants: {
      own: grants.find(isOwn)?.grant,
      others: grants.filter((one) => !isOwn(one)).map(({ grant }) => grant),
    },
    autoscalerMaxReplicas: autoscaling.mostFor(workload),
    lookups,
    ...sourcesOf(observer, workload, pickedHere),
    lastRoll: pastRolls.of(poolKeyOf(key, pool.pool)),
    row,
  });
  const counted = withFolded(facts, workload, folded);
  const refusedRoll = observer.refusedRollOf(facts, member);
  const refusedEviction = observer.refusedEvictionOf(facts);
  const elsewhere = pool.isFirst
    ? scaledElsewhere({ ...observer, isPicked: pickedIn(observer, member) }, { workload, facts })
    : [];
  const known = {
    ...counted,
    ...resizeFactsOf(observer, entry, member),
    ...wasLive(row, member),
    findings: [...counted.findings, ...elsewhere, ...resizeFindings(observer, entry, member)],
    ...observer.use.factsOf(facts, member, row),
    ...(pool.isReleased === true && {
      isReleased: pool.isReleased,
      findings: releasedFindings(counted),
    }),
    ...(refusedRoll && { refusedRoll }),
    ...(refusedEviction && { refusedEviction }),
  };
  return member.migratingToTemplate === true ? whileMoving(known) : known;
}

function pickedIn(
  observer: ViewObserver,
  { namespace }: Pick<PolicyFacts, "namespace">,
): (pod: Pick<ObservedPod, "labels">) => boolean {
  let policies: ReturnType<typeof specsOfNow> | undefined;
  return (pod) => pickersOf(pod, (policies ??= specsOfNow(namespace, observer))).length > 0;
}

function sourcesOf(
  { caches, templates }: ViewObserver,
  workload: PickedWorkload,
  picked: PickedPods | undefined,
): Pick<WorkloadSources, "pods" | "replicaSets" | "isPending"> {
  if (picked) return { pods: picked.pods, replicaSets: [], isPending: false };
  const key = workloadKeyOf(workload);
  return {
    pods: caches.pods.byIndex(byWorkload, key),
    replicaSets: caches.replicaSets.byIndex(byWorkload, key),
    isPending: templates.pending(key, workload) ?? false,
  };
}

/** What the other pools mean for it; of one that is alone its own entry counts. */
function besideIn(
  { conflicts: own, namesOfOthers, planning }: ClaimedPool,
  entry: WorkloadEntry,
  more: readonly Finding[] = [],
): Beside {
  const conflicts = [...own, ...more];
  if (namesOfOthers === undefined) return { planning: entry, conflicts };
  return { planning, conflicts, namesOfOthers };
}

type Beside = Pick<ClaimedPool, "planning" | "conflicts" | "namesOfOthers">;

/** As the policy names it, and as it is budgeted. */
function serversOf(
  { book }: Pick<ViewObserver, "book">,
  { key }: Pick<PolicyFacts, "key">,
): readonly ServerKey[] {
  const server = book.get(key)?.server;
  return server === undefined ? [] : [server, book.canonical(server)];
}

function claimOf(found: readonly Selection[], member: PolicyFacts): Selection {
  const claim = found.find(({ policy }) => policy === member.key) ?? found[0];
  if (!claim) throw new RangeError(`policy ${member.key} claims no such workload`);
  return claim;
}
