// What a person should know of a policy or of a workload, by a reason out of a closed set.

import type { Reason } from "../../api/conditions.ts";

/**
 * A named observation that a person should know of. `blocking` stops the policy, `degraded` limits
 * it, `info` explains.
 */
export interface Finding {
  readonly reason: Reason;
  readonly message: string;
  readonly severity: "blocking" | "degraded" | "info";
}
