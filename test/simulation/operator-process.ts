// One operator process in the simulation: the production operator, whole, on a clock and a network
// of its own. It can be killed between any two calls, stopped and continued as by SIGSTOP and
// SIGCONT, and have its clock set.

import type { ClientsAtWork } from "../../src/domain/facts/facts.ts";
import { assembleOperator, type Operator } from "../../src/operator.ts";
import type { Metrics, Random } from "../../src/ports.ts";
import type { Surroundings } from "../../src/operator.ts";
import type { Log } from "../../src/ports.ts";
import { ProcessClock } from "../support/process-clock.ts";
import { type Conditions, Network } from "./network.ts";
import type { SimulatedTime } from "./time.ts";

export interface OperatorProcessParts {
  readonly name: string;
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly conditions: Conditions;
  readonly surroundings: Surroundings;
  readonly settings: OperatorSettings;
  readonly log: Log;
  /** It ended by itself, or was killed. */
  readonly onEnd: () => void;
}

export interface OperatorSettings {
  readonly databaseIntervalMs: number;
  readonly settleTimeMs: number;
  readonly admissionWarmUpMs: number;
  readonly mayResize?: boolean;
}

/** What the operator knew when a decision on a server began. */
export interface Knowledge {
  readonly clusterUntilMs: number;
  /** By server: when its last good reading began; undefined where the latest has failed. */
  readonly reads: ReadonlyMap<string, number | undefined>;
}

export class OperatorProcess {
  readonly #parts: OperatorProcessParts;
  readonly #clock: ProcessClock;
  readonly #network: Network;
  readonly #operator: Operator;
  #callsToLive: number | undefined;
  /** By server: a decision on one of them says nothing of what another was made from. */
  readonly #knowledge = new Map<string, Knowledge>();

  constructor(parts: OperatorProcessParts) {
    this.#parts = parts;
    const { time, random, conditions, log, settings } = parts;
    this.#clock = new ProcessClock(time);
    this.#network = new Network({ clock: time, random, conditions, process: this });
    this.#operator = assembleOperator(
      {
        config: { namespaces: [], ...settings },
        clock: this.#clock,
        random,
        log: this.#noting(log),
        metrics: noMetrics,
      },
      this.#network.wrap(parts.surroundings),
    );
  }

  /**
   * Of its latest decision on the server, which the process may have made under the key of the one
   * that the server is tied to in truth, or under its own: it may not know of a tie, or of its end.
   */
  knowledgeOf(server: string, lead: string): Knowledge {
    const found = [lead, server].flatMap((key) => this.#knowledge.get(key) ?? []);
    const nothing: Knowledge = { clusterUntilMs: -Infinity, reads: new Map() };
    return found.reduce((a, b) => (b.clusterUntilMs > a.clusterUntilMs ? b : a), nothing);
  }

  get isAlive(): boolean {
    return this.#clock.isAlive;
  }

  start(): void {
    for (const part of this.#operator.parts) void part.start?.();
  }

  tellWork(server: string, clients: readonly ClientsAtWork[]): void {
    this.#operator.looks.note(server, clients);
  }

  kill(): void {
    if (!this.isAlive) return;
    this.#clock.kill();
    this.#parts.onEnd();
  }

  /** Dies between two calls, `calls` boundaries from now. */
  killAtCall(calls: number): void {
    this.#callsToLive = calls;
  }

  stop(): void {
    this.#clock.stop();
  }

  resume(): void {
    this.#clock.resume();
  }

  jumpClock(byMs: number): void {
    this.#clock.skewMs += byMs;
  }

  awake(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.whenAwake(resolve);
    });
  }

  async passCallBoundary(): Promise<void> {
    if (this.#callsToLive !== undefined && this.#callsToLive-- <= 0) this.kill();
    await this.awake();
  }

  /** Each run of a controller has a log of its own, made before it looks at anything. */
  #noting(log: Log): Log {
    return {
      ...log,
      child: (fields) => {
        const { controller, key } = fields as { readonly controller?: string; key?: string };
        if (controller === "server" && key !== undefined) this.#knowledge.set(key, this.#look());
        return this.#noting(log);
      },
    };
  }

  #look(): Knowledge {
    const { heardUntilMs, reads } = this.#network;
    return { clusterUntilMs: heardUntilMs, reads: new Map(reads) };
  }
}

const noMetrics: Metrics = {
  count: () => undefined,
  gauge: () => undefined,
  reset: () => undefined,
  forgetServer: () => undefined,
  observe: () => undefined,
};
