// The pool size that a pool is held to by its use (demand: Share): the recommended one, so that
// what it does not use goes to others. Nothing holds a pool of which too little is known, one that
// is full, because nobody knows how much more it would use, nor one that bursts. Where pods need
// restarts a short burst is none: it is over before they are replaced.

import type { PolicyFacts, PoolFacts } from "../facts/facts.ts";
import type { SaidUse } from "../facts/use-facts.ts";
import { recommendedSize } from "./recommended-size.ts";

type Asking = Pick<PolicyFacts, "spec">;
type Asked = Pick<PoolFacts, "use" | "live" | "sizing">;

/** Undefined: its share is by its weight alone, up to its ceiling. */
export function wantedSizeOf({ spec }: Asking, { use, live, sizing }: Asked): number | undefined {
  if (!use || spec.demand !== "Share") return undefined;
  if (whyNotHeld(use, { live, sizing }) !== undefined) return undefined;
  return recommendedSize(use, sizing).poolSize;
}

/** Each has a connection to itself, at work or not. */
const workers = /worker|thread|process|concurrency/i;

/** Why it is not held to the recommended size, as the end of a sentence. */
export function whyNotHeld(
  { confidence, isFull, burst }: SaidUse,
  { live, sizing }: Pick<Asked, "sizing"> & { readonly live?: true | undefined },
): string | undefined {
  if (sizing.processesPerPod > 1) return "because its pods open several pools";
  if (workers.test(sizing.maxSizeName)) return "because it is sized by the number of its workers";
  if (confidence === "Low") return "before the confidence is Medium";
  if (isFull) return "while the pool is full";
  const isBursting = burst === "Long" || (burst === "Short" && live === true);
  return isBursting ? "while all of its connections are at work" : undefined;
}
