// observe: caches and memories in, Snapshot out. Everything of one server is gathered at one
// moment, so that a decision never mixes two. The only thing fetched is what pool sizes refer to (a
// key of a ConfigMap or Secret), by name.

import { type PoolKey, workloadOfPool } from "../../api/keys.ts";
import type {
  PolicyFacts,
  PolicyKey,
  ServerKey,
  Snapshot,
  PoolFacts,
} from "../../domain/facts/facts.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import { oncePer } from "../../domain/once-per.ts";
import { sortedByLogin } from "../../domain/supply/session-sorting.ts";
import { holdUpAll } from "../../domain/supply/unread-sizes.ts";
import { areSynced, byWorkload, type Caches, workloadNamed } from "../caches.ts";
import { Autoscaling } from "./autoscaling.ts";
import type { Selection } from "./claims.ts";
import { databaseFacts } from "./database-facts.ts";
import { templateChoice } from "./delivery.ts";
import type { HoldScene } from "../memory/bounded-holds.ts";
import type { Now } from "../memory/fleet-addresses.ts";
import { heldSlotsOf } from "../memory/held-slots.ts";
import { keptGrant, notInTemplate, type Successor } from "./hand-over.ts";
import {
  factsOf,
  type Observer,
  type NamespaceView,
  viewOf,
  type ViewObserver,
} from "./observe-namespace.ts";
import { withLivePods } from "./live-facts.ts";
import { awaitedPolicies } from "./newcomers.ts";
import { policyFacts } from "./observe-policy.ts";
import { countedOnEach, type FleetOn, heldForReplicas, replicasOn } from "./replica-fleets.ts";
import { poolNamed } from "./namespace-claims.ts";
import { isCounted } from "../sizes/counted.ts";
import type { ObservedPod } from "../../observed.ts";
import type { Lookups } from "../references/references.ts";

/** Of servers that are decided together, in their order; nearly always there is one. */
export async function observe(
  observer: Observer,
  servers: readonly ServerKey[],
  now: Now,
): Promise<readonly Snapshot[]> {
  const { snapshots, lookups } = gather(observer, servers, now);
  const fetching = observer.references.refresh(lookups);
  if (!fetching) return snapshots;
  await fetching;
  return gather(observer, servers, now).snapshots;
}

interface Gathered {
  readonly snapshots: readonly Snapshot[];
  readonly lookups: Lookups;
}

function gather(given: Observer, servers: readonly ServerKey[], now: Now): Gathered {
  const { references, caches } = given;
  const lookups = references.lookUp(caches.pods);
  const observer = { ...given, lookups, autoscaling: new Autoscaling(caches) };
  const found = servers.map((server) => fleetOn(observer, server, now.nowMs));
  const snapshots = found.map((own) => {
    return snapshotOf(observer, { own, others: replicasOn(observer, own.server, found) }, now);
  });
  return { snapshots: withLivePods(given.live, snapshots, now), lookups };
}

/** The policies that count on a server. */
function fleetOn(observer: ViewObserver, server: ServerKey, nowMs: number): OwnFleet {
  const { book, caches } = observer;
  const standing = book.of(server);
  const found = standing.flatMap((resolved) => {
    const policy = caches.policies.get(resolved.key);
    return policy ? [policyFacts(observer, { resolved, policy, server })] : [];
  });
  const before = viewsOf(observer, found, nowMs);
  // Only now can be told whose templates all say their sizes.
  const members = found.map((member) =>
    afterMigration(observer, member, { server, views: before, nowMs }),
  );
  const isAsBefore = members.every(({ delivery }, index) => delivery === found[index]?.delivery);
  const views = isAsBefore ? before : viewsOf(observer, members, nowMs);
  const workloads = countedOnEach(workloadsIn(views), standing, book);
  return { server, standing, policies: members, workloads, views };
}

type FleetScene = Pick<OwnFleet, "server" | "views"> & { readonly nowMs: number };

interface OwnFleet extends FleetOn {
  readonly views: readonly NamespaceView[];
}

interface Concerned {
  readonly own: OwnFleet;
  /** Policies that have the server as a replica. */
  readonly others: Omit<FleetOn, "server">;
}

function snapshotOf(observer: ViewObserver, { own, others }: Concerned, now: Now): Snapshot {
  const { references, caches, lookups } = observer;
  const { server } = own;
  const policies = [...own.policies, ...others.policies];
  const workloads = observer.live.withWritten([...own.workloads, ...others.workloads], now);
  const fleet = workloads.flatMap(({ pods }) => pods);
  const hadByPods = (addresses: ReadonlySet<string>): Iterable<string> =>
    takenAmong(caches, addresses, ({ hostNetwork }) => !hostNetwork);
  const held = { ...heldSlotsOf(workloads), hadByPods };
  observer.readings.noteFleet(server, held, fleet, now, (absent) => takenAmong(caches, absent));
  observer.use.noteFleet(server, { policies, workloads });
  const quietForMs = observer.quietForMs();
  const unread = references.unansweredIn(lookups);
  const standing = [...own.standing, ...others.standing];
  const snapshot = {
    ...(quietForMs > 0 && { quietUntilMs: now.nowMs + quietForMs }),
    awaitedPolicies: awaitedPolicies(policies, observer, sceneOf(observer, server, now)),
    server,
    policies: [
      ...own.policies.map((one) => withKeptGrants(observer, one, { ...own, nowMs: now.nowMs })),
      ...others.policies,
    ].map((one) => heldForReplicas(one, observer, sceneOf(observer, server, now))),
    synced: areSynced(caches) && !holdUpAll(unread, observer.namespaceQuotas),
    ...(unread.size > 0 && { unreadIn: [...unread].sort() }),
    ...lateObjects(observer, policies, sceneOf(observer, server, now)),
    database: databaseFacts(observer, { server, standing, policies }, now),
    workloads,
    settleTimeMs: observer.settleTimeMs,
    namespaceQuotas: observer.namespaceQuotas,
    served: observer.served.on(server),
    ...(observer.isEvictionOff === true && { isEvictionOff: true }),
  };
  observer.readings.noteClaimed(server, sortedByLogin(snapshot));
  return snapshot;
}

function sceneOf(
  { namespaceQuotas }: Pick<Observer, "namespaceQuotas">,
  server: ServerKey,
  { monotonicMs }: Now,
): HoldScene {
  return { server, namespaceQuotas, monotonicMs };
}

function lateObjects(
  { late }: Pick<Observer, "late">,
  members: readonly PolicyFacts[],
  scene: HoldScene,
): Pick<Snapshot, "lateObjects"> {
  const found = late.among(new Set(members.map(({ namespace }) => namespace)), scene);
  return found.length > 0 ? { lateObjects: found } : {};
}

/** Those that a pod has which runs: it is not of the fleet, or it would have them there. */
function* takenAmong(
  { pods }: Caches,
  addresses: ReadonlySet<string>,
  isMeant: (pod: ObservedPod) => boolean = () => true,
): Iterable<string> {
  for (const pod of pods.values()) {
    if (pod.finished || !isMeant(pod)) continue;
    for (const address of pod.addresses) if (addresses.has(address)) yield address;
  }
}

function viewsOf(
  observer: ViewObserver,
  members: readonly PolicyFacts[],
  nowMs: number,
): NamespaceView[] {
  const namespaces = new Set(members.map((member) => member.namespace));
  return [...namespaces].map((namespace) => viewOf(observer, namespace, { members, nowMs }));
}

function workloadsIn(views: readonly NamespaceView[]): PoolFacts[] {
  return views.flatMap(({ workloads }) => workloads);
}

/**
 * A policy on its way to Template has arrived once every template says its size. A workload that
 * was deleted may come back with its old template, so its grant is waited for as well.
 */
function afterMigration(
  observer: ViewObserver,
  member: PolicyFacts,
  scene: FleetScene,
): PolicyFacts {
  if (member.migratingToTemplate !== true) return member;
  const { views, nowMs } = scene;
  const { keptGrants = [] } = withKeptGrants(observer, member, scene);
  const missing = [
    ...notInTemplate(member, workloadsIn(views)).map(({ name }) => name),
    ...keptGrants.filter(({ untilMs }) => untilMs > nowMs).map(({ workload }) => nameIn(workload)),
  ];
  if (missing.length === 0) return { ...member, ...templateChoice, migratingToTemplate: false };
  const names = nameFew(missing);
  const deliveryMessage =
    "spec.delivery says Template: the API server goes on sizing pods until every template " +
    `has its size; still without: ${names}`;
  return { ...member, deliveryMessage };
}

/** Of Kind/name. */
function nameIn(workload: string): string {
  return workload.slice(workload.indexOf("/") + 1);
}

/** What becomes of the grants of workloads that the policy has no more. */
function withKeptGrants(
  observer: ViewObserver,
  member: PolicyFacts,
  { server, views, nowMs }: FleetScene,
): PolicyFacts {
  const view = views.find(({ namespace }) => namespace === member.namespace);
  if (!view) return member;
  const isOwn = (name: string): boolean =>
    isAmong(poolNamed(name, view.claimed)?.claims ?? [], member.key);
  const orphans = Object.entries(member.status?.grants ?? {}).filter(([name]) => !isOwn(name));
  if (orphans.length === 0) return member;
  const isUnread = observer.readings.failureOf(server) !== undefined;
  const terms = { cooldownMs: member.cooldownMs, nowMs, isUnread };
  const keptGrants = orphans.map(([name, grant]) =>
    keptGrant(name, grant, ofPolicy(observer, { view, member }, name), terms),
  );
  return { ...member, keptGrants };
}

const byKey = oncePer(({ policies, workloads }: NamespaceView) => ({
  policies: new Map(policies.map((policy) => [policy.key, policy])),
  pools: new Map<string, PoolFacts>(workloads.map((pool) => [pool.poolKey, pool])),
}));

interface Within {
  readonly view: NamespaceView;
  /** Whose grant it is. */
  readonly member: PolicyFacts;
}

/** The policy may still name the workload, and this pool of it no more. */
function ofPolicy(observer: ViewObserver, { view, member }: Within, name: string): Successor {
  const successor = successorIn(observer, view, name);
  if (!successor.exists || poolNamed(name, view.claimed)) return successor;
  const workload = view.claimed.named(name);
  const claims = workload && view.claimed.on(workload);
  return isAmong(claims ?? [], member.key) ? { ...successor, isTakenOut: true } : successor;
}

/** Once for all policies that hold a grant on it: each may hold one on every workload. */
function successorIn(observer: ViewObserver, view: NamespaceView, name: string): Successor {
  const known = successorsOf(view).byName;
  const successor = known.get(name) ?? successorOf(observer, view, name);
  known.set(name, successor);
  return successor;
}

const successorsOf = oncePer(({ namespace }: NamespaceView) => ({
  namespace,
  byName: new Map<string, Successor>(),
}));

function successorOf(observer: ViewObserver, view: NamespaceView, name: string): Successor {
  const poolKey = `${view.namespace}/${name}`;
  const key = workloadOfPool(poolKey as PoolKey);
  const workload = workloadNamed(observer.caches, key);
  const hasPods = observer.caches.pods.countOf(byWorkload, key) > 0;
  if (!workload) return { exists: false, hasPods, heirs: [] };
  const pool = poolNamed(name, view.claimed);
  if (!pool) return { exists: true, hasPods, heirs: [] };
  const known = byKey(view);
  const heirs = pool.claims
    .filter(({ entry }) => !isCounted(entry))
    .flatMap(({ policy }) => known.policies.get(policy) ?? [])
    .filter(({ spec }) => spec.mode === "Enforce")
    .map((policy) => ({
      policy,
      workload:
        known.pools.get(poolKey) ??
        factsOf(observer, { workload, pool, member: policy, row: undefined }),
    }));
  return { exists: true, hasPods, heirs };
}

function isAmong(claims: readonly Selection[], policy: PolicyKey): boolean {
  return claims.some((claim) => claim.policy === policy);
}
