// Reads from the world what the oracle counts with. Everything is as it is at this moment, on all
// API servers and in all pods, whatever anybody has heard of it.

import { poolIn, type PoolKey } from "../../src/api/keys.ts";
import type { Load } from "./acts.ts";
import type { FleetSetup } from "./scenario.ts";
import { serverName } from "./fleet.ts";
import { isJobPod, trueJobs } from "./jobs.ts";
import { leaversOf, sum, type TrueServer, type TrueWorkload } from "./oracle.ts";
import { isObserved, mostAsked, observingOn, type Speaking, unitOf } from "./true-policies.ts";
import { fleetLogin, sessionsOf } from "./true-sessions.ts";
import {
  goneWorkload,
  isRolling,
  isSizedByOthers,
  isWhole,
  ordinalOf,
  replacementOf,
  surgePodsOf,
  truePod,
} from "./true-workload.ts";
import { newestSetOf } from "./world/deployment-controller.ts";
import type { Login } from "./world/postgres.ts";
import type { WorldPod } from "./world/pod.ts";
import type { Workload } from "./world/workload.ts";
import { serversOf } from "./world/workload-spec.ts";
import type { World } from "./world/world.ts";

type StateOfServer = { readonly server: TrueServer; readonly workloads: readonly TrueWorkload[] };

export class Truth {
  readonly #world: World;
  readonly #fleet: FleetSetup;
  readonly #beganMs: number;
  readonly servers: readonly string[];
  readonly #strangers = new Map<string, Login[]>();
  /** Reserve that people have asked for since, by policy. */
  readonly reserve = new Map<string, number>();
  asHeld: ReadonlySet<string> = new Set();

  constructor(world: World, fleet: FleetSetup) {
    this.#world = world;
    this.#fleet = fleet;
    this.#beganMs = world.clock.nowMs();
    this.servers = fleet.servers.map((_, index) => serverName(index));
  }

  get elapsedMs(): number {
    return this.#world.clock.nowMs() - this.#beganMs;
  }

  /** By the shortest cooldown of all policies. */
  get rollsPerHourMax(): number {
    return 60 / Math.min(...this.#fleet.policies.map(({ cooldownMinutes }) => cooldownMinutes));
  }

  /** Somebody has opened sessions. */
  noteForeign(server: string, login: Login): void {
    this.#strangers.set(server, [...(this.#strangers.get(server) ?? []), login]);
  }

  /** Controllers have acted on all that has happened. */
  get areControllersIdle(): boolean {
    return [...this.#world.workloads.values()].every(
      ({ isSyncPending, sets }) => !isSyncPending && sets.every((set) => !set.isSyncPending),
    );
  }

  heldSlots(server: string): number {
    return this.#world.heldSlots(server);
  }

  refusedLogins = (server: string): number => this.#world.database(server).refused;

  stateOf(name: string): StateOfServer {
    const pods = Map.groupBy(this.#podsOn(name), (pod) => this.#makerOf(pod));
    const observed = this.#observed(name);
    const workloads = [...this.#world.workloads.values()].filter(({ pools }) =>
      serversOf(pools).includes(name),
    );
    const keys = new Set(workloads.map(({ key }) => key));
    const gone = [...pods].filter(([key]) => !keys.has(key) && !isJobPod({ workload: key }));
    return {
      server: this.#serverOf(name),
      workloads: [
        ...workloads.map((one) => this.#trueWorkload(one, pods.get(one.key) ?? [], name)),
        ...gone.map(([key, left]) => goneWorkload(key, left, name)),
        ...trueJobs(name, { world: this.#world, fleet: this.#fleet, observed }),
      ],
    };
  }

  /** When the newest pod came whose policy only observes; undefined where there is none. */
  newestObservedMs(server: string): number | undefined {
    const observed = this.#observed(server);
    const times = [...this.#podsOn(server)].flatMap(({ workload, createdAtMs }) =>
      this.#isObserved(workload, observed, server) ? [createdAtMs] : [],
    );
    return observed.size === 0 ? undefined : Math.max(0, ...times);
  }

  /** Others of its servers that roll out now, and get on: without replicas they only leave. */
  rollingBeside(key: string): string[] {
    const all = this.serversOf(key).flatMap((server) => this.stateOf(server).workloads);
    const rolling = all.flatMap((other) =>
      other.key !== key && isRolling(other) && other.isGated !== true && this.#getsOn(other.key)
        ? [other.key]
        : [],
    );
    return [...new Set(rolling)];
  }

  #getsOn(key: string): boolean {
    const { replicas = 0, paused = false, status } = this.#world.workloads.get(key) ?? {};
    return replicas > 0 && !paused && status?.stuck === undefined;
  }

  /** Each of its pods opens a further pool once. */
  processesOf(key: PoolKey): number {
    if (poolIn(key) !== undefined) return 1;
    return this.#world.workloads.require(key).pools.processesPerPod;
  }

  rolloutsOf(key: string): number {
    return Math.min(...this.serversOf(key).map((server) => this.#rollouts(server)));
  }

  /** Its pods connect to each of them. */
  serversOf(key: string): readonly string[] {
    const workload = this.#world.workloads.get(key);
    return workload ? serversOf(workload.pools) : [];
  }

  /** By whose key the server is decided on: several may be decided together. */
  leadOf(server: string): string {
    return this.unitOf(server)[0] ?? server;
  }

  unitOf(server: string): readonly string[] {
    return unitOf(server, this.#fleet, this.#world);
  }

  /** As it counts on a server, else on that of its main pool. Undefined once it is gone. */
  workloadOf(key: string, server?: string): TrueWorkload | undefined {
    const workload = this.#world.workloads.get(key);
    return workload && this.trueWorkload(workload, server);
  }

  isSizedByOthers(key: string): boolean {
    return isSizedByOthers(this.#world, key);
  }

  /** Undefined once it is gone. */
  podOf = (key: string): WorldPod | undefined => this.#world.pod(key);

  podsOf(workload: string): WorldPod[] {
    return [...this.#world.pods()].filter((pod) => pod.workload === workload);
  }

  isWhole = (key: string): boolean => isWhole(this.#world, key);

  /** Pods of the workload that end, or are of an older template. */
  oldPodsOf(key: string): number {
    const { pods = [] } = this.workloadOf(key) ?? {};
    return pods.filter(({ terminating, isOld }) => terminating || isOld).length;
  }

  /** What ends by itself, before a roll of the workload made its pods old. */
  leavingSlotsBefore(name: string, key: string): number {
    const leaving = this.stateOf(name).workloads.flatMap((workload) =>
      workload.key === key
        ? workload.pods.filter(({ terminating }) => terminating)
        : leaversOf(workload),
    );
    return sum(leaving.map(({ slots }) => slots));
  }

  /** The servers whose limits are its own. */
  limitsFrom(server: string): readonly string[] {
    return [server, this.#world.database(server).tier?.server ?? []].flat();
  }

  isBehindTranslation(name: string): boolean {
    return this.#world.database(name).settings.isBehindTranslation;
  }

  /** What is taken of the server now, by each operator too, and what it has. */
  loadOf(name: string): Load {
    const server = this.#serverOf(name);
    const { ghostSessions, foreignSessions, ownSessions, roleLimit } = server;
    const isOfRole = this.#operatorRoleOf(name) === fleetLogin.user;
    const more = isOfRole ? Math.max(0, this.#world.database(name).ofOperators - ownSessions) : 0;
    return {
      fleet: this.heldSlots(name) + (server.showsOrigins ? Math.max(0, ghostSessions - more) : 0),
      others: foreignSessions + ownSessions + more,
      othersOfRole: isOfRole ? ownSessions + more : 0,
      ordinary: server.maxConnections - server.reservedConnections,
      roleLimit: roleLimit < 0 ? Infinity : roleLimit,
    };
  }

  trueWorkload(workload: Workload, server = workload.pools.server ?? ""): TrueWorkload {
    return this.#trueWorkload(workload, this.podsOf(workload.key), server);
  }

  /**
   * A Deployment that was made anew under its name knows nothing of the pods of the former one. A
   * StatefulSet waits for them, because they have the names of its own.
   */
  #makerOf({ workload, workloadUid }: WorldPod): string {
    const present = this.#world.workloads.get(workload);
    const isOther = present?.spec.kind === "Deployment" && present.uid !== workloadUid;
    return isOther ? `${workload} ${workloadUid}` : workload;
  }

  /** None of one that is gone. */
  plannedPodsOf(key: string): number {
    const workload = this.#world.workloads.get(key);
    return workload ? Math.max(workload.replicas, this.#maxReplicasOf(workload)) : 0;
  }

  *#podsOn(name: string): Iterable<WorldPod> {
    for (const pod of this.#world.pods()) if (pod.servers.includes(name)) yield pod;
  }

  #trueWorkload(workload: Workload, pods: readonly WorldPod[], server: string): TrueWorkload {
    const isStateful = workload.spec.kind === "StatefulSet";
    const nextSlots = this.#world.nextSlots(workload.key, server);
    const isMade = isStateful || newestSetOf(workload)?.template.hash === workload.template.hash;
    const newest = isMade ? workload.revision : "";
    return {
      key: workload.key,
      revision: workload.revision,
      replacement: replacementOf(workload),
      surgePods: surgePodsOf(workload, this.#maxReplicasOf(workload)),
      replicas: workload.replicas,
      isObserved: this.#isObserved(workload.key, this.#observed(server), server),
      plannedPods: this.plannedPodsOf(workload.key),
      nextSlots,
      // Whichever API server makes it, its next pod holds nothing before it is released.
      isGated: nextSlots === 0 && workload.pools.server !== undefined,
      pendingSlots: sum(this.#world.missingSlots(workload.key, server)),
      pods: pods.map((pod) => ({
        ...truePod(pod, pod.revision !== newest, server),
        ...(isStateful && { isMisplaced: ordinalOf(pod) >= this.plannedPodsOf(workload.key) }),
      })),
    };
  }

  #maxReplicasOf({ objectKey, spec }: Workload): number {
    const autoscaler = this.#world.kinds.autoscalers.get(objectKey);
    return autoscaler?.targetKind === spec.kind ? autoscaler.maxReplicas : 0;
  }

  #serverOf(name: string): TrueServer {
    const database = this.#world.database(name);
    const { maxConnections, superuserReserved, reserved, roleLimits } = database.settings;
    return {
      maxConnections,
      reservedConnections: superuserReserved + reserved,
      roleLimit: database.tier?.fleetSlots ?? roleLimits["app"] ?? -1,
      ...sessionsOf({
        ...{ name, database, pods: this.#podsOn(name) },
        operatorRole: this.#operatorRoleOf(name),
        strangers: this.#strangers.get(name) ?? [],
      }),
      showsOrigins: database.settings.seesAllSessions,
      reserveConnections: this.#mostAsked(
        name,
        ({ reserveConnections }, key) => this.reserve.get(key) ?? reserveConnections,
      ),
      rollouts: this.#rollouts(name),
    };
  }

  #operatorRoleOf(server: string): string | undefined {
    return this.#fleet.servers[this.servers.indexOf(server)]?.operatorRole;
  }

  get #speaking(): Speaking {
    return { kinds: this.#world.kinds, asHeld: this.asHeld };
  }

  #observed(name: string): ReadonlySet<string> {
    return observingOn(this.unitOf(name), this.#fleet.policies, this.#speaking);
  }

  #isObserved(key: string, observed: ReadonlySet<string>, server: string): boolean {
    return isObserved(key, observed, { fleet: this.#fleet, world: this.#world, server });
  }

  #rollouts(name: string): number {
    return this.#mostAsked(name, ({ rollouts }) => rollouts);
  }

  #mostAsked(name: string, ask: Parameters<typeof mostAsked>[2]["ask"]): number {
    const observed = observingOn([name], this.#fleet.policies, this.#speaking);
    return mostAsked(name, this.#fleet, { observed, ask });
  }
}
