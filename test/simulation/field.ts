// A fleet that was once run on a real node, in the simulated world: web, which its autoscaler takes
// from 3 to 12 pods, and batch with 2, on a PostgreSQL with 197 slots. Pods drain for 40 s. Who
// plays a history on it is judged as in every other run, and hears what the policy says.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { seededRandom } from "../support/prng.ts";
import { namespace, policyKey, serverName } from "./fleet.ts";
import { Judge } from "./judge.ts";
import { calm } from "./network.ts";
import { Operators } from "./operators.ts";
import type { FleetSetup } from "./scenario.ts";
import { SimulatedTime } from "./time.ts";
import { Truth } from "./truth.ts";
import { World } from "./world/world.ts";

const server = serverName(0);
const labels = { team: "shop" };
const templatePoolSize = 20;
const secondMs = 1_000;
const reviewEveryMs = 15_000;

export const drainMs = 40_000;
export const minuteMs = 60_000;

export class Field {
  readonly time = new SimulatedTime();
  readonly world: World;
  readonly judge: Judge;
  readonly operators: Operators;
  /** Names of the pods that the operator evicted. */
  readonly evicted: string[] = [];

  /** Logins that were refused. */
  get refused(): number {
    return this.world.database(server).refused;
  }

  constructor(seed: number) {
    const { time } = this;
    const random = seededRandom(seed);
    this.world = new World({ clock: time, random });
    Object.assign(this.world.podTimes, {
      ...{ startMs: () => 3 * secondMs, restartMs: () => 3 * secondMs, stopMs: () => drainMs },
    });
    this.judge = new Judge(new Truth(this.world, setup), time);
    this.world.onWrite = ({ verb, key }) => {
      if (verb === "evict") this.evicted.push(key.slice(key.indexOf("/") + 1));
    };
    const { world, judge } = this;
    const settings = { ...setup, admissionWarmUpMs: 35_000 };
    const parts = { time, random, world, judge, conditions: { ...calm }, settings };
    this.operators = new Operators({ ...parts, tell: () => undefined });
  }

  /** Both services at rest with the sizes that they are given, web with 12 pods. */
  static async full(seed: number): Promise<Field> {
    const field = new Field(seed);
    field.#build();
    field.operators.start(1);
    await field.pass(20 * minuteMs);
    field.world.setDemand(field.keyOf("web"), 12);
    await field.pass(10 * minuteMs);
    return field;
  }

  keyOf(name: string): string {
    return `${namespace}/Deployment/${name}`;
  }

  create(name: string, replicas: number): void {
    this.judge.goBeyondPlan();
    this.world.createWorkload({
      ...{ kind: "Deployment", namespace, name, labels, replicas, graceMs: 60 * secondMs },
      env: { DB_POOL_MAX_SIZE: String(templatePoolSize) },
      pools: { server },
    });
  }

  /** `isSecond`: while the pods of the last one still end. */
  deploy(name: string, isSecond = false): void {
    if (isSecond) this.judge.goBeyondPlan();
    else this.judge.noteRoomUse();
    this.world.deploy(this.keyOf(name));
  }

  killOperator(): void {
    this.operators.processes[0]?.kill();
  }

  /** The containers of the first `count` pods end and are started again. */
  crash(name: string, count: number): void {
    for (const key of this.#podsOf(name).slice(0, count)) this.world.crashPod(key);
  }

  /** So many evictions of it a PodDisruptionBudget allows from now on. */
  allowEvictions(name: string, count: number): void {
    this.world.evictions.allow(this.keyOf(name), count);
  }

  async pass(ms: number): Promise<void> {
    await this.time.runUntil(this.time.nowMs() + ms, () => this.judge.look());
  }

  status(): PoolPolicyStatus {
    return this.world.kinds.policies.get(policyKey(0))?.status ?? {};
  }

  /** Of a finding that the status has now. */
  said(reason: string): string | undefined {
    return this.status().findings?.find((finding) => finding.reason === reason)?.message;
  }

  messageOf(name: string): string {
    const rows = this.status().workloads ?? [];
    return rows.find(({ workload }) => workload === `Deployment/${name}`)?.message ?? "";
  }

  /** Of the condition WithinBudget. */
  get isWithinBudget(): boolean {
    const { conditions = [] } = this.status();
    return conditions.some(({ type, status }) => type === "WithinBudget" && status === "True");
  }

  sizesOf(name: string): number[] {
    return this.#podsOf(name).map((key) => this.world.pod(key)?.poolSize ?? 0);
  }

  #podsOf(name: string): string[] {
    const pods = [...this.world.pods()].filter(({ workload }) => workload === this.keyOf(name));
    return pods.map(({ key }) => key).sort();
  }

  #build(): void {
    this.world.addDatabase(server, { maxConnections: 200 });
    this.world.setData("Secret", namespace, "db", {
      uri: `postgres://poolwarden@${server}/orders`,
    });
    this.world.installAdmission();
    this.create("web", 3);
    this.create("batch", 2);
    this.world.setAutoscaler(this.keyOf("web"), { min: 3, max: 12 });
    const [, name = ""] = policyKey(0).split("/");
    const spec = {
      database: { secretRef: { name: "db" } },
      workloads: [{ selector: { matchLabels: labels } }],
    };
    this.world.createPolicy({ namespace, name, spec });
    this.#review();
  }

  #review(): void {
    if (!this.judge.isPromised) this.judge.review();
    this.time.after(reviewEveryMs, () => {
      this.#review();
    });
  }
}

const setup: FleetSetup = {
  servers: [
    {
      ...{ maxConnections: 200, reservedConnections: 0, roleLimit: -1 },
      ...{ seesAllSessions: true, operatorRole: "poolwarden" },
    },
  ],
  policies: [
    {
      ...{ server: 0, delivery: "Auto", reserveConnections: 10, rollouts: 1, basis: "Workload" },
      ...{ rebalance: "Always", cooldownMinutes: 5, ownership: "Take" },
    },
  ],
  ...{ workloads: [], operators: 1, databaseIntervalMs: 30_000, settleTimeMs: 5_000 },
  hasAdmission: true,
};
