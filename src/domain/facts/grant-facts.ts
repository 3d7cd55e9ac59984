// What was given to a workload, or was to be: grants, what is kept of them, and writes that were
// refused.

/** The pool size that the next pod gets, as it is published now. */
export interface GrantFacts {
  readonly poolSize: number;
  /** A larger size that may still be handed out somewhere, until settledAtMs. */
  readonly settlingPoolSize: number;
  readonly settledAtMs: number;
  /** The larger size may be handed out until then, by what this process has seen. */
  readonly unsettledUntilMs?: number;
  /** That size, where a grant before this one has not settled either. */
  readonly unsettledPoolSize?: number;
  /** New pods wait behind the gate: by the published grant, on every API server from then on. */
  readonly gatedFromMs?: number;
  /** Pods that come later and were released say so; undefined: no status has said it yet. */
  readonly markedFromMs?: number;
  /** Published by another policy, which had the workload before; ours is still to be published. */
  readonly isInherited?: true;
  /** The first one, sent and never answered: perhaps none is published. */
  readonly isUnanswered?: true;
}

export interface RefusedWrite {
  readonly untilMs: number;
  /** Since when each try was refused; undefined: since just now. */
  readonly sinceMs?: number;
  readonly message: string;
}

/** A grant of a workload that its policy has no more, kept so that no pod starts without a size. */
export interface KeptGrant {
  /** Kind/name, as in the policy's grants. */
  readonly workload: string;
  /** It is withdrawn then; infinite while something that can be seen still needs it. */
  readonly untilMs: number;
}

/** What the last status said of planned pods: fewer of them count only after a while. */
export interface RecentPlan {
  readonly plannedPods: number;
  /** Since when fewer pods would be planned for; undefined if that is new. */
  readonly fewerSinceMs: number | undefined;
}
