// What happens once manifests are applied to a fleet that runs, in order: what applying does by
// itself, then each size that the operator publishes and each workload that it rolls. And the worst
// moment on the way: pods that start at once have the sizes of before.

import { mainPool, poolIn, readWorkloadKey } from "../api/keys.ts";
import type { Plan } from "../domain/decide/plan.ts";
import { type PoolPlan, poolsHere } from "../domain/decide/pool-plan.ts";
import { heldSlots } from "../domain/demand/position.ts";
import { rowOf } from "../domain/explain/rows.ts";
import type { PoolKey, ServerKey, WorkloadKey } from "../domain/facts/facts.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type { Applied } from "./over-live.ts";

export interface Step extends Applied {
  /** Who does it: whoever applies the manifests, or the operator because of it. */
  readonly by: "apply" | "operator";
}

/** Pods that hold more slots than the budget has, on the way. */
export interface Peak {
  readonly server: ServerKey;
  readonly slots: number;
  readonly budget: number;
  /** After how many steps it is over; undefined: not at all. */
  readonly untilStep: number | undefined;
}

export class StepRecord {
  readonly steps: Step[] = [];
  readonly #sizes = new Map<PoolKey, number>();
  readonly #peaks = new Map<ServerKey, Peak>();

  /** With the sizes that a fleet has at rest. */
  startFrom(before: ReadonlyMap<ServerKey, Plan>): void {
    for (const plan of before.values()) {
      for (const pool of poolsHere(plan)) this.#sizes.set(keyOf(pool), sizeIn(plan, pool));
    }
  }

  applied(changes: readonly Applied[]): void {
    this.steps.push(...changes.map((one): Step => ({ by: "apply", ...one })));
  }

  decided(plan: Plan): void {
    this.#notePeak(plan);
    for (const pool of poolsHere(plan)) this.#noteSize(plan, pool);
    const roll = plan.rolls.roll?.position;
    if (!roll) return;
    const { key, pods } = roll.workload;
    this.#operatorDoes(
      key,
      `is rolled: ${sayCount(pods.length, "pod")} replaced by pods of that size`,
    );
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

  #operatorDoes(key: WorkloadKey, message: string): void {
    const { namespace, kind, name } = readWorkloadKey(key);
    this.steps.push({ by: "operator", object: `${kind} ${namespace}/${name}`, message });
  }

  /** What pods hold now, not what is kept for more of them. */
  #notePeak({ server, pools, budgetSlots: budget }: Plan): void {
    if (budget === undefined) return;
    const held = pools
      .map(({ position }) => heldSlots(position))
      .reduce((sum, one) => sum + one, 0);
    const known = this.#peaks.get(server);
    if (held > budget) {
      const slots = Math.max(held, known?.slots ?? 0);
      this.#peaks.set(server, { server, slots, budget, untilStep: undefined });
    } else if (known && known.untilStep === undefined) {
      this.#peaks.set(server, { ...known, untilStep: this.steps.length });
    }
  }
}

function keyOf({ position }: PoolPlan): PoolKey {
  return position.pool.poolKey;
}

function sizeIn(plan: Plan, pool: PoolPlan): number {
  return rowOf(plan, pool).poolSize;
}
