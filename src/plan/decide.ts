// The operator on manifests: its own reconcilers, driven until they have nothing more to do. Time
// passes only between rounds, by as much as they ask for, so a plan takes no longer than its
// arithmetic.

import { workloadKeyOf } from "../api/keys.ts";
import { unprovenSlots } from "../domain/decide/live-shares.ts";
import type { Plan } from "../domain/decide/plan.ts";
import type { OwnSize, PoolKey, ServerKey } from "../domain/facts/facts.ts";
import { oncePerText } from "../domain/once-per.ts";
import type { HostPattern } from "../domain/supply/allowed-hosts.ts";
import type { QuotaSetting } from "../domain/supply/quota-settings.ts";
import type { ObservedWorkload } from "../observed.ts";
import type { PlanClock } from "./plan-clock.ts";
import type { Clock, Database, Log, Metrics, Random } from "../ports.ts";
import { claimsOn } from "../reconcile/observe/claims.ts";
import { createReconcilers, type Reconcilers } from "../reconcilers.ts";
import type { Declaring } from "./declared-database.ts";
import type { ManifestCluster } from "./manifest-cluster.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import { namespacesIn, saidByNames, serviceOf } from "./service-names.ts";
import { restartPods, startPods, workloadsIn } from "./started-pods.ts";

export interface PlanWorld {
  readonly stores: ManifestStores;
  readonly cluster: ManifestCluster;
  readonly clock: PlanClock;
  readonly databaseFor: (known: Omit<Declaring, "limits" | "clock">) => Database;
  readonly namespaceQuotas: readonly QuotaSetting[];
  readonly allowedDatabaseHosts: readonly HostPattern[];
  /** livePools.enabled of the chart. */
  readonly mayResize: boolean;
}

export interface Decided {
  readonly plans: ReadonlyMap<ServerKey, Plan>;
  /** What manifests say, before the template delivery writes into them. */
  readonly templates: ReadonlyMap<PoolKey, OwnSize>;
  /** False where more was left to write than a plan waits for. */
  readonly isAtRest: boolean;
  /** Pods beyond what a plan makes, which count as those that may still start. */
  readonly uncountedPods: number;
}

/** Template delivery writes one template a round. */
const roundsMax = 500;
/** Whatever asks for no look has one after this. */
const roundMs = 1_000;

export async function decideOn(world: PlanWorld): Promise<Decided> {
  const { stores, clock } = world;
  const reconcilers = await resolvedIn(world, reconcilersOf(world));
  const observed = onlyObserved(world, reconcilers);
  const isObserved = (one: ObservedWorkload): boolean => observed.has(workloadKeyOf(one));
  const observedBeyond = startPods(stores, clock.nowMs(), isObserved);
  const isGranted = await untilRest(reconcilers, world);
  const templates = templatesIn(reconcilers.servers.plans.values());
  const beyond = startPods(stores, clock.nowMs(), (one) => !isObserved(one));
  const isAtRest = await untilRest(reconcilers, world);
  const { plans } = reconcilers.servers;
  const uncountedPods = observedBeyond + beyond;
  return { plans, templates, isAtRest: isGranted && isAtRest, uncountedPods };
}

/** Of policies that give no sizes: pods that no decision moves. */
function onlyObserved({ stores }: PlanWorld, { book }: Reconcilers): ReadonlySet<string> {
  const byNamespace = Map.groupBy(workloadsIn(stores), ({ namespace }) => namespace);
  const claims = [...byNamespace].flatMap(([namespace, own]) => [
    ...claimsOn(own, book.inNamespace(namespace)),
  ]);
  const observed = claims.filter(([, all]) => all.every(({ spec }) => spec.mode === "Observe"));
  return new Set(observed.map(([workload]) => workloadKeyOf(workload)));
}

/** What somebody applies to a fleet that runs. */
export interface Change {
  /** Changes the stores as the API server and its controllers do; `before`: the fleet at rest. */
  readonly apply: (nowMs: number, before: ReadonlyMap<ServerKey, Plan>) => void;
  /** Told each decision that follows, before its roll replaces pods. */
  readonly tell: (plan: Plan) => void;
}

export interface DecidedChange extends Decided {
  /** The fleet at rest before the change. */
  readonly before: ReadonlyMap<ServerKey, Plan>;
}

/** From a fleet whose policies carry the grants that they have, through a change, to rest. */
export async function decideChange(
  world: PlanWorld,
  { apply, tell }: Change,
): Promise<DecidedChange> {
  const { stores, clock } = world;
  const reconcilers = await resolvedIn(world, reconcilersOf(world));
  const withoutRoom = startPods(stores, clock.nowMs());
  const wasAtRest = await untilSettled(reconcilers, world);
  const before = new Map(reconcilers.servers.plans);
  const templates = new Map<PoolKey, OwnSize>();
  const note: Change["tell"] = (plan) => {
    for (const [key, size] of templatesIn([plan]))
      if (!templates.has(key)) templates.set(key, size);
    tell(plan);
  };
  apply(clock.nowMs(), before);
  clock.pass(rereadMs);
  await resolvedIn(world, reconcilers);
  const isAtRest = await untilSettled(reconcilers, world, note);
  const { plans } = reconcilers.servers;
  return {
    plans,
    before,
    templates,
    isAtRest: wasAtRest && isAtRest,
    uncountedPods: withoutRoom,
  };
}

/** After it, the reconcilers read ConfigMaps and Secrets again. */
const rereadMs = 60_000;

async function resolvedIn({ stores }: PlanWorld, reconcilers: Reconcilers): Promise<Reconcilers> {
  for (const { key } of [...stores.policies.values()]) await reconcilers.policies.reconcile(key);
  return reconcilers;
}

/** Longer than any cooldown: what waits for time to pass has happened after it. */
const settledMs = 24 * 60 * 60_000;

async function untilSettled(...drive: Parameters<typeof untilRest>): Promise<boolean> {
  const isAtRest = await untilRest(...drive);
  const [, { clock }] = drive;
  clock.pass(settledMs);
  return (await untilRest(...drive)) && isAtRest;
}

function templatesIn(plans: Iterable<Plan>): ReadonlyMap<PoolKey, OwnSize> {
  const positions = [...plans].flatMap((plan) => plan.positions);
  return new Map(positions.map(({ pool }) => [pool.poolKey, pool.template]));
}

/** False where it came to no rest. */
async function untilRest(
  reconcilers: Reconcilers,
  world: PlanWorld,
  tell: Change["tell"] = () => undefined,
): Promise<boolean> {
  const { book } = reconcilers;
  await readAll(reconcilers);
  const said = new Map<ServerKey, string>();
  let restless = book.servers();
  for (let round = 0; round < roundsMax && restless.length > 0; round++) {
    const plans = await decidedAnew(restless, reconcilers, world);
    for (const plan of plans) {
      tell(plan);
      const { roll } = plan.rolls;
      if (roll) restartPods(world.stores, roll.position.workload.key, world.clock.nowMs());
    }
    await readGivenBack(plans, reconcilers, world);
    const isDue = (plan: Plan): boolean => isRestless(plan, world.clock, said.get(plan.server));
    restless = plans.filter(isDue).map(({ server }) => server);
    for (const plan of plans) said.set(plan.server, grantsIn(plan));
  }
  return restless.length === 0;
}

/** Before any is decided. Two names that turn out to be one server are read again, as one. */
async function readAll({ book, databases }: Reconcilers): Promise<void> {
  const names = book.servers();
  for (const server of names) await databases.reconcile(server);
  const isUnited = book.servers().length < names.length;
  for (const server of isUnited ? book.servers() : []) await databases.reconcile(server);
}

async function decidedAnew(
  restless: readonly ServerKey[],
  { book, servers }: Reconcilers,
  { clock }: PlanWorld,
): Promise<readonly Plan[]> {
  const units = unitsOf(restless, book);
  for (const [lead = ""] of units) await servers.reconcile(lead, run);
  clock.pass(roundMs);
  return units.flat().flatMap((server) => servers.plans.get(server) ?? []);
}

async function readGivenBack(
  plans: readonly Plan[],
  { databases }: Reconcilers,
  { clock }: PlanWorld,
): Promise<void> {
  const unproven = plans.filter(areGivingBack);
  if (unproven.length > 0) clock.pass(rereadLiveMs);
  for (const { server } of unproven) await databases.reconcile(server);
}

/** Servers that share pools are decided together, under the first of them. */
function unitsOf(
  servers: readonly ServerKey[],
  book: Reconcilers["book"],
): readonly (readonly ServerKey[])[] {
  const units = servers.map((server) => book.unitOf(server));
  return [...new Map(units.map((unit) => [unit[0], unit])).values()];
}

const ignore = (): void => undefined;
const silentLog: Log = {
  ...{ debug: ignore, info: ignore, warn: ignore, error: ignore },
  child: () => silentLog,
};

const run = { log: silentLog, signal: new AbortController().signal };

/** Until pods are believed to have shrunk, a few readings have to show it. */
const rereadLiveMs = 20_000;

/** Running pods that were told a smaller size, which no reading has shown yet. */
function areGivingBack({ positions }: Plan): boolean {
  return positions.some((position) => unprovenSlots(position) > 0);
}

/** Its next decision would be another one, although nobody else changes anything. */
function isRestless(plan: Plan, clock: Clock, saidBefore: string | undefined): boolean {
  const { rolls, pools, live } = plan;
  const isRolled = rolls.roll !== undefined || rolls.eviction !== undefined;
  const isResized = live.resizes.length + live.releases.length > 0 || areGivingBack(plan);
  const acts = isRolled || isResized;
  const isDue = rolls.waiting.some(
    ({ obstacle }) => (obstacle.untilMs ?? Infinity) <= clock.nowMs(),
  );
  const waits = pools.some(({ grant: { decision } }) => decision === "Wait");
  // What waits for slots that nobody gives back waits for ever.
  const isStuck = plan.recheckAfterMs === undefined && grantsIn(plan) === saidBefore;
  return acts || isDue || (waits && !isStuck);
}

function grantsIn({ pools }: Plan): string {
  return pools.map(({ grant }) => `${grant.poolSize} ${grant.decision}`).join();
}

function reconcilersOf(world: PlanWorld): Reconcilers {
  const { stores, cluster, clock, namespaceQuotas, allowedDatabaseHosts, mayResize } = world;
  const readersOf = (server: ServerKey): ReturnType<Reconcilers["book"]["readersOf"]> =>
    reconcilers.book.readersOf(reconcilers.book.canonical(server));
  const isNamespace = namespacesIn(stores);
  // Each server asks, and the policies name others only after time has passed.
  const saidAt = oncePerText(1, () => saidByNames(namesOfServers(reconcilers, stores)));
  const database = world.databaseFor({
    specsOn: (server) => readersOf(server).map(({ spec }) => spec),
    serviceOf: (server) => {
      const namers = readersOf(server).filter((one) => one.server === server);
      return serviceOf(server, {
        namers: namers.map(({ namespace }) => namespace),
        isNamespace,
        said: saidAt(String(clock.monotonicMs())),
      });
    },
    behindOn: (pooler) => behindPooler(reconcilers, pooler),
  });
  const reconcilers: Reconcilers = createReconcilers({
    config: {
      ...{ databaseIntervalMs: 30_000, settleTimeMs: 0, admissionWarmUpMs: 0, mayResize },
      ...{ namespaceQuotas, allowedDatabaseHosts },
    },
    ...{ caches: stores, cluster, clock, database },
    ...{ random: noRandom, log: silentLog, metrics: noMetrics },
    ...{ enqueueServer: ignore, enqueueDatabase: ignore, enqueueLook: ignore },
  });
  return reconcilers;
}

/** Also those that turned out to be one server. */
function namesOfServers({ book }: Reconcilers, { policies }: ManifestStores): readonly ServerKey[] {
  return [...policies.values()].flatMap(({ key }) => {
    const { server, replicas = [] } = book.get(key) ?? {};
    return [server, ...replicas.map((one) => one.server)].filter((one) => one !== undefined);
  });
}

function behindPooler({ book }: Reconcilers, pooler: ServerKey): readonly ServerKey[] {
  const named = book.of(pooler).flatMap(({ replicas = [] }) => replicas);
  const behind = named.filter(({ isBehind }) => isBehind === true);
  return [...new Set(behind.map(({ server }) => book.canonical(server)))];
}

const noRandom: Random = { next: () => 0.5 };
export const noMetrics: Metrics = {
  ...{ count: ignore, gauge: ignore, observe: ignore, reset: ignore, forgetServer: ignore },
};
