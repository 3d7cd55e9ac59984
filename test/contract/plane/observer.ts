// Follows one plane as the operator's caches do, and keeps what cannot be seen afterwards: the most
// pods of a workload that were ever there at once, and the fewest and most that did not terminate.
// Every event is one state of the API server, so nothing between two of them is missed.

import type {
  ObservedObject,
  ObservedPod,
  ObservedReplicaSet,
  ObservedWorkload,
} from "../../../src/observed.ts";
import type { ListWatch } from "../../../src/ports.ts";
import type { Plane, PlaneWorkload } from "./plane.ts";

/** Pods of a workload, at some moment or as an extreme over time. */
export interface Census {
  readonly total: number;
  readonly live: number;
}

interface Extremes {
  total: number;
  liveMost: number;
  liveLeast: number;
  /** The most revisions that had a pod at once, terminating ones included. */
  revisions: number;
}

export class PlaneObserver {
  readonly #plane: Plane;
  readonly #stopping = new AbortController();
  readonly #pods = new Map<string, ObservedPod>();
  readonly #sets = new Map<string, ObservedReplicaSet>();
  readonly #workloads = new Map<string, ObservedWorkload>();
  readonly #extremes = new Map<string, Extremes>();
  readonly #running: Promise<void>[] = [];

  private constructor(plane: Plane) {
    this.#plane = plane;
  }

  /** Of a plane that is opened for it, and closed with it. */
  static async open(openPlane: () => Promise<Plane>): Promise<PlaneObserver> {
    const observer = new PlaneObserver(await openPlane());
    observer.#start();
    return observer;
  }

  get plane(): Plane {
    return this.#plane;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    await this.#plane.close();
  }

  /** Creates the workload; resolves once it is at rest, and its extremes are forgotten. */
  async settle(workload: PlaneWorkload): Promise<void> {
    const { name } = workload;
    await this.#plane.create(workload);
    await this.#plane.until("it to be seen", () => this.workload(name) !== undefined);
    await this.untilSettled(name);
    this.forget(name);
  }

  #start(): void {
    const { sources, namespace } = this.#plane;
    const { signal } = this.#stopping;
    const after = (pod: ObservedPod): void => {
      this.#note(pod);
    };
    this.#running.push(
      follow(sources.pods(namespace), this.#pods, { signal, after }),
      follow(sources.replicaSets(namespace), this.#sets, { signal }),
      follow(sources.Deployment(namespace), this.#workloads, { signal }),
      follow(sources.StatefulSet(namespace), this.#workloads, { signal }),
    );
  }

  workload(name: string): ObservedWorkload | undefined {
    return this.#workloads.get(`${this.#plane.namespace}/${name}`);
  }

  podsOf(name: string): readonly ObservedPod[] {
    return [...this.#pods.values()].filter(({ workload }) => workload?.split("/")[2] === name);
  }

  livePodsOf(name: string): readonly ObservedPod[] {
    return this.podsOf(name).filter(({ terminating }) => !terminating);
  }

  /** Live pods by revision, the largest number first. */
  liveByRevision(name: string): readonly number[] {
    const counts = new Map<string, number>();
    for (const { revision } of this.livePodsOf(name)) {
      counts.set(revision, (counts.get(revision) ?? 0) + 1);
    }
    return [...counts.values()].sort((a, b) => b - a);
  }

  census(name: string): Census {
    return { total: this.podsOf(name).length, live: this.livePodsOf(name).length };
  }

  /** Revision and number of the newest ReplicaSet. */
  newestSet(name: string): ObservedReplicaSet | undefined {
    const sets = [...this.#sets.values()].filter(
      ({ workload }) => workload?.split("/")[2] === name,
    );
    return sets.sort((a, b) => b.revisionNumber - a.revisionNumber)[0];
  }

  /** Extremes since the last call of `forget`. */
  extremes(name: string): Readonly<Extremes> {
    return this.#extremes.get(name) ?? this.#now(name);
  }

  forget(name: string): void {
    this.#extremes.set(name, this.#now(name));
  }

  /** All pods are there, of the newest revision, have an address, and none terminates. */
  isSettled(name: string): boolean {
    return this.#isRolledOut(name) && this.podsOf(name).every(({ terminating }) => !terminating);
  }

  /** Waits for what was written last, not for what the watch has brought so far. */
  async untilSettled(name: string): Promise<void> {
    await this.#untilSeen(name);
    await this.#plane.until(`${name} to be settled`, () => this.isSettled(name));
  }

  /** Every live pod is of one revision, and they are all there; old ones may still end. */
  async untilRolledOut(name: string): Promise<void> {
    await this.#untilSeen(name);
    await this.#plane.until(`${name} to be rolled out`, () => this.#isRolledOut(name));
  }

  async #untilSeen(name: string): Promise<void> {
    const { cluster, namespace } = this.#plane;
    const kind = this.workload(name)?.kind ?? "Deployment";
    const outcome = await cluster.readWorkload(`${namespace}/${kind}/${name}`);
    if (outcome.kind !== "ok") return;
    const { generation, uid } = outcome.value;
    await this.#plane.until(`${name} to be seen`, () => {
      const workload = this.workload(name);
      return workload?.uid === uid && workload.generation >= generation;
    });
  }

  #isRolledOut(name: string): boolean {
    const workload = this.workload(name);
    const live = this.livePodsOf(name);
    return (
      workload !== undefined &&
      workload.observedGeneration === workload.generation &&
      workload.updatedReplicas === workload.replicas &&
      live.length === workload.replicas &&
      live.every(({ addresses }) => addresses.length > 0)
    );
  }

  #note(pod: ObservedPod): void {
    const name = pod.workload?.split("/")[2] ?? "";
    const now = this.#now(name);
    const before = this.#extremes.get(name) ?? now;
    this.#extremes.set(name, {
      total: Math.max(before.total, now.total),
      liveMost: Math.max(before.liveMost, now.liveMost),
      liveLeast: Math.min(before.liveLeast, now.liveLeast),
      revisions: Math.max(before.revisions, now.revisions),
    });
  }

  #now(name: string): Extremes {
    const { total, live } = this.census(name);
    const revisions = new Set(this.podsOf(name).map(({ revision }) => revision)).size;
    return { total, liveMost: live, liveLeast: live, revisions };
  }
}

interface Following<T> {
  readonly signal: AbortSignal;
  /** Called after each change, with the object that came, changed or went. */
  readonly after?: (object: T) => void;
}

async function follow<T extends ObservedObject>(
  source: ListWatch<T>,
  objects: Map<string, T>,
  { signal, after }: Following<T>,
): Promise<void> {
  while (!signal.aborted) {
    // A plane that is restarted breaks the watch: then everything is listed anew.
    await listAndWatch(source, objects, { signal, ...(after ? { after } : {}) }).catch(
      () => undefined,
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function listAndWatch<T extends ObservedObject>(
  source: ListWatch<T>,
  objects: Map<string, T>,
  { signal, after }: Following<T>,
): Promise<void> {
  let position = "";
  for await (const page of source.list(signal)) {
    for (const object of page.objects) {
      objects.set(object.key, object);
      after?.(object);
    }
    position = page.resourceVersion;
  }
  for await (const event of source.watch(position, signal)) {
    if (event.type === "set") {
      objects.set(event.object.key, event.object);
      after?.(event.object);
    } else if (event.type === "delete") {
      const gone = objects.get(event.key);
      objects.delete(event.key);
      if (gone) after?.(gone);
    }
  }
}
