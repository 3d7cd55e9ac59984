// Pods that an entry picks by their labels are never rolled and never evicted: they may be those of
// a Job, which would begin its work again, or of an owner that nobody knows. They keep their size
// until they end, and what starts next gets the grant.

import { podsKind } from "../../api/keys.ts";
import type { Reason } from "../../api/conditions.ts";
import type { WorkloadFacts } from "../facts/facts.ts";
import { livePodsOf } from "./away.ts";
import { sayCount } from "../words/say-count.ts";
import type { Wish } from "./wishes.ts";

export function isEverReplaced({ kind }: Pick<WorkloadFacts, "kind">): boolean {
  return kind !== podsKind;
}

/** An obstacle to a roll. */
interface KeepsItsPods {
  readonly reason: Reason;
  readonly message: string;
}

export function nobodyReplacesThem({ position, poolSize }: Wish): KeepsItsPods | undefined {
  const { workload } = position;
  if (isEverReplaced(workload)) return undefined;
  const larger = livePodsOf(workload).filter(
    ({ own }) => own.unlimited === true || own.poolSize > poolSize,
  ).length;
  const keep =
    larger === 1 ? "keeps a larger pool until it ends" : "keep larger pools until they end";
  const message = `${sayCount(larger, "pod")} ${keep}: pods that are picked by labels are never replaced`;
  return { reason: "NeverReplaced", message };
}
