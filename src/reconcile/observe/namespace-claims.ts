// What the policies of one namespace pick: workloads, and pods by their own labels as if each
// entry's were a workload. Which of them a decision is about is for others to say.

import { workloadKeyOf } from "../../api/keys.ts";
import type { PolicyKey } from "../../domain/facts/facts.ts";
import type { PickedWorkload } from "../../observed.ts";
import { byNamespace, type Caches, workloadsIn } from "../caches.ts";
import type { PolicyBook } from "../resolve/policy-book.ts";
import { claimedByOf, claimsOn, type Selection } from "./claims.ts";
import { type PickedPods, pickedPods } from "./picked-pods.ts";
import { specsOfNow } from "./spec-of-now.ts";

interface ClaimsInNamespace {
  readonly claims: ReadonlyMap<PickedWorkload, readonly Selection[]>;
  /** Of those that entries pick by the labels of their pods. */
  readonly podsOf: ReadonlyMap<PickedWorkload, PickedPods>;
}

export function claimsIn(
  observer: { readonly book: PolicyBook; readonly caches: Caches },
  namespace: string,
  isMember: (policy: PolicyKey) => boolean,
): ClaimsInNamespace {
  const { caches } = observer;
  const specs = specsOfNow(namespace, observer);
  const selected = claimsOn(workloadsIn(caches, namespace), specs);
  const picked = pickedPods(specs, {
    workloads: new Map(
      [...selected].map(([one, claims]) => [workloadKeyOf(one), claimedByOf(claims)]),
    ),
    pods: () => caches.pods.byIndex(byNamespace, namespace),
    isMember,
  });
  const found = picked.map((one) => [one.workload, one.claims] as const);
  return {
    claims: new Map<PickedWorkload, readonly Selection[]>([...selected, ...found]),
    podsOf: new Map(picked.map((one) => [one.workload, one])),
  };
}
