// What the deeds of a scenario work on: the world, the operators, the network between them, and the
// judge. Whatever a deed begins has an end, and all ends can be called at once: from then on
// everything is well again, and the fleet has to come to rest.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { FleetSetup, ScenarioEvent } from "./scenario.ts";
import { policyKey } from "./fleet.ts";
import type { Judge } from "./judge.ts";
import type { Conditions } from "./network.ts";
import type { Operators } from "./operators.ts";
import type { SimulatedTime } from "./time.ts";
import type { Truth } from "./truth.ts";
import type { World } from "./world/world.ts";

export interface StageParts {
  readonly time: SimulatedTime;
  readonly world: World;
  readonly truth: Truth;
  readonly judge: Judge;
  readonly operators: Operators;
  readonly conditions: Conditions;
  readonly fleet: FleetSetup;
}

export class Stage {
  readonly time: SimulatedTime;
  readonly world: World;
  readonly truth: Truth;
  readonly judge: Judge;
  readonly operators: Operators;
  readonly conditions: Conditions;
  readonly fleet: FleetSetup;
  /** What each policy says now; undefined while it is deleted. */
  readonly specs: object[];
  readonly #firstSpecs: readonly object[];
  readonly #ends = new Set<() => void>();

  constructor(parts: StageParts & { readonly specs: readonly object[] }) {
    this.time = parts.time;
    this.world = parts.world;
    this.truth = parts.truth;
    this.judge = parts.judge;
    this.operators = parts.operators;
    this.conditions = parts.conditions;
    this.fleet = parts.fleet;
    this.specs = [...parts.specs];
    this.#firstSpecs = parts.specs;
  }

  /** What the policy said at the start. */
  firstSpec(index: number): Readonly<Record<string, unknown>> {
    return (this.#firstSpecs[index] ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** Ends after forMs, or when everything ends. */
  during(forMs: number, end: () => void): void {
    const once = (): void => {
      if (this.#ends.delete(once)) end();
    };
    this.#ends.add(once);
    this.time.after(forMs, once);
  }

  endEverything(): void {
    for (const end of [...this.#ends]) end();
  }

  /** Conditions of the network for a while. */
  weather(forMs: number, change: Partial<Conditions>): void {
    const before = Object.fromEntries(
      Object.keys(change).map((name) => [name, this.conditions[name as keyof Conditions]]),
    ) as Partial<Conditions>;
    Object.assign(this.conditions, change);
    this.during(forMs, () => Object.assign(this.conditions, before));
  }

  /** A workload that exists; undefined if none does. */
  workloadOf({ which }: ScenarioEvent): string | undefined {
    const keys = [...this.world.workloads.values()].map(({ key }) => key).sort();
    return keys[which % Math.max(1, keys.length)];
  }

  /** Some status has a row for the workload. */
  isNamed(key: string): boolean {
    return [...this.world.kinds.policies.values()].some(({ namespace, status }) => {
      const { workloads = [] } = (status ?? {}) as PoolPolicyStatus;
      return workloads.some(({ workload }) => `${namespace}/${workload}` === key);
    });
  }

  serverOf({ which }: ScenarioEvent): string {
    return this.truth.servers[which % this.truth.servers.length] ?? "";
  }

  policyOf({ which }: ScenarioEvent): number {
    return which % this.specs.length;
  }

  editPolicy(index: number, change: object): void {
    const whole = Object.entries({ ...this.specs[index], ...change });
    const spec = Object.fromEntries(whole.filter(([, value]) => value !== undefined));
    this.specs[index] = spec;
    this.world.editPolicy(policyKey(index), spec);
  }
}
