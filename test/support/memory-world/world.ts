// A world in memory for the production observe → plan → apply → report: stores instead of
// informers, a deployment controller that acts at once, and time that passes when a test says so.
// What it lacks on purpose (watches that lag, answers that get lost) is the simulation's.

import type { PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import { admissionPolicyName } from "../../../src/api/group.ts";
import type { DatabaseReading } from "../../../src/domain/facts/facts.ts";
import type { Plan } from "../../../src/domain/decide/plan.ts";
import type { EnvEntry, ObservedContainer, ObservedWorkload } from "../../../src/observed.ts";
import type { Clock } from "../../../src/ports.ts";
import type { Result } from "../../../src/runtime/result.ts";
import { aReading, startMs } from "../builders.ts";
import { MemoryCluster } from "./cluster.ts";
import { DeploymentController, grantsOn } from "./deployment-controller.ts";
import { type MemoryBounds, MemoryOperator } from "./operator.ts";
import { MemoryStores } from "./stores.ts";

/** The server of every policy that does not name another one. */
export const server = "db.shop.svc:5432";
export const minuteMs = 60_000;
const admissionWarmUpMs = 35_000;

export interface MemoryWorldParts {
  readonly admission?: boolean;
  /** What the binding is limited to; all where absent. */
  readonly admissionNamespaces?: readonly string[];
}

export class MemoryWorld {
  nowMs = startMs;
  /** What the operator's wall clock shows is so much later; below 0: earlier. */
  clockAheadMs = 0;
  readonly stores = new MemoryStores();
  readonly cluster = new MemoryCluster(this.stores, () => this.nowMs);
  readonly controller = new DeploymentController(this.stores);
  readonly clock: Clock = {
    nowMs: () => this.nowMs + this.clockAheadMs,
    monotonicMs: () => this.nowMs,
    after: () => () => undefined,
  };
  /** What the operator's owner bounds its users by; counts for operators that are started then. */
  bounds: MemoryBounds = {};
  operator = this.startOperator();
  /** The most slots that pods held at once since this was last set. */
  peakSlots = 0;

  /** With admission installed an hour ago, unless `admission` is false. */
  constructor({ admission = true, admissionNamespaces }: MemoryWorldParts = {}) {
    this.cluster.onEvict = (pod) => {
      this.controller.end(pod, this.nowMs);
    };
    if (admission) this.installAdmission(this.nowMs - 60 * minuteMs);
    if (admissionNamespaces) this.limitAdmission(admissionNamespaces);
    this.#addSecret("db", server);
    this.read({});
  }

  /** A new process: it knows nothing but what the cluster says, and has read the server once. */
  restartOperator(): void {
    this.operator = this.startOperator();
    this.read({});
  }

  startOperator(): MemoryOperator {
    const { cluster, clock } = this;
    const { caches } = this.stores;
    return new MemoryOperator({ caches, cluster, clock, admissionWarmUpMs, bounds: this.bounds });
  }

  installAdmission(createdAtMs: number): void {
    for (const store of [this.stores.admissionPolicies, this.stores.admissionBindings]) {
      const resourceVersion = this.stores.nextVersion();
      store.set({ key: admissionPolicyName, uid: resourceVersion, resourceVersion, createdAtMs });
    }
  }

  limitAdmission(namespaces: readonly string[]): void {
    const binding = this.stores.admissionBindings.get(admissionPolicyName);
    const resourceVersion = this.stores.nextVersion();
    if (binding) this.stores.admissionBindings.set({ ...binding, resourceVersion, namespaces });
  }

  removeAdmission(): void {
    this.stores.admissionPolicies.delete(admissionPolicyName);
    this.stores.admissionBindings.delete(admissionPolicyName);
  }

  /** What the server says from now on. */
  read(more: Partial<DatabaseReading>, of: string = server): void {
    this.operator.read(of, aReading({ ...more, atMs: this.nowMs }));
  }

  /** Creates a policy `shop/<name>`, or replaces its spec and keeps its status. */
  policy(name: string, spec: object = {}): void {
    const key = `shop/${name}`;
    const before = this.stores.policies.get(key);
    this.stores.policies.set({
      key,
      uid: before?.uid ?? `uid-of-${name}-${this.nowMs}`,
      resourceVersion: this.stores.nextVersion(),
      namespace: "shop",
      name,
      generation: (before?.generation ?? 0) + 1,
      spec: {
        database: { secretRef: { name: "db" } },
        workloads: [{ selector: { matchLabels: { team: "shop" } } }],
        ...spec,
      },
      status: before?.status,
      deleting: false,
    });
  }

  /** The database of a policy that names another server. */
  otherDatabase(name: string, address: string): object {
    this.#addSecret(name, address);
    this.read({}, address);
    return { secretRef: { name } };
  }

  /** Creates or changes a Deployment; a new one says 50 and is labelled team=shop. */
  deployment(name: string, change: Partial<ObservedWorkload> = {}): ObservedWorkload {
    const before = this.stores.Deployment.get(`shop/${name}`);
    const base = before ?? aDeployment(name, this.nowMs);
    const deployment = {
      ...base,
      ...change,
      generation: base.generation + 1,
      resourceVersion: this.stores.nextVersion(),
    };
    this.stores.Deployment.set(deployment);
    return deployment;
  }

  /** Its pods end, as by the garbage collector. */
  deleteDeployment(name: string): void {
    this.stores.Deployment.delete(`shop/${name}`);
  }

  autoscaler(name: string, maxReplicas: number): void {
    this.stores.autoscalers.set({
      key: `shop/${name}`,
      uid: name,
      resourceVersion: this.stores.nextVersion(),
      namespace: "shop",
      targetKind: "Deployment",
      targetName: name,
      maxReplicas,
    });
  }

  /** The controllers act, and the operator looks once. Time does not pass. */
  async look(): Promise<Result> {
    this.#act();
    const result = await this.operator.look();
    this.#act();
    return result;
  }

  /** Time passes in steps; after each of them the controllers act and the operator looks. */
  async pass(forMs: number, stepMs: number = 1_000): Promise<void> {
    const endMs = this.nowMs + forMs;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + stepMs);
      await this.look();
    }
  }

  plan(of: string = server): Plan {
    const plan = this.operator.planOf(of);
    if (!plan) throw new Error(`nothing was decided on ${of} yet`);
    return plan;
  }

  status(policy: string): PoolPolicyStatus {
    const status = this.stores.policies.get(`shop/${policy}`)?.status ?? {};
    return status;
  }

  /** The pool size in a policy's grant for a Deployment; undefined without a grant. */
  grant(policy: string, deployment: string): number | undefined {
    return this.status(policy).grants?.[`Deployment/${deployment}`]?.poolSize;
  }

  /** The pool size that the next pod of a Deployment starts with. */
  nextPodSize(name: string): number {
    const { containers } = this.deploymentNow(name);
    const granted = grantsOn(this.stores, { namespace: "shop", kind: "Deployment", name });
    return granted.at(-1)?.poolSize ?? sizeIn(containers);
  }

  deploymentNow(name: string): ObservedWorkload {
    const found = this.stores.Deployment.get(`shop/${name}`);
    if (!found) throw new Error(`there is no Deployment ${name}`);
    return found;
  }

  /** Pool sizes of a Deployment's pods that are not ending. */
  podSizes(name: string): number[] {
    return [...this.stores.pods.values()]
      .filter((pod) => pod.workload === `shop/Deployment/${name}` && !pod.terminating)
      .map(({ containers }) => sizeIn(containers));
  }

  /** Slots of all pods that exist, one process each. */
  get heldSlots(): number {
    return [...this.stores.pods.values()].reduce((sum, pod) => sum + sizeIn(pod.containers), 0);
  }

  /** Names of the workloads that we rolled, in order. */
  get rolls(): string[] {
    return this.cluster.writes.flatMap(({ kind, key }) =>
      kind === "apply" ? [key.slice(key.indexOf("/") + 1)] : [],
    );
  }

  /** Names of the pods that we evicted, in order. */
  get evictions(): string[] {
    return this.cluster.writes.flatMap(({ kind, key }) => (kind === "evict" ? [key] : []));
  }

  #act(): void {
    this.controller.run(this.nowMs);
    this.peakSlots = Math.max(this.peakSlots, this.heldSlots);
  }

  #addSecret(name: string, address: string): void {
    this.cluster.data.set(`Secret/shop/${name}`, {
      uri: `postgresql://app:secret@${address}/orders`,
    });
  }
}

/** A Deployment of team shop that asks for three pods of 50. */
export function aDeployment(name: string, nowMs: number): ObservedWorkload {
  return {
    key: `shop/${name}`,
    uid: `uid-of-${name}-${nowMs}`,
    resourceVersion: "1",
    kind: "Deployment",
    namespace: "shop",
    name,
    generation: 0,
    observedGeneration: 0,
    labels: { team: "shop" },
    replicas: 3,
    updatedReplicas: 0,
    statusReplicas: 0,
    updateRevision: undefined,
    strategy: "RollingUpdate",
    maxSurge: "25%",
    waitsForTermination: false,
    paused: false,
    stuck: undefined,
    containers: [aContainer(50)],
    defaultContainer: undefined,
    templateAnnotations: {},
    annotations: {},
    envManagers: {},
  };
}

/** A container that says a pool size; `name` and further entries as given. */
export function aContainer(
  poolSize: number,
  { name = "app", env = [] }: { readonly name?: string; readonly env?: readonly EnvEntry[] } = {},
): ObservedContainer {
  const size = { name: "DB_POOL_MAX_SIZE", value: String(poolSize) };
  return { name, env: [size, ...env], envFrom: [] };
}

function sizeIn(containers: readonly ObservedContainer[]): number {
  const entries = containers.flatMap(({ env }) => env);
  return Number(entries.find(({ name }) => name === "DB_POOL_MAX_SIZE")?.value ?? 0);
}
