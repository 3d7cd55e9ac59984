// Takes keys from a queue and reconciles them, one run per key at a time. Whatever a reconcile
// throws ends here: it is counted, told once, and tried again with growing delays; nothing it does
// can end the loop.

import { OperatorError } from "../errors.ts";
import type { Clock, Log, Metrics, Random } from "../ports.ts";
import type { Backoff } from "./backoff.ts";
import type { Result } from "./result.ts";
import type { WorkQueue } from "./work-queue.ts";

export interface ReconcileContext {
  /** Carries the controller, the key and the id of this run. */
  readonly log: Log;
  /** Aborted when the process is asked to end: finish the write in hand and begin no other. */
  readonly signal: AbortSignal;
}

export type Reconcile = (key: string, context: ReconcileContext) => Promise<Result>;

export interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconcile: Reconcile;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "count">;
  /** Keys worked on at the same time. Default: 1. */
  readonly workers?: number;
}

export interface Heartbeat {
  /** When a worker was last seen waiting for work or ending a run, by the monotonic clock. */
  readonly lastAliveMs: number;
  /** Age of the longest run under way; 0 if none is. */
  readonly longestRunningMs: number;
}

export class Controller {
  readonly #options: ControllerOptions;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, number>();
  #workers: Promise<void>[] = [];
  #idleWorkers = 0;
  #lastAliveMs: number;

  /** Of what is worked on, for metrics. */
  get name(): string {
    return this.#options.name;
  }

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#lastAliveMs = options.clock.monotonicMs();
  }

  /** Begins to work; a second call does nothing. */
  start(): void {
    if (this.#workers.length > 0) return;
    const count = this.#options.workers ?? 1;
    this.#workers = Array.from({ length: count }, () => this.#work());
  }

  /** Closes the queue and resolves when the runs under way have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#options.queue.close();
    await Promise.all(this.#workers);
  }

  heartbeat(): Heartbeat {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#idleWorkers > 0) this.#lastAliveMs = nowMs;
    const begun = Math.min(nowMs, ...this.#running.values());
    return { lastAliveMs: this.#lastAliveMs, longestRunningMs: nowMs - begun };
  }

  async #work(): Promise<void> {
    for (;;) {
      this.#idleWorkers++;
      const key = await this.#options.queue.take();
      this.#idleWorkers--;
      if (key === undefined) return;
      this.#running.set(key, this.#options.clock.monotonicMs());
      await this.#run(key);
      this.#lastAliveMs = this.#options.clock.monotonicMs();
    }
  }

  async #run(key: string): Promise<void> {
    const { queue, reconcile, backoff } = this.#options;
    const reconcileId = Math.floor(this.#options.random.next() * 2 ** 32).toString(16);
    const log = this.#options.log.child({ controller: this.#options.name, key, reconcileId });
    try {
      const result = await reconcile(key, { log, signal: this.#stopping.signal });
      backoff.reset(key);
      this.#count(result.kind);
      if (result.kind === "after") queue.addAfter(key, result.delayMs);
    } catch (error) {
      this.#fail(key, log, error);
    } finally {
      // First: finish may hand the key to another worker at once, whose run is to be seen.
      this.#running.delete(key);
      queue.finish(key);
    }
  }

  #fail(key: string, log: Log, error: unknown): void {
    const { queue, backoff } = this.#options;
    const code = error instanceof OperatorError ? error.code : "UNEXPECTED";
    this.#count(code);
    const retryInMs = retryDelayMs(error, backoff.nextMs(key));
    const fields = { error, code, attempts: backoff.failures(key), retryInMs };
    if (isOurFault(code)) log.error(fields, "reconcile failed: a fault of the operator");
    else log.warn(fields, "reconcile failed");
    if (retryInMs !== undefined) queue.addAfter(key, retryInMs);
  }

  #count(result: string): void {
    const { name: controller, metrics } = this.#options;
    metrics.count("poolwarden_reconcile_total", { controller, result });
  }
}

function isOurFault(code: string): boolean {
  return code === "UNEXPECTED" || code === "INVARIANT_VIOLATED";
}

/** Undefined: not again until something changes. */
function retryDelayMs(error: unknown, backoffMs: number): number | undefined {
  const retry = error instanceof OperatorError ? error.retry : "backoff";
  if (retry === "never") return undefined;
  return retry === "backoff" ? backoffMs : Math.max(retry.afterMs, backoffMs);
}
