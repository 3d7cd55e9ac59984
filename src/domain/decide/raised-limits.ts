// Whether an act of ours would make matters worse: while a limit does not hold, no act may take
// what its members could hold any higher. What they could hold is counted by the largest size that
// a next pod may be given, and while a smaller grant settles that is the former one. So the room
// for rollouts may seem to cover a rollout only because another workload still counts with a size
// that is about to go: once a shrink by 12 slots was published, and the roll that the larger size
// had covered added 6 slots to a line that was broken. Therefore an act is held against the least
// sizes. That is enough for all between: other workloads count alike before and during the act, but
// for the room, and the larger they are, the more of the act is covered by it.

import type { AccountWhile, LimitAccounts, SizedAct } from "./limit-accounts.ts";
import { oncePer } from "../once-per.ts";

export interface RaiseTerms {
  /** With the grants published. */
  readonly limits: LimitAccounts;
  /** By index of a workload: the smallest pool size that its next pods may be given by now. */
  readonly leastSizes: readonly number[];
}

type ActOn = (limits: LimitAccounts) => readonly AccountWhile[];

/** The first limit that a roll would take beyond its slots, and higher than it is without. */
export function raisedWhileRolling(act: SizedAct, terms: RaiseTerms): AccountWhile | undefined {
  return raisedBy((limits) => limits.whileRolling(act), terms);
}

/** The same while one of its pods, of `poolSize`, is replaced. */
export function raisedWhileEvicting(act: SizedAct, terms: RaiseTerms): AccountWhile | undefined {
  return raisedBy((limits) => limits.whileEvicting(act), terms);
}

function raisedBy(actOn: ActOn, terms: RaiseTerms): AccountWhile | undefined {
  const all = actOn(terms.limits);
  if (!all.some(isBeyond)) return undefined;
  const least = actOn(leastOf(terms));
  return all.find((one, place) => isBeyond(one) && isRaised(least[place] ?? one));
}

const leastOf = oncePer(({ limits, leastSizes }: RaiseTerms) => limits.withSizes(leastSizes));

function isBeyond({ account, slots }: AccountWhile): boolean {
  return slots > account.limit.slots;
}

function isRaised({ account, slots }: AccountWhile): boolean {
  return slots > account.exposure.slots;
}
