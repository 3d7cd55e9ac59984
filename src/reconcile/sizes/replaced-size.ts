// The size that a template said before it was replaced. In Template delivery a ReplicaSet of the
// former template that is short of pods (the quota is full, a webhook refuses, its controller is
// late) starts them with the former size as soon as it can, until the rollout has scaled it down.
// Nobody shows how many it is to have, so the row of the last status carries the size on.

import type { WorkloadRow } from "../../api/poolpolicy.ts";
import type { Delivery, OwnSize, PoolFacts } from "../../domain/facts/facts.ts";
import type { PastRoll } from "../memory/past-rolls.ts";

/** A larger size that a roll of ours has written counts before the caches show it. */
export function withPendingRoll(
  seen: OwnSize,
  { isPending, lastRoll }: { readonly isPending: boolean; readonly lastRoll: PastRoll | undefined },
): OwnSize {
  const written = isPending ? (lastRoll?.poolSize ?? 0) : 0;
  return written > seen.poolSize ? { poolSize: written, source: "literal" } : seen;
}

export interface Replaced {
  readonly delivery: Delivery;
  readonly row: Pick<WorkloadRow, "poolSize" | "replacedPoolSize"> | undefined;
  readonly rollingOut: boolean;
  /** Pods of the newest template, and how many there are to be. */
  readonly updatedReplicas: number;
  readonly replicas: number;
  /** What the template says now. */
  readonly poolSize: number;
}

export function replacedSize({
  delivery,
  row,
  poolSize,
  ...rollout
}: Replaced): Pick<PoolFacts, "replacedPoolSize"> {
  // Without a pod of either template nothing seems to roll out.
  const isOver = !rollout.rollingOut && rollout.updatedReplicas >= rollout.replicas;
  if (delivery !== "Template" || !row || isOver) return {};
  const replacedPoolSize = Math.max(row.poolSize, row.replacedPoolSize ?? 0);
  return replacedPoolSize > poolSize ? { replacedPoolSize } : {};
}
