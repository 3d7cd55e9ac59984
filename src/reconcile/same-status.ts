// Whether two statuses say the same, so that nothing is written when nothing changed.

import type { PoolPolicyStatus } from "../api/poolpolicy.ts";
import { isSameValue } from "./same-value.ts";

export function isSameStatus(a: PoolPolicyStatus | undefined, b: PoolPolicyStatus): boolean {
  return isSameValue(a, b);
}
