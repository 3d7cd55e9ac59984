// A tiny fleet in virtual time: workload controllers that take one step when told to, API servers
// that hand out the old or the new grant within the settle time, users who keep to the plan. What
// "within the plan" means is decided here, apart from the code that is tested. A workload uses the
// room for rollouts while pods of it terminate or are of an old revision; at most reserve.rollouts
// workloads do so, each for one thing at a time (a deploy, or as many pods as its room is for), and
// beyond that pods may terminate only if all that leave fit into the room together.

import type { PodFacts, Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import type { Plan } from "../../src/domain/decide/plan.ts";
import * as build from "../support/builders.ts";

export type Strategy = "Rolling" | "Waiting" | "Recreate" | "StatefulSet";

/** What a service is at the start. */
export interface ServiceSetup {
  readonly strategy: Strategy;
  readonly replicas: number;
  /** The autoscaler's maximum, not below replicas; undefined: no autoscaler. */
  readonly maxReplicas: number | undefined;
  readonly ownPoolSize: number;
  readonly floor: number;
  readonly weight: number;
  readonly processesPerPod: number;
  readonly surgePods: number;
  readonly isRunning: boolean;
}

interface Pod {
  readonly revision: number;
  readonly poolSize: number;
  readonly createdAtMs: number;
  terminating: boolean;
}

export class Service {
  readonly name: string;
  readonly setup: ServiceSetup;
  replicas: number;
  revision = 1;
  pods: Pod[] = [];
  grant: PoolFacts["grant"];
  rolledAtMs: number | undefined;
  /** Sizes that some API server may still hand out. */
  stale: { poolSize: number; untilMs: number }[] = [];

  constructor(name: string, setup: ServiceSetup, nowMs: number) {
    this.name = name;
    this.setup = setup;
    this.replicas = setup.replicas;
    if (!setup.isRunning) return;
    for (let pod = 0; pod < setup.replicas; pod++) this.start(setup.ownPoolSize, nowMs);
  }

  get planned(): number {
    return Math.max(this.replicas, this.setup.maxReplicas ?? 0);
  }

  get published(): number {
    return this.grant?.poolSize ?? this.setup.ownPoolSize;
  }

  get live(): Pod[] {
    return this.pods.filter((pod) => !pod.terminating);
  }

  get old(): Pod[] {
    return this.live.filter((pod) => pod.revision < this.revision);
  }

  /** It uses the room for rollouts, or may do so before all its old pods are gone. */
  get isBusy(): boolean {
    const { strategy } = this.setup;
    if (strategy === "StatefulSet") return this.pods.length > this.planned;
    const oldPods = this.pods.filter((pod) => pod.revision < this.revision);
    if (strategy === "Recreate" && oldPods.length > 0) return false;
    return oldPods.length > 0 || this.live.length < this.pods.length;
  }

  /** Pods that leave, as the room for rollouts sees it. */
  get leaving(): Pod[] {
    const leavers = this.pods.filter((pod) => pod.terminating || pod.revision < this.revision);
    const { strategy } = this.setup;
    const isBeingRecreated =
      strategy === "Recreate" && leavers.some((p) => p.revision < this.revision);
    const waits = strategy === "Waiting" || strategy === "StatefulSet" || isBeingRecreated;
    return waits ? leavers.slice(0, Math.max(0, this.pods.length - this.planned)) : leavers;
  }

  get roomPods(): number {
    const { strategy, surgePods } = this.setup;
    if (strategy === "StatefulSet") return 0;
    if (strategy === "Recreate") return Math.min(1, this.planned);
    return strategy === "Waiting" ? Math.min(surgePods, this.planned) : this.planned;
  }

  slots(poolSize: number): number {
    return poolSize * this.setup.processesPerPod;
  }

  start(poolSize: number, createdAtMs: number): void {
    this.pods.push({ revision: this.revision, poolSize, createdAtMs, terminating: false });
  }

  scale(replicas: number): void {
    this.replicas = replicas;
    const surplus = this.live.length - replicas;
    for (const pod of this.live.slice(0, Math.max(0, surplus))) pod.terminating = true;
  }

  /** One step of its controller: starts a pod of the size handed out, or ends an old one. */
  control(handedOut: number, nowMs: number): boolean {
    const { strategy, surgePods } = this.setup;
    const oldPods = this.pods.filter((pod) => pod.revision < this.revision);
    const [victim] = this.old;
    const wanted = this.live.length - this.old.length < this.replicas;
    const surge = strategy === "Rolling" || strategy === "Waiting" ? surgePods : 0;
    const counted = strategy === "Rolling" ? this.live : this.pods;
    const isFree =
      strategy === "Recreate"
        ? oldPods.length === 0 && this.live.length < this.replicas
        : counted.length < this.replicas + surge;
    if (wanted && isFree) this.start(handedOut, nowMs);
    else if (victim) victim.terminating = true;
    else return false;
    return true;
  }

  facts(): PoolFacts {
    const { setup } = this;
    const { strategy } = setup;
    const podFacts = this.pods.flatMap((pod): PodFacts[] =>
      build.pods(1, { ...pod, revision: `r${pod.revision}` }),
    );
    return build.aWorkload(this.name, {
      kind: strategy === "StatefulSet" ? "StatefulSet" : "Deployment",
      strategy: strategy === "Recreate" ? "Recreate" : "RollingUpdate",
      waitsForTermination: strategy === "Waiting",
      surgePods: setup.surgePods,
      sizing: { floor: setup.floor, weight: setup.weight, processesPerPod: setup.processesPerPod },
      replicas: this.replicas,
      autoscalerMaxReplicas: setup.maxReplicas,
      rollingOut: this.old.length > 0 || this.live.length !== this.replicas,
      updatedReplicas: this.live.length - this.old.length,
      updateRevision: strategy === "StatefulSet" ? `r${this.revision}` : undefined,
      template: build.anOwnSize(setup.ownPoolSize),
      grant: this.grant,
      rolledAtMs: this.rolledAtMs,
      pods: podFacts,
    });
  }
}

export class Fleet {
  readonly services: readonly Service[];
  readonly rolloutsMax: number;
  maxConnections: number;
  nowMs = build.startMs;

  constructor(setups: readonly ServiceSetup[], maxConnections: number, rolloutsMax: number) {
    this.services = setups.map((setup, index) => new Service(`s${index}`, setup, this.nowMs));
    this.maxConnections = maxConnections;
    this.rolloutsMax = rolloutsMax;
  }

  /** Slots of all pods that exist. */
  get heldSlots(): number {
    return sum(this.services, (service) => sum(service.pods, (p) => service.slots(p.poolSize)));
  }

  get leavingSlots(): number {
    return sum(this.services, (service) => sum(service.leaving, (p) => service.slots(p.poolSize)));
  }

  get roomSlots(): number {
    const additions = this.services.map((one) => one.roomPods * one.slots(one.published));
    return sum(additions.sort((a, b) => b - a).slice(0, this.rolloutsMax), (slots) => slots);
  }

  snapshot(): Snapshot {
    const reserve = { connections: 0, rollouts: this.rolloutsMax };
    const policies = [build.aPolicy("orders", { spec: { reserve } })];
    const workloads = this.services.map((service) => service.facts());
    return build.aSnapshot({ maxConnections: this.maxConnections, policies, workloads });
  }

  /** What some API server hands out now: `choice` picks among the published and the stale sizes. */
  handedOut(service: Service, choice: number): number {
    const stale = service.stale.filter(({ untilMs }) => this.nowMs < untilMs);
    const sizes = [service.published, ...stale.map(({ poolSize }) => poolSize)];
    return sizes[choice % sizes.length] ?? service.published;
  }

  mayDeploy(service: Service): boolean {
    const { strategy } = service.setup;
    const needsRoom = strategy === "Rolling" || strategy === "Waiting";
    if (service.old.length > 0 || service.isBusy) return false;
    return !needsRoom || this.#isRoomFor(service);
  }

  /** Whether `pods` may terminate: as a use of the room of their own, or within a room in use. */
  mayTerminate(service: Service, pods: readonly Pod[]): boolean {
    const { strategy, maxReplicas } = service.setup;
    if (strategy === "StatefulSet") return maxReplicas !== undefined || this.#isRoomFor(service);
    if (!service.isBusy && this.#isRoomFor(service)) return pods.length <= service.roomPods;
    if (this.services.some((one) => one.setup.strategy === "Waiting" && one.isBusy)) return false;
    if (strategy !== "Rolling") return false;
    const moreSlots = sum(pods, (pod) => (pod.terminating ? 0 : service.slots(pod.poolSize)));
    return this.fitsTheRoom(service, moreSlots);
  }

  fitsTheRoom(_service: Service, moreSlots: number): boolean {
    return this.leavingSlots + moreSlots <= this.roomSlots;
  }

  #isRoomFor(service: Service): boolean {
    const others = this.services.filter((one) => one !== service && one.isBusy);
    const keepTo = others.every((one) => one.leaving.length <= one.roomPods);
    return keepTo && others.length < this.rolloutsMax;
  }

  apply({ pools, rolls }: Pick<Plan, "pools" | "rolls">): void {
    for (const { position, grant } of pools) {
      const service = this.services.find((one) => one.name === position.workload.name);
      if (!service) continue;
      const untilMs = this.nowMs + build.settleTimeMs;
      service.stale.push({ poolSize: service.published, untilMs });
      service.grant = grant;
    }
    const rolled = this.services.find((one) => one.name === rolls.roll?.position.workload.name);
    if (!rolled) return;
    rolled.revision += 1;
    rolled.rolledAtMs = this.nowMs;
  }
}

function finishRollout(service: Service, nowMs: number): void {
  do {
    service.pods = service.pods.filter((pod) => !pod.terminating);
  } while (service.control(service.published, nowMs));
}

type Decision = Pick<Plan, "pools" | "rolls" | "recheckAfterMs">;

/** Lets every rollout end and decides again, until nothing is left to do; throws if it never is. */
export function settle<Model extends Fleet, Decided extends Decision = Plan>(
  fleet: Model,
  decide: (fleet: Model) => Decided,
): Decided {
  for (let round = 0; round < 60; round++) {
    for (const service of fleet.services) finishRollout(service, fleet.nowMs);
    fleet.nowMs += 600_000;
    const decided = decide(fleet);
    const changes = decided.pools.some(({ grant: { decision } }) => /Shrink|Grow/.test(decision));
    if (deployWaiting(fleet, decided) || changes || decided.rolls.roll) continue;
    if (decided.recheckAfterMs === undefined) return decided;
  }
  throw new Error("never comes to rest");
}

/** Where a roll does not fit beside what runs, its owner deploys at a quiet moment. */
function deployWaiting(fleet: Fleet, { rolls }: Pick<Plan, "rolls">): boolean {
  const tooFull = rolls.waiting.filter(({ obstacle }) => / are taken/.test(obstacle.message));
  for (const { wish } of tooFull) {
    const service = fleet.services.find(({ name }) => name === wish.position.workload.name);
    if (service) service.revision += 1;
  }
  return tooFull.length > 0;
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
