// What a row says of how much of its pool is used: the peak of one pod, and the pool size for it
// with its arithmetic; or why the pool's sessions cannot be told.

import type { WorkloadRow } from "../../api/poolpolicy.ts";
import type { Position } from "../demand/position.ts";
import { recommendedSize, usedPercent } from "../demand/recommended-size.ts";
import { whyNotHeld } from "../demand/wanted-size.ts";
import type { Snapshot } from "../facts/facts.ts";
import type { Confidence, SaidUse } from "../facts/use-facts.ts";
import { usedBy } from "../supply/told-use.ts";

type UsePart = Pick<WorkloadRow, "inUse" | "recommendedPoolSize" | "recommendation">;

/** `poolSize`: of a running pod. */
export function useOf(snapshot: Snapshot, position: Position, poolSize: number): UsePart {
  const use = usedBy(snapshot, position);
  if (use === undefined) return {};
  if (typeof use === "string") return { recommendation: `none: ${use}` };
  const { peak, isFull, burst, kept, confidence } = use;
  const isBursting = burst !== undefined && whyNotHeld(use, position.pool) !== undefined;
  const { sizing } = position;
  const { poolSize: recommendedPoolSize, words } = recommendedSize(use, sizing);
  const percent = usedPercent(use, sizing, poolSize);
  const full = isFull ? "; the pool is full at times, so it may want more" : "";
  return {
    inUse: { peak, percent, ...(isFull && { isFull }), ...(isBursting && { isBursting }), kept },
    recommendedPoolSize,
    recommendation: `${words}; confidence ${confidence}: ${seenFor[confidence]}${full}${sayHeld(position, use)}`,
  };
}

function sayHeld({ policy, managed, pool }: Position, use: SaidUse): string {
  if (policy.spec.demand !== "Share" || !managed) return "";
  const why = whyNotHeld(use, pool);
  return why === undefined ? "; it is given no more than that" : `; it may have more ${why}`;
}

const seenFor: Readonly<Record<Confidence, string>> = {
  Low: "seen for less than a day",
  Medium: "seen for a day or more",
  High: "seen for a week or more",
};
