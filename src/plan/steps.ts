// What happens once manifests are applied to a fleet that runs, in order: what applying does by
// itself, then each size that the operator publishes and each workload that it rolls. And the worst
// moment on the way: pods that start at once have the sizes of before.

import { mainPool, poolIn, readWorkloadKey } from "../api/keys.ts";
import type { Plan } from "../domain/decide/plan.ts";
import { type PoolPlan, poolsHere } from "../domain/decide/pool-plan.ts";
import { heldSlots } from "../domain/demand/position.ts";
import { surgeSlots } from "../domain/demand/rollout-surge.ts";
import { rowOf } from "../domain/explain/rows.ts";
import type { PoolKey, ServerKey, WorkloadKey } from "../domain/facts/facts.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type { Guarding } from "./disruption-budgets.ts";
import type { Applied, Start } from "./over-live.ts";

export interface Step extends Pick<Applied, "object" | "message"> {
  /** Who does it: whoever applies the manifests, or the operator because of it. */
  readonly by: "apply" | "operator";
}

/** Pods that hold more slots than the budget has, on the way, because of what is applied. */
export interface Peak {
  readonly server: ServerKey;
  readonly slots: number;
  readonly budget: number;
  /** After how many steps it is over; undefined: not at all. */
  readonly untilStep: number | undefined;
  /** What starts pods there, as `Deployment shop/web`. */
  readonly starts: readonly { readonly object: string; readonly how: Start }[];
  /** Rollouts at once that the server has room for. */
  readonly rolloutsMax: number;
}

export class StepRecord {
  readonly steps: Step[] = [];
  readonly #sizes = new Map<PoolKey, number>();
  readonly #peaks = new Map<ServerKey, Peak>();
  /** Sizes of running pods before, where they are resized while they run. */
  readonly #live = new Map<PoolKey, string>();

  /** By workload: what applying does to its pods. */
  readonly #starts = new Map<WorkloadKey, Set<Start>>();
  /** What pods held before. */
  readonly #heldBefore = new Map<ServerKey, number>();
  #evicting:
    | { readonly key: WorkloadKey; readonly pods: number; readonly step: Step | undefined }
    | undefined;
  /** Servers whose first decision has been told: the rollouts that were applied are over then. */
  readonly #begun = new Set<ServerKey>();

  readonly #guarding: Guarding;

  constructor(guarding: Guarding) {
    this.#guarding = guarding;
  }

  /** With the sizes that a fleet has at rest. */
  startFrom(before: ReadonlyMap<ServerKey, Plan>): void {
    for (const plan of before.values()) {
      this.#heldBefore.set(plan.server, heldIn(plan));
      for (const pool of poolsHere(plan)) {
        this.#sizes.set(keyOf(pool), sizeIn(plan, pool));
        const live = liveIn(plan, pool);
        if (live !== undefined) this.#live.set(keyOf(pool), live);
      }
    }
  }

  applied(changes: readonly Applied[]): void {
    this.steps.push(
      ...changes.map(({ object, message }): Step => ({ by: "apply", object, message })),
    );
    for (const { starts = [] } of changes) for (const one of starts) this.starts(...one);
  }

  starts(key: WorkloadKey, how: Start): void {
    const known = this.#starts.get(key) ?? new Set();
    this.#starts.set(key, known.add(how));
  }

  decided(plan: Plan): void {
    this.#notePeak(plan);
    for (const pool of poolsHere(plan)) this.#noteSize(plan, pool);
    const evicted = plan.rolls.eviction?.wish.position.workload;
    if (evicted) this.#noteEviction(evicted.key);
    const roll = plan.rolls.roll?.position;
    if (!roll) return;
    const { key, pods } = roll.workload;
    this.#operatorDoes(
      key,
      `is rolled: ${sayCount(pods.length, "pod")} replaced by pods of that size`,
    );
  }

  /** Running pods are resized many times on the way: how it ends is told. */
  settled(plans: Iterable<Plan>): void {
    for (const plan of plans) for (const pool of poolsHere(plan)) this.#noteLive(plan, pool);
  }

  #noteLive(plan: Plan, pool: PoolPlan): void {
    const [now, before] = [liveIn(plan, pool), this.#live.get(keyOf(pool))];
    if (now === undefined || before === undefined || now === before) return;
    const message = `running pods are resized to ${now}, before ${before}`;
    this.#operatorDoes(pool.position.workload.key, message);
  }

  peaks(): readonly Peak[] {
    return [...this.#peaks.values()];
  }

  #noteSize(plan: Plan, pool: PoolPlan): void {
    const [key, size] = [keyOf(pool), sizeIn(plan, pool)];
    const before = this.#sizes.get(key);
    this.#sizes.set(key, size);
    if (before === size || !pool.position.managed) return;
    const from = before === undefined ? "" : `, before ${before}`;
    const name = poolIn(key) ?? mainPool;
    const which = name === mainPool ? "" : ` of ${name}`;
    this.#operatorDoes(
      pool.position.workload.key,
      `next pods get a pool size${which} of ${size}${from}`,
    );
  }

  /** Those of one workload, one after the other, are one step. */
  #noteEviction(key: WorkloadKey): void {
    const goesOn = this.#evicting?.key === key && this.#evicting.step === this.steps.at(-1);
    const pods = goesOn ? (this.#evicting?.pods ?? 0) + 1 : 1;
    if (goesOn) this.steps.pop();
    const how = pods === 1 ? "" : " one by one";
    const what = `${sayCount(pods, "pod")} evicted${how}, for pods of that size`;
    this.#operatorDoes(key, `${what}${this.#guarding(key)}`);
    this.#evicting = { key, pods, step: this.steps.at(-1) };
  }

  #operatorDoes(key: WorkloadKey, message: string): void {
    const { namespace, kind, name } = readWorkloadKey(key);
    this.steps.push({ by: "operator", object: `${kind} ${namespace}/${name}`, message });
  }

  /** What pods hold now, not what is kept for more of them. */
  #notePeak(plan: Plan): void {
    const { server, pools, budgetSlots: budget } = plan;
    if (budget === undefined) return;
    const started = pools.filter(({ position }) => this.#starts.has(position.workload.key));
    const isFirst = !this.#begun.has(server);
    this.#begun.add(server);
    const held = heldIn(plan) + (isFirst ? this.#surgeOf(started) : 0);
    const known = this.#peaks.get(server);
    if (started.length > 0 && held > Math.max(budget, this.#heldBefore.get(server) ?? 0)) {
      this.#peaks.set(server, this.#peakOf(plan, { held, budget, started }));
    } else if (known && known.untilStep === undefined) {
      this.#peaks.set(server, { ...known, untilStep: this.steps.length });
    }
  }

  #peakOf(
    { server, capacity }: Plan,
    now: { readonly held: number; readonly budget: number; readonly started: readonly PoolPlan[] },
  ): Peak {
    const { held, budget, started } = now;
    const known = this.#peaks.get(server);
    return {
      ...{ server, slots: Math.max(held, known?.slots ?? 0), budget, untilStep: undefined },
      starts: known?.starts ?? this.#startsOf(started),
      rolloutsMax: capacity?.rolloutsMax ?? 0,
    };
  }

  /** What new pods of the rollouts that were applied hold beside the old ones. */
  #surgeOf(started: readonly PoolPlan[]): number {
    return started
      .filter(({ position }) => this.#starts.get(position.workload.key)?.has("rolled"))
      .reduce((sum, { position }) => sum + surgeSlots(position), 0);
  }

  #startsOf(started: readonly PoolPlan[]): Peak["starts"] {
    const keys = new Set(started.map(({ position }) => position.workload.key));
    return [...keys].flatMap((key) => {
      const { namespace, kind, name } = readWorkloadKey(key);
      const object = `${kind} ${namespace}/${name}`;
      return [...(this.#starts.get(key) ?? [])].map((how) => ({ object, how }));
    });
  }
}

function heldIn({ pools }: Plan): number {
  return pools.reduce((sum, { position }) => sum + heldSlots(position), 0);
}

function keyOf({ position }: PoolPlan): PoolKey {
  return position.pool.poolKey;
}

/** `8`, or `8-9`. */
function liveIn(plan: Plan, pool: PoolPlan): string | undefined {
  const { least, most } = rowOf(plan, pool).live ?? {};
  if (least === undefined || most === undefined) return undefined;
  return least === most ? String(least) : `${least}-${most}`;
}

function sizeIn(plan: Plan, pool: PoolPlan): number {
  return rowOf(plan, pool).poolSize;
}
