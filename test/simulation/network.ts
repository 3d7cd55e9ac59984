// What stands between one operator and the world: latency, watches that lag, break, and say things
// twice, requests that are refused, and requests whose answer is lost although they were carried
// out. The operator's ports are wrapped; neither the operator nor the world knows. It also knows
// how far the operator has heard, which is what it can be blamed for.

import { byKind } from "../../src/api/workload-kinds.ts";
import { OperatorError } from "../../src/errors.ts";
import type { ObservedObject } from "../../src/observed.ts";
import type {
  Clock,
  Cluster,
  Database,
  Lease,
  ListWatch,
  Outcome,
  Random,
  WatchEvent,
} from "../../src/ports.ts";
import type { Surroundings } from "../../src/operator.ts";
import { draw, EventLine, type Range } from "./event-line.ts";

/** How bad it is at the moment. Rates are chances per request, or per event. */
export interface Conditions {
  latencyMs: Range;
  watchLagMs: Range;
  isApiServerDown: boolean;
  isDatabaseCut: boolean;
  /** Refused with 429 or 500 before anything was done. */
  refusalRate: number;
  /** Done, and nobody says so. */
  lostAnswerRate: number;
  duplicateRate: number;
  /** Chance per event that the watch breaks before it. */
  breakRate: number;
}

export const calm: Conditions = {
  latencyMs: [1, 5],
  watchLagMs: [1, 20],
  isApiServerDown: false,
  isDatabaseCut: false,
  refusalRate: 0,
  lostAnswerRate: 0,
  duplicateRate: 0,
  breakRate: 0,
};

/** A request without an answer is given up after this time, as in the adapters. */
const requestTimeoutMs = 10_000;

/** The process at the operator's end: it may be asleep, or dead. */
export interface Process {
  /** Resolves when the process runs; never if it was killed. */
  awake(): Promise<void>;
  /** Between two calls: where a process may die. */
  passCallBoundary(): Promise<void>;
}

export interface NetworkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly conditions: Conditions;
  readonly process: Process;
}

export class Network {
  readonly #parts: NetworkParts;
  /** For each watched kind: the moment up to which everything was heard. */
  readonly #heard = new Map<string, () => number>();
  /** When the last good reading of each database began; undefined while the latest has failed. */
  readonly reads = new Map<string, number | undefined>();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** Up to when the operator has heard of everything that happened in the cluster. */
  get heardUntilMs(): number {
    return [...this.#heard.values()].reduce((least, one) => Math.min(least, one()), Infinity);
  }

  wrap({ sources, cluster, database, election }: Surroundings): Surroundings {
    return {
      election: election && { ...election, lease: this.#lease(election.lease) },
      sources: {
        policies: (n) => this.#listWatch("policies", sources.policies(n)),
        ...byKind((kind) => (n) => this.#listWatch(kind, sources[kind](n))),
        pods: (n) => this.#listWatch("pods", sources.pods(n)),
        replicaSets: (n) => this.#listWatch("replicaSets", sources.replicaSets(n)),
        autoscalers: (n) => this.#listWatch("autoscalers", sources.autoscalers(n)),
        admissionPolicies: (n) =>
          this.#listWatch("admissionPolicies", sources.admissionPolicies(n)),
        admissionBindings: (n) =>
          this.#listWatch("admissionBindings", sources.admissionBindings(n)),
        alertRules: sources.alertRules,
      },
      cluster: this.#cluster(cluster),
      database: this.#database(database),
    };
  }

  /** A request: what it does happens in the middle of its latency. */
  async call<T>(run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { conditions, process } = this.#parts;
    await process.passCallBoundary();
    await this.#delay(this.#draw(conditions.latencyMs) / 2);
    if (conditions.isApiServerDown || this.#happens(conditions.refusalRate)) {
      await process.awake();
      return { kind: "unavailable", message: "the API server does not answer" };
    }
    const outcome = await run();
    const isLost = this.#happens(conditions.lostAnswerRate);
    await this.#delay(isLost ? requestTimeoutMs : this.#draw(conditions.latencyMs) / 2);
    await process.passCallBoundary();
    await process.awake();
    return isLost ? { kind: "unavailable", message: "no answer within 10 s" } : outcome;
  }

  #cluster(inner: Cluster): Cluster {
    return {
      ...inner,
      readData: (kind, namespace, name, keys) =>
        this.call(() => inner.readData(kind, namespace, name, keys)),
      readWorkload: (key) => this.call(() => inner.readWorkload(key)),
      apply: (manifest, options) => this.call(() => inner.apply(manifest, options)),
      remove: (manifest) => this.call(() => inner.remove(manifest)),
      writeStatus: (...write) => this.call(() => inner.writeStatus(...write)),
      release: (workload) => this.call(() => inner.release(workload)),
      evict: (pod) => this.call(() => inner.evict(pod)),
      resizePod: (...given) => this.call(() => inner.resizePod(...given)),
      releasePod: (...given) => this.call(() => inner.releasePod(...given)),
      createEvent: (event) => this.call(() => inner.createEvent(event)),
    };
  }

  #lease(inner: Lease): Lease {
    return {
      read: () => this.call(() => inner.read()),
      create: (record) => this.call(() => inner.create(record)),
      replace: (stored, record) => this.call(() => inner.replace(stored, record)),
    };
  }

  #database(inner: Database): Database {
    return {
      read: async (target) => {
        const { conditions, process, clock } = this.#parts;
        const beganMs = clock.nowMs();
        await this.#delay(this.#draw(conditions.latencyMs));
        const outcome = conditions.isDatabaseCut
          ? ({ kind: "failed", reason: "DatabaseTimeout", message: "no answer" } as const)
          : await inner.read(target);
        await process.awake();
        this.reads.set(target.server, outcome.kind === "read" ? beganMs : undefined);
        return outcome;
      },
      forget: (server) => inner.forget(server),
      close: () => inner.close(),
    };
  }

  #listWatch<T extends ObservedObject>(kind: string, inner: ListWatch<T>): ListWatch<T> {
    this.#heard.set(kind, () => -Infinity);
    return {
      list: (signal) => this.#list(kind, inner, signal),
      watch: (position, signal) => this.#watch(kind, inner, { position, signal }),
    };
  }

  async *#list<T extends ObservedObject>(
    kind: string,
    inner: ListWatch<T>,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly objects: readonly T[]; readonly resourceVersion: string }> {
    const { conditions, process, clock } = this.#parts;
    await this.#delay(this.#draw(conditions.latencyMs));
    this.#throwIfDown();
    for await (const page of inner.list(signal)) {
      const readMs = clock.nowMs();
      await this.#delay(this.#draw(conditions.latencyMs));
      await process.awake();
      yield page;
      this.#heard.set(kind, () => readMs);
    }
  }

  async *#watch<T extends ObservedObject>(
    kind: string,
    inner: ListWatch<T>,
    { position, signal }: { readonly position: string; readonly signal: AbortSignal },
  ): AsyncGenerator<WatchEvent<T>> {
    const { process, conditions } = this.#parts;
    this.#throwIfDown();
    const line = new EventLine<T>(this.#parts, signal, this.#heard.get(kind)?.() ?? -Infinity);
    line.fill((ended) => inner.watch(position, ended));
    this.#heard.set(kind, () => line.heardUntilMs);
    try {
      for await (const event of line.events()) {
        await process.awake();
        this.#throwIfDown();
        if (this.#happens(conditions.breakRate)) return;
        yield event;
        if (this.#happens(conditions.duplicateRate)) yield event;
      }
    } finally {
      const heardUntilMs = line.heardUntilMs;
      this.#heard.set(kind, () => heardUntilMs);
      line.close();
    }
  }

  #throwIfDown(): void {
    if (!this.#parts.conditions.isApiServerDown) return;
    throw new OperatorError("K8S_UNAVAILABLE", "the API server does not answer");
  }

  #delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.after(delayMs, resolve);
    });
  }

  #draw(range: Range): number {
    return draw(this.#parts.random, range);
  }

  #happens(rate: number): boolean {
    return rate > 0 && this.#parts.random.next() < rate;
  }
}
