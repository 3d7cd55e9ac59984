// What a trace is played on: the simulated cluster with the fleet in it, its PostgreSQL, and the
// judge of the simulation, who knows when the promise is in force. A trace says what people, load
// and machines do; a way says what is done about pool sizes.

import { seededRandom } from "../support/prng.ts";
import { policyKey, serverName } from "../simulation/fleet.ts";
import { Judge } from "../simulation/judge.ts";
import { Operators } from "../simulation/operators.ts";
import { mayDeploy } from "../simulation/plan-room.ts";
import type { FleetSetup } from "../simulation/scenario.ts";
import { Stage } from "../simulation/stage.ts";
import { SimulatedTime } from "../simulation/time.ts";
import { Truth } from "../simulation/truth.ts";
import type { WorldPod } from "../simulation/world/pod.ts";
import type { Login } from "../simulation/world/postgres.ts";
import type { Write } from "../simulation/world/journal.ts";
import { World } from "../simulation/world/world.ts";
import { conditions, followTimes } from "./delays.ts";
import { maxConnections, reserveConnections, type Service, services } from "./services.ts";

export const namespace = "shop";
export const server = serverName(0);
export const policy = policyKey(0);
const sizeName = "DB_POOL_MAX_SIZE";
/** Those whom a policy picks. */
export const labels = { team: "shop" };

export function keyOf(name: string): string {
  return `${namespace}/Deployment/${name}`;
}

const nightJob: Login = {
  user: "analyst",
  database: "orders",
  applicationName: "nightly-export",
  address: "10.99.0.1",
};
/** Each connection of the job opens so long after the one before. */
const nightJobStepMs = 500;

export class Scene {
  readonly time = new SimulatedTime();
  readonly world: World;
  readonly judge: Judge;
  readonly operators: Operators;
  /** In the cluster now, by name. */
  readonly services = new Map<string, Service>();
  readonly #stage: Stage;
  readonly #truth: Truth;
  readonly #watchers: ((write: Write) => void)[] = [];
  /** Told when somebody adds a service, instead of creating it. */
  onNewService: (service: Service) => void = () => undefined;

  constructor(seed: number) {
    const { time } = this;
    const random = seededRandom(seed);
    const nodes = Array.from({ length: 10 }, (_, index) => `node-${index}`);
    this.world = new World({ clock: time, random, nodes });
    this.#setTimes(seed);
    this.#truth = new Truth(this.world, setup);
    this.judge = new Judge(this.#truth, time);
    const { world, judge } = this;
    const settings = { ...setup, admissionWarmUpMs: 35_000, mayResize: true };
    const tell = (): void => undefined;
    const parts = { time, random, world, judge, conditions };
    this.operators = new Operators({ ...parts, settings, tell });
    this.#stage = new Stage({
      ...parts,
      truth: this.#truth,
      operators: this.operators,
      fleet: setup,
      specs: [],
    });
    world.onWrite = (write) => {
      for (const tell of this.#watchers) tell(write);
    };
    world.addDatabase(server, { maxConnections });
    world.setData("Secret", namespace, "db", { uri: `postgres://poolwarden@${server}/orders` });
    world.installAdmission();
  }

  /** Of every accepted write to the API server. */
  watchWrites(tell: (write: Write) => void): void {
    this.#watchers.push(tell);
  }

  // --- the fleet ---

  create(service: Service, replicas: number, poolSize: number): void {
    const { name, min, max, graceMs } = service;
    this.services.set(name, service);
    const key = this.world.createWorkload({
      ...{ kind: "Deployment", namespace, name, labels, replicas, graceMs },
      env: { [sizeName]: String(poolSize) },
      pools: { server },
    });
    this.world.setAutoscaler(key, { min, max });
  }

  /** As many pods as its load asks for. */
  demand(name: string, replicas: number): void {
    this.world.setDemand(keyOf(name), replicas);
  }

  /** Writes a size into the template, as a manager other than Poolwarden's. */
  writeSize(name: string, poolSize: number, manager: string): void {
    const key = keyOf(name);
    const entries = this.world.workloads.require(key).template.containers[0]?.env ?? [];
    const before = entries.find((entry) => entry.name === sizeName)?.value;
    if (before !== String(poolSize)) this.world.setEnv(key, sizeName, String(poolSize), manager);
  }

  /** A user's deploy. A second one at the same time is beyond the plan. */
  deploy(name: string): void {
    const key = keyOf(name);
    if (mayDeploy(this.#stage, key)) this.judge.noteRoomUse();
    else this.judge.goBeyondPlan();
    this.world.deploy(key);
  }

  // --- what nobody has planned ---

  addService(service: Service): void {
    this.judge.goBeyondPlan();
    this.onNewService(service);
  }

  loseNode(index: number): void {
    const { nodeTimes } = this.world;
    this.world.loseNode(this.world.nodes[index] ?? "");
    for (const delayMs of [0, nodeTimes.evictMs, nodeTimes.evictMs + nodeTimes.vanishMs]) {
      this.time.after(delayMs, () => {
        this.judge.goBeyondPlan();
      });
    }
  }

  restoreNode(index: number): void {
    this.judge.goBeyondPlan();
    this.world.restoreNode(this.world.nodes[index] ?? "");
  }

  startNightJob(connections: number): void {
    this.#truth.noteForeign(server, nightJob);
    for (let opened = 0; opened < connections; opened++) {
      this.time.after(opened * nightJobStepMs, () => {
        this.judge.goBeyondPlan();
        this.world.database(server).openForeign(nightJob, 1);
      });
    }
  }

  endNightJob(): void {
    const database = this.world.database(server);
    database.closeForeign(nightJob, database.countOf(nightJob));
  }

  /** Each service has its own times, and always the same: they are no part of the comparison. */
  #setTimes(seed: number): void {
    const { podTimes } = this.world;
    const timesOf = (workload: string): Service | undefined =>
      this.services.get(workload.slice(workload.lastIndexOf("/") + 1));
    const startMs = (pod: WorldPod): number => timesOf(pod.workload)?.startMs ?? 10_000;
    Object.assign(podTimes, { startMs, restartMs: startMs });
    podTimes.followMs = followTimes(seed);
    podTimes.stopMs = ({ workload }) => timesOf(workload)?.stopMs ?? 30_000;
  }
}

/** What the judge has to know of the fleet, and the settings of the operator: the defaults. */
const setup: FleetSetup = {
  servers: [
    {
      maxConnections,
      reservedConnections: 0,
      roleLimit: -1,
      seesAllSessions: true,
      operatorRole: "poolwarden",
    },
  ],
  policies: [
    {
      server: 0,
      delivery: "Auto",
      reserveConnections,
      rollouts: 1,
      basis: "Workload",
      rebalance: "Always",
      cooldownMinutes: 5,
      ownership: "Take",
    },
  ],
  workloads: [],
  operators: 1,
  databaseIntervalMs: 30_000,
  settleTimeMs: 5_000,
  hasAdmission: true,
};

/** How sizes come to pods, as the policy says it. */
export interface Delivery {
  readonly delivery: "Admission" | "Template";
  readonly resize?: "Live";
  readonly start?: "WhenSlotsAreFree";
}

/** The PoolPolicy of the fleet: all defaults but the weights. */
export function policySpec({ delivery, ...how }: Delivery): object {
  const weighted = services.filter(({ weight }) => weight !== 1);
  return {
    delivery,
    database: { secretRef: { name: "db" } },
    workloads: [
      ...weighted.map(({ name, weight }) => ({ kind: "Deployment", name, weight, ...how })),
      { selector: { matchLabels: labels }, ...how },
    ],
  };
}
