// What is measured while a trace runs. Sums over time are exact where they can be had at every step
// (the slots that pods may hold), and by the second where every pod has to be looked at.

import { GateWaits } from "./gate-waits.ts";
import type { Restarts } from "./restarts.ts";
import { fleetLogin } from "../simulation/true-sessions.ts";
import type { WorldPod } from "../simulation/world/pod.ts";
import type { SimulatedPostgres } from "../simulation/world/postgres.ts";
import { type Scene, server } from "./scene.ts";
import { declaredBudget } from "./services.ts";

export interface Readings {
  /** Logins that PostgreSQL refused because its slots were taken, retries included. */
  readonly refusedLogins: number;
  /** Σ over time of what was asked of the server above its ordinary slots, in slots × seconds. */
  readonly aboveLimit: number;
  /** The same, only while the guarantees G1 and G2 were in force. */
  readonly aboveLimitPromised: number;
  /** Share of the time in which everything that might happen next would have fitted. */
  readonly safeShare: number;
  /** Pods that were replaced by rollouts which the way itself began. */
  readonly restarts: number;
  /** How often a running pod was told another size, or the same once more. */
  readonly resizes: number;
  /** How long each new pod waited at the start gate. */
  readonly gateWaitsMs: readonly number[];
  /** Mean over time of the pools of ready pods as a share of the budget. */
  readonly usableShare: number;
  /** Smallest pool that any ready pod ever had. */
  readonly smallestPool: number;
  /** The most that was ever asked of the server, in slots. */
  readonly peak: number;
  readonly series: readonly Point[];
}

export interface Point {
  readonly atMs: number;
  /** Most slots that pods and others asked for in the time since the point before. */
  readonly asked: number;
  /** Mean of the usable share in the same time. */
  readonly usableShare: number;
}

const sampleMs = 1_000;
/** The worst case is worked out that often. */
const accountMs = 30_000;
/** So many points make a line of a plot. */
const pointsMax = 120;

interface Seen {
  readonly workload: string;
  readonly revision: string;
  terminating: boolean;
  round: number;
}

export class Meter {
  readonly #scene: Scene;
  readonly #restarts: Restarts;
  readonly #gateWaits: GateWaits;
  readonly #pods = new Map<string, Seen>();
  readonly #series: Point[] = [];
  #round = 0;
  #durationMs = 0;
  #beganMs = 0;
  #lookedMs = 0;
  #refusedBefore = 0;
  #above = 0;
  #others = 0;
  #usableSum = 0;
  #aboveSum = 0;
  #abovePromisedSum = 0;
  #resizes = 0;
  #accounts = 0;
  #safe = 0;
  #smallestPool = Infinity;
  #peak = 0;
  #bucketPeak = 0;
  #bucketUsable = 0;
  #bucketSamples = 0;

  constructor(scene: Scene, restarts: Restarts) {
    this.#scene = scene;
    this.#restarts = restarts;
    this.#gateWaits = new GateWaits(scene);
    scene.watchWrites(({ verb }) => {
      if (verb === "resize") this.#resizes += 1;
    });
    this.#sample();
  }

  /** From here on it counts. */
  begin(durationMs: number): void {
    this.#durationMs = durationMs;
    this.#beganMs = this.#lookedMs = this.#scene.time.nowMs();
    this.#refusedBefore = this.#scene.world.database(server).refused;
    this.#restarts.forget();
    this.#gateWaits.begin();
    this.#resizes = 0;
    this.#usableSum = this.#aboveSum = this.#abovePromisedSum = 0;
    this.#smallestPool = Infinity;
    this.#bucketUsable = this.#bucketSamples = 0;
    this.#readPods();
    this.#peak = this.#bucketPeak = this.#scene.world.heldSlots(server) + this.#others;
    this.#account();
  }

  /** After every step: nothing has changed since the one before. */
  look(): void {
    const nowMs = this.#scene.time.nowMs();
    const tookMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    this.#aboveSum += this.#above * tookMs;
    if (this.#scene.judge.isPromised) this.#abovePromisedSum += this.#above * tookMs;
    const asked = this.#scene.world.heldSlots(server) + this.#others;
    this.#above = Math.max(0, asked - this.#scene.world.database(server).ordinary);
    this.#peak = Math.max(this.#peak, asked);
    this.#bucketPeak = Math.max(this.#bucketPeak, asked);
  }

  readings(): Readings {
    return {
      refusedLogins: this.#scene.world.database(server).refused - this.#refusedBefore,
      aboveLimit: Math.round(this.#aboveSum / 1_000),
      aboveLimitPromised: Math.round(this.#abovePromisedSum / 1_000),
      safeShare: this.#safe / this.#accounts,
      restarts: this.#restarts.count,
      resizes: this.#resizes,
      gateWaitsMs: this.#gateWaits.waitsMs,
      usableShare: (this.#usableSum * sampleMs) / this.#durationMs / declaredBudget,
      smallestPool: this.#smallestPool,
      peak: this.#peak,
      series: this.#series,
    };
  }

  #sample(): void {
    this.#readPods();
    this.#notePoint();
    this.#scene.time.after(sampleMs, () => {
      this.#sample();
    });
  }

  #notePoint(): void {
    const atMs = this.#scene.time.nowMs() - this.#beganMs;
    const due = (this.#series.length * this.#durationMs) / pointsMax;
    if (this.#durationMs === 0 || atMs < due) return;
    const usableShare = this.#bucketUsable / Math.max(1, this.#bucketSamples) / declaredBudget;
    this.#series.push({ atMs, asked: this.#bucketPeak, usableShare });
    this.#bucketPeak = this.#bucketUsable = this.#bucketSamples = 0;
  }

  /** Whether the line holds, by the simulation's own account of it. */
  #account(): void {
    const { exposure, budget } = this.#scene.judge.account().get(server) ?? {
      exposure: 0,
      budget: 0,
    };
    this.#accounts += 1;
    if (exposure <= budget) this.#safe += 1;
    this.#scene.time.after(accountMs, () => {
      this.#account();
    });
  }

  #readPods(): void {
    const database = this.#scene.world.database(server);
    this.#round += 1;
    let sessions = 0;
    let ready = 0;
    for (const pod of this.#scene.world.pods()) {
      sessions += sessionsOf(pod, database);
      this.#follow(pod);
      if (!pod.ready || pod.terminating) continue;
      // What its process uses: a live pod may be told another size, and have yet to follow.
      ready += pod.poolSize;
      this.#smallestPool = Math.min(this.#smallestPool, pod.poolSize);
    }
    this.#followGone();
    this.#gateWaits.look(this.#scene.world.pods());
    this.#others = database.total - sessions;
    // More than the server has left for them is not usable, whatever their sizes say.
    const left = Math.min(declaredBudget, database.ordinary - this.#others);
    const usable = Math.max(0, Math.min(ready, left));
    this.#usableSum += usable;
    this.#bucketUsable += usable;
    this.#bucketSamples += 1;
  }

  #follow({ key, workload, revision, terminating }: WorldPod): void {
    const seen = this.#pods.get(key) ?? { workload, revision, terminating: false, round: 0 };
    this.#pods.set(key, seen);
    seen.round = this.#round;
    if (!terminating || seen.terminating) return;
    seen.terminating = true;
    this.#restarts.notePodEnd(workload, revision);
  }

  #followGone(): void {
    for (const [key, { workload, revision, terminating, round }] of this.#pods) {
      if (round === this.#round) continue;
      if (!terminating) this.#restarts.notePodEnd(workload, revision);
      this.#pods.delete(key);
    }
  }
}

/** A pod of a lost node has sessions as long as it exists: those that the server still shows. */
function sessionsOf(
  { sessions, slots, address }: WorldPod,
  database: Pick<SimulatedPostgres, "countOf">,
): number {
  if (sessions >= slots || address === undefined) return sessions;
  return Math.max(sessions, Math.min(slots, database.countOf({ ...fleetLogin, address })));
}
