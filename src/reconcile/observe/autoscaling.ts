// What autoscalers ask for, as of one moment. Thousands of workloads may have one owner, and
// thousands of autoscalers one target: what they share is worked out once, so that a decision costs
// as much as both together and not one times the other.

import { workloadKeyOf } from "../../api/keys.ts";
import { type WorkloadKind, workloadKindOf } from "../../api/workload-kinds.ts";
import { oncePerName } from "../../domain/once-per.ts";
import type { ObservedAutoscaler, PickedWorkload } from "../../observed.ts";
import { byTarget, byTargetName, type Caches, countControlled } from "../caches.ts";

/** The greatest number of pods that autoscalers of one target may ask for. */
interface Most {
  /** Undefined: it has none. */
  readonly ofAll: number | undefined;
  /** By the API group that they name; undefined: they name none, and mean whichever there is. */
  readonly byGroup: ReadonlyMap<string | undefined, number>;
}

export class Autoscaling {
  readonly #caches: Pick<Caches, "autoscalers" | WorkloadKind>;
  readonly #mostOf: (target: string) => Most;
  /** Of any kind that is no workload's, by the name of the target. */
  readonly namedLike: (target: string) => readonly ObservedAutoscaler[];

  constructor(caches: Pick<Caches, "autoscalers" | WorkloadKind>) {
    const { autoscalers } = caches;
    this.#caches = caches;
    this.#mostOf = oncePerName((target) => mostOf(autoscalers.byIndex(byTarget, target)));
    this.namedLike = oncePerName((target) =>
      autoscalers
        .byIndex(byTargetName, target)
        .filter(({ targetKind }) => workloadKindOf(targetKind) === undefined),
    );
  }

  /** Of a target `namespace/Kind/name`; undefined without an autoscaler. */
  mostOf(target: string): number | undefined {
    return this.#mostOf(target).ofAll;
  }

  /** For what controls the workload; undefined without an autoscaler. */
  mostOfOwner({ namespace, owner }: PickedWorkload): number | undefined {
    if (!owner) return undefined;
    const { byGroup } = this.#mostOf(workloadKeyOf({ namespace, ...owner }));
    return larger(byGroup.get(owner.group), byGroup.get(undefined));
  }

  /** Undefined without an autoscaler of its own, or of an owner that controls nothing else. */
  mostFor(workload: PickedWorkload): number | undefined {
    const { namespace, owner } = workload;
    const isOnlyOne = owner && countControlled(this.#caches, namespace, owner) === 1;
    const shared = isOnlyOne ? this.mostOfOwner(workload) : undefined;
    return larger(this.mostOf(workloadKeyOf(workload)), shared);
  }
}

function mostOf(autoscalers: readonly ObservedAutoscaler[]): Most {
  const byGroup = new Map<string | undefined, number>();
  for (const { targetGroup, maxReplicas } of autoscalers) {
    byGroup.set(targetGroup, Math.max(maxReplicas, byGroup.get(targetGroup) ?? 0));
  }
  return { ofAll: [...byGroup.values()].reduce<number | undefined>(larger, undefined), byGroup };
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
