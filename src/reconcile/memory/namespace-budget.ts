// What is kept of the workloads and pods of one namespace. Each object has a bound of its own, but
// whoever may make Deployments may make thousands, without a pod and without a policy. So a
// namespace has a budget of text as well: beyond it objects are kept without their variables, and
// their pools count with unmanagedPoolSize; beyond twice of it without labels, and no policy
// selects them. What objects share, as pods of one template do, counts once.

import { namespaceOf } from "../../api/keys.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { ObservedContainer, ObservedPod, ObservedWorkload } from "../../observed.ts";

/** Of JSON; some 3,000 Deployments with 50 variables each that nobody else has. */
const budgetCharacters = 16 * 2 ** 20;

export type Bulky = Pick<ObservedPod, "key" | "containers"> &
  Partial<Pick<ObservedWorkload, "labels" | "envManagers">>;

interface Held {
  characters: number;
  /** How many objects have a part. */
  readonly uses: Map<object, number>;
}

export class NamespaceBudget {
  readonly #held = new Map<string, Held>();

  /** The object as it is to be kept, until `forget` is told of it. */
  fit<T extends Bulky>(object: T): T {
    const held = this.#heldBy(object);
    const kept = [object, withoutVariables(object)].find(
      (one, place) => held.characters + moreOf(one, held) <= budgetCharacters * (place + 1),
    );
    const fitted = kept ?? bare(object);
    for (const part of partsOf(fitted)) {
      const uses = held.uses.get(part) ?? 0;
      if (uses === 0) held.characters += charactersIn(part);
      held.uses.set(part, uses + 1);
    }
    return fitted;
  }

  /** `object`: as it was kept. */
  forget(object: Bulky): void {
    const held = this.#heldBy(object);
    for (const part of partsOf(object)) {
      const uses = (held.uses.get(part) ?? 0) - 1;
      if (uses > 0) held.uses.set(part, uses);
      else if (held.uses.delete(part)) held.characters -= charactersIn(part);
    }
    if (held.uses.size === 0) this.#held.delete(namespaceOf(object.key));
  }

  #heldBy({ key }: Bulky): Held {
    const namespace = namespaceOf(key);
    const held = this.#held.get(namespace) ?? { characters: 0, uses: new Map<object, number>() };
    this.#held.set(namespace, held);
    return held;
  }
}

function moreOf(object: Bulky, { uses }: Held): number {
  const added = partsOf(object).filter((part) => !uses.has(part));
  return added.reduce((sum, part) => sum + charactersIn(part), 0);
}

function partsOf({ containers, labels, envManagers }: Bulky): readonly object[] {
  return [containers, ...(labels ? [labels] : []), ...(envManagers ? [envManagers] : [])];
}

const charactersIn = oncePer((part: object) => JSON.stringify(part).length);

/** Shared by those who share what was cut. */
const namesOf = oncePer((containers: readonly ObservedContainer[]) =>
  containers.map(({ name, isSidecar }): ObservedContainer => ({
    name,
    ...(isSidecar && { isSidecar }),
    ...{ env: [], envFrom: [], isCut: true },
  })),
);

const none = Object.freeze({});

function withoutVariables<T extends Bulky>(object: T): T {
  const { containers, envManagers } = object;
  return { ...object, containers: namesOf(containers), ...(envManagers && { envManagers: none }) };
}

const noContainers: readonly ObservedContainer[] = [];

function bare<T extends Bulky>(object: T): T {
  const { labels } = object;
  return {
    ...withoutVariables(object),
    containers: noContainers,
    ...(labels && { labels: none }),
  };
}
