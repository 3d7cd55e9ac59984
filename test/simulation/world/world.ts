// The simulated world: a Kubernetes cluster with its controllers, and PostgreSQL servers, in memory
// and in virtual time. Nothing here knows the operator. What people and other programs do are
// methods, each done at once; what follows from it takes its time. With one clock and one generator
// of chance everything repeats exactly.

import type { Clock, Random } from "../../../src/ports.ts";
import { type ApiServerSettings, PolicyHistory } from "./admission.ts";
import { ApiServers } from "./api-servers.ts";
import { Autoscalers, type Bounds } from "./autoscalers.ts";
import { connect, type Connection } from "./client.ts";
import { Evictions } from "./evictions.ts";
import { Hindrances } from "./hindrances.ts";
import { Jobs } from "./jobs.ts";
import type { Write } from "./journal.ts";
import { Kinds } from "./kinds.ts";
import { Kubelet } from "./kubelet.ts";
import { type NodeTimes, type PodTimes, usualNodeTimes, usualPodTimes } from "./pod-times.ts";
import type { WorldPod } from "./pod.ts";
import { PodFactory } from "./pod-factory.ts";
import { Policies, type PolicySpec } from "./policies.ts";
import { type PostgresSettings, SimulatedPostgres } from "./postgres.ts";
import { type Data, StoredData } from "./stored-data.ts";
import type { EnvValue } from "./template.ts";
import {
  applyManifest,
  type Deploy,
  deployImage,
  replaceManifest,
  setEntry,
} from "./workload-edits.ts";
import { TakenGates } from "./taken-gates.ts";
import { Workloads } from "./workloads.ts";
import type { WorkloadSpec } from "./workload-spec.ts";

export interface WorldParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Default: four nodes. */
  readonly nodes?: readonly string[];
}

export class World {
  readonly clock: Clock;
  readonly random: Random;
  readonly nodes: readonly string[];
  readonly kinds: Kinds;
  readonly workloads: Workloads;
  readonly policies: Policies;
  readonly data: StoredData;
  readonly evictions: Evictions;
  readonly jobs: Jobs;
  readonly takenGates = new TakenGates();
  /** By `host:port`. */
  readonly databases = new Map<string, SimulatedPostgres>();
  /** Objects of kinds that nobody looks into, by `Kind/namespace/name`. */
  readonly others = new Map<string, string>();
  /** Such kinds that the API server knows, for example PrometheusRule. */
  readonly servedKinds = new Set<string>();
  /** How long things take; may be changed at any time. */
  readonly podTimes: PodTimes = { ...usualPodTimes };
  readonly nodeTimes: NodeTimes = { ...usualNodeTimes };
  /** How long a controller takes to see what has happened. */
  controllerLagMs: () => number = () => 20;
  /** How long an API server takes to notice a new admission policy. */
  admissionWarmUpMs: () => number = () => 5_000;
  /** Told of every accepted write; may be replaced. */
  onWrite: (write: Write) => void = () => undefined;
  readonly #servers: ApiServers;
  readonly #kubelet: Kubelet;
  readonly #factory: PodFactory;
  readonly #autoscalers: Autoscalers;
  readonly #history = new PolicyHistory();
  readonly #hindrances = new Hindrances();
  #deploys = 1;

  constructor({ clock, random, nodes = ["node-0", "node-1", "node-2", "node-3"] }: WorldParts) {
    this.clock = clock;
    this.random = random;
    this.nodes = nodes;
    this.kinds = new Kinds(clock, random);
    this.data = new StoredData(this.kinds.versions);
    const warmUpMs = (): number => this.admissionWarmUpMs();
    this.#servers = new ApiServers({ clock, kinds: this.kinds, warmUpMs });
    this.policies = new Policies({ clock, kind: this.kinds.policies, history: this.#history });
    this.#kubelet = this.#createKubelet();
    this.evictions = new Evictions(this.#kubelet);
    this.#factory = this.#createFactory();
    this.jobs = new Jobs(this.#factory, this.#kubelet);
    this.workloads = this.#createWorkloads();
    const { autoscalers: kind } = this.kinds;
    this.#autoscalers = new Autoscalers({ clock, kind, workloads: this.workloads });
  }

  get apiServers(): readonly ApiServerSettings[] {
    return this.#servers.all.map(({ settings }) => settings);
  }

  /** A perfect client of one operator: no delay, no fault. */
  connect(name: string = "poolwarden-0"): Connection {
    return connect(this, name);
  }

  pods(): Iterable<WorldPod> {
    return this.#kubelet.pods();
  }

  pod(key: string): WorldPod | undefined {
    return this.#kubelet.get(key);
  }

  /** Σ slots of the pods that exist, terminating ones included. */
  heldSlots(server: string): number {
    return this.#kubelet.heldSlots(server);
  }

  /** The most that a pod of it could hold there that starts now; else where its main pool is. */
  nextSlots(key: string, server?: string): number {
    return this.#factory.nextSlots(this.workloads.require(key), server);
  }

  /** Of the pods that ReplicaSets of former templates are short of, where larger. */
  missingSlots(key: string, server?: string): readonly number[] {
    return this.#factory.missingSlots(this.workloads.require(key), server);
  }

  /** Throws where there is none. */
  database(server: string): SimulatedPostgres {
    const found = this.databases.get(server);
    if (!found) throw new Error(`there is no database ${server}`);
    return found;
  }

  // --- databases, data, policies and admission ---
  addDatabase(server: string, settings: Partial<PostgresSettings> = {}): SimulatedPostgres {
    const systemIdentifier = `7${String(this.databases.size).padStart(18, "0")}`;
    const postgres = new SimulatedPostgres(this.clock, { systemIdentifier, ...settings });
    postgres.onChange(() => {
      this.#kubelet.reconnect(server);
    });
    this.databases.set(server, postgres);
    return postgres;
  }

  /** Undefined removes it. */
  setData(kind: "Secret" | "ConfigMap", namespace: string, name: string, data?: Data): void {
    this.data.set(kind, namespace, name, data);
  }

  createPolicy(policy: PolicySpec): void {
    this.policies.create(policy);
  }

  editPolicy(key: string, spec: object): void {
    this.policies.edit(key, spec);
  }

  deletePolicy(key: string): void {
    this.policies.delete(key);
  }

  installAdmission(): void {
    this.#servers.install();
  }

  removeAdmission(): void {
    this.#servers.remove();
  }

  // --- workloads ---
  createWorkload(spec: WorkloadSpec): string {
    return this.workloads.create(spec).key;
  }

  deleteWorkload(key: string): void {
    this.workloads.delete(this.workloads.require(key));
  }

  deploy(key: string, deploy: Deploy = {}): void {
    const number = ++this.#deploys;
    deployImage(this.workloads, this.workloads.require(key), { ...deploy, number });
  }

  /** `value` undefined removes the entry. */
  setEnv(key: string, name: string, value: EnvValue | undefined, manager = "kubectl-set"): void {
    setEntry(this.workloads, this.workloads.require(key), { name, value, manager });
  }

  undo(key: string, manager = "kubectl"): void {
    this.workloads.undo(this.workloads.require(key), manager);
  }

  pause(key: string): void {
    this.workloads.setPaused(this.workloads.require(key), true);
  }

  resume(key: string): void {
    this.workloads.setPaused(this.workloads.require(key), false);
  }

  scale(key: string, replicas: number, manager = "kubectl"): void {
    this.workloads.scale(this.workloads.require(key), replicas, manager);
  }

  relabel(key: string, labels: Readonly<Record<string, string>>): void {
    this.workloads.relabel(this.workloads.require(key), labels);
  }

  setAutoscaler(key: string, bounds: Bounds | undefined): void {
    this.#autoscalers.set(key, bounds);
  }

  setDemand(key: string, replicas: number): void {
    this.#autoscalers.demand(key, replicas);
  }

  /** The quota forbids new pods of this workload, or no longer. */
  setQuotaBlocked(key: string, isBlocked: boolean): void {
    this.#hindrances.setQuotaBlocked(key, isBlocked);
    this.workloads.wake(key);
  }

  /** No image of this workload can be pulled, or they can again. */
  setImageBroken(key: string, isBroken: boolean): void {
    this.#hindrances.setImageBroken(key, isBroken);
    if (!isBroken) this.#kubelet.retryStarts(key);
  }

  /** A GitOps owner applies its manifest (entries of container `app`) over everybody else's. */
  applyOwner(key: string, manager: string, env: Readonly<Record<string, EnvValue>>): void {
    applyManifest(this.workloads, this.workloads.require(key), { manager, env });
  }

  /** `kubectl replace`: the template is the manifest and nothing else. */
  replaceByOwner(key: string, manager: string, env: Readonly<Record<string, EnvValue>>): void {
    replaceManifest(this.workloads, this.workloads.require(key), { manager, env });
  }

  // --- pods and nodes ---

  deletePod(key: string): void {
    const pod = this.#kubelet.get(key);
    if (pod) this.#kubelet.terminate(pod);
  }

  crashPod(key: string): void {
    const pod = this.#kubelet.get(key);
    if (pod) this.#kubelet.crash(pod);
  }

  loseNode(node: string): void {
    this.#kubelet.loseNode(node);
  }

  restoreNode(node: string): void {
    this.#kubelet.restoreNode(node);
  }

  /** Forgets its history. */
  compact(): void {
    this.kinds.compact();
  }

  breakWatches(): void {
    this.kinds.breakWatches();
  }

  #createKubelet(): Kubelet {
    const { clock, random, podTimes: times, nodeTimes } = this;
    return new Kubelet({
      ...{ clock, random, times, nodeTimes },
      pods: this.kinds.pods,
      serverOf: (server) => (server === undefined ? undefined : this.databases.get(server)),
      lookUp: this.data.lookUp,
      canPull: (pod) => this.#hindrances.canPull(pod),
    });
  }

  #createFactory(): PodFactory {
    const { clock, random, nodes, data, takenGates } = this;
    return new PodFactory({
      ...{ clock, random, nodes, takenGates, kubelet: this.#kubelet, policies: this.#history },
      apiServers: this.#servers.all,
      lookUp: data.lookUp,
      isBlocked: ({ key }) => this.#hindrances.isQuotaBlocked(key),
    });
  }

  #createWorkloads(): Workloads {
    return new Workloads({
      ...{ clock: this.clock, factory: this.#factory, kinds: this.kinds },
      terminate: (pod) => {
        this.#kubelet.terminate(pod);
      },
      lagMs: () => this.controllerLagMs(),
      onWrite: (write) => {
        this.onWrite(write);
      },
    });
  }
}
