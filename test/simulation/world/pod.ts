// A pod of the simulated cluster: what the API server shows of it, and what its process does with
// the database. Both can differ: a process reads its size when it starts, and sessions of a lost
// node outlive the pod.

import type { ObservedContainer, ObservedPod } from "../../../src/observed.ts";
import type { Login } from "./postgres.ts";
import {
  appContainer,
  poolSizeIn,
  serversOf,
  processesOn,
  slotsBesideIn,
  type LookUp,
  type PoolSettings,
  withOwnSize,
} from "./workload-spec.ts";

/** What a checker may know of a pod. */
export interface WorldPod {
  /** `namespace/name`. */
  readonly key: string;
  /** `namespace/Kind/name`. */
  readonly workload: string;
  /** Of that workload itself: another one may have its name by now. */
  readonly workloadUid: string;
  readonly address: string | undefined;
  readonly node: string;
  readonly createdAtMs: number;
  readonly terminating: boolean;
  /** Its work is done: it holds nothing any more. */
  readonly finished: boolean;
  /** It waits behind the gate, on no node. */
  readonly isGated: boolean;
  readonly ready: boolean;
  readonly revision: string;
  /** What its process really uses for its main pool: read from its environment when it started. */
  readonly poolSize: number;
  /** What it may hold on the first of its servers. */
  readonly slots: number;
  readonly slotsOn: (server: string) => number;
  readonly servers: readonly string[];
  /** poolwarden.dev/pool-size. */
  readonly annotation: string | undefined;
  /** Sessions that its process holds now, on all of them. */
  readonly sessions: number;
  readonly sessionsOn: (server: string) => number;
}

export interface PodParts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly workload: string;
  readonly workloadUid: string;
  /** Of its ReplicaSet or StatefulSet. */
  readonly ownerUid: string;
  readonly node: string;
  readonly createdAtMs: number;
  readonly revision: string;
  readonly image: string;
  readonly containers: readonly ObservedContainer[];
  readonly annotation: string | undefined;
  /** The same of further pools, by their names. */
  readonly furtherAnnotations?: Readonly<Record<string, string>>;
  /** Its size stands in a file that follows its annotation. */
  readonly live?: true;
  /** It waits behind the gate. */
  readonly gated?: true;
  readonly pools: PoolSettings;
  readonly labels?: Readonly<Record<string, string>>;
  readonly graceMs: number;
  /** Drawn at its creation: where nothing else decides which of several pods goes. */
  readonly lot: number;
  /** Its controller is told whenever it starts, ends or changes. */
  readonly onChange: () => void;
}

export class Pod implements WorldPod {
  readonly parts: PodParts;
  readonly key: string;
  address: string | undefined;
  terminating = false;
  finished = false;
  ready = false;
  readySinceMs = 0;
  /** Its process runs, or would but for a crash. */
  isStarted = false;
  isGone = false;
  /** It has no node, and nothing of it runs. */
  isGated: boolean;
  /** Whoever took its gate has said so. */
  isReleased = false;
  poolSize = 0;
  readonly #slots = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  /** Of extra connections and further pools, as read at its start, by server. */
  readonly #slotsBeside = new Map<string, number>();
  annotation: string | undefined;
  resized: string | undefined;
  login: Login | undefined;
  /** Of its network, from its start on; `address` once it is shown. */
  ownAddress: string | undefined;
  /** What it waits for: to start, to get more sessions, to end. */
  cancelTimer: (() => void) | undefined;

  constructor(parts: PodParts) {
    this.parts = parts;
    this.annotation = parts.annotation;
    this.isGated = parts.gated === true;
    this.key = `${parts.namespace}/${parts.name}`;
  }

  get workload(): string {
    return this.parts.workload;
  }

  get workloadUid(): string {
    return this.parts.workloadUid;
  }

  get node(): string {
    return this.parts.node;
  }

  get createdAtMs(): number {
    return this.parts.createdAtMs;
  }

  get revision(): string {
    return this.parts.revision;
  }

  get servers(): readonly string[] {
    return serversOf(this.parts.pools);
  }

  get slots(): number {
    return this.slotsOn(this.parts.pools.server ?? "");
  }

  slotsOn(server: string): number {
    return this.#slots.get(server) ?? 0;
  }

  get sessions(): number {
    return [...this.#sessions.values()].reduce((sum, count) => sum + count, 0);
  }

  sessionsOn(server: string): number {
    return this.#sessions.get(server) ?? 0;
  }

  holdSessions(server: string, count: number): void {
    this.#sessions.set(server, count);
  }

  /** Reads its size from the environment that a process gets now. */
  readSize(lookUp: LookUp): void {
    const { pools, containers, namespace } = this.parts;
    const app = containers.find(({ name }) => name === appContainer);
    const own = app && withOwnSize(app, this.annotation);
    this.poolSize = poolSizeIn(own, pools, (reference) => lookUp(namespace, reference));
    const valueOf = (reference: Parameters<LookUp>[1]): string | undefined =>
      lookUp(namespace, reference);
    for (const name of this.servers) {
      this.#slotsBeside.set(name, slotsBesideIn(own, pools, valueOf, name));
    }
    this.#countSlots();
  }

  /** Another size stands in its annotation from now on. */
  tell(poolSize: string, resized: string): void {
    this.annotation = poolSize;
    this.resized = resized;
    this.#countSlots();
  }

  /** Its process has read what it is told. */
  follow(): void {
    this.poolSize = Number(this.annotation);
    this.#countSlots();
  }

  /** What its process may hold: its size, or a larger one that it may read at any moment. */
  #countSlots(): void {
    const told = this.parts.live === true ? Number(this.annotation) : 0;
    const poolSize = Math.max(this.poolSize, told);
    for (const name of this.servers) this.#slots.set(name, this.#slotsAt(poolSize, name));
  }

  /** What its process opens there, which is less while it has not read a larger size. */
  wantedOn(server: string): number {
    return this.#slotsAt(this.poolSize, server);
  }

  #slotsAt(poolSize: number, server: string): number {
    if (this.finished || this.isGated) return 0;
    const { pools } = this.parts;
    return poolSize * processesOn(server, pools) + (this.#slotsBeside.get(server) ?? 0);
  }

  /** What the caches see; the resourceVersion is the API server's. */
  observed(): ObservedPod {
    const { uid, workload, ownerUid, revision, createdAtMs, containers } = this.parts;
    const { furtherAnnotations } = this.parts;
    return {
      key: this.key,
      uid,
      resourceVersion: "",
      workload,
      ownerUid,
      addresses: this.address === undefined ? [] : [this.address],
      nodeAddresses: [nodeAddressOf(this.parts.node)],
      revision,
      // The API server speaks of whole seconds.
      createdAtMs: Math.floor(createdAtMs / 1_000) * 1_000,
      terminating: this.terminating,
      finished: this.finished,
      ...(this.parts.labels && { labels: this.parts.labels }),
      ...(this.ready ? {} : { unready: true }),
      containers,
      poolSizeAnnotation: this.annotation,
      ...(furtherAnnotations && { furtherPoolSizes: furtherAnnotations }),
      ...(this.parts.live === true && { live: true }),
      ...(this.resized !== undefined && { resized: this.resized }),
      ...(this.isGated && { gate: { place: 0 } }),
      ...(this.isReleased && { released: true }),
    };
  }
}

/** `172.16.0.3` of `node-3`. */
export function nodeAddressOf(node: string): string {
  return `172.16.0.${node.slice(node.lastIndexOf("-") + 1)}`;
}
