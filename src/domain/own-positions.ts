// Whose workloads are whose. A server may have thousands of policies and of workloads, and each
// policy is told of its own: so they are gone through once for all of them, and never once for
// each.

import type { PolicyKey } from "./facts.ts";
import { oncePer } from "./once-per.ts";
import type { Position } from "./position.ts";

type Positions = readonly Position[];

export interface OwnPosition {
  readonly position: Position;
  /** Among all of the server. */
  readonly index: number;
}

const byPolicy = oncePer((positions: Positions): ReadonlyMap<PolicyKey, OwnPosition[]> => {
  const placed = positions.map((position, index) => ({ position, index }));
  return Map.groupBy(placed, ({ position }) => position.policy.key);
});

/** Those that count under the policy. */
export function ownAmong(positions: Positions, policy: PolicyKey): readonly OwnPosition[] {
  return byPolicy(positions).get(policy) ?? [];
}

const byOtherClaimant = oncePer((positions: Positions): ReadonlyMap<PolicyKey, Position[]> => {
  const claimed = new Map<PolicyKey, Position[]>();
  for (const position of positions) {
    for (const key of position.workload.claimedBy) {
      if (key === position.policy.key) continue;
      const known = claimed.get(key);
      if (known) known.push(position);
      else claimed.set(key, [position]);
    }
  }
  return claimed;
});

/** Those that the policy claims and that count under another one. */
export function claimedBeside(positions: Positions, policy: PolicyKey): Positions {
  return byOtherClaimant(positions).get(policy) ?? [];
}
