// The claims on one workload, of bounded number: 20 policies of 20 entries each may select the same
// thousands of workloads, and what is known of each claim would fill the memory for everybody. Each
// policy keeps its first claim, because the workload counts on the server of each. A workload has
// no more pools than one policy may give it, whoever names them: what is left out is not counted,
// and its sessions count as foreign ones.

import { furtherPoolsMax } from "../../api/group.ts";

/** The main one, and as many further ones as a policy may name. */
export const poolsOfWorkloadMax = 1 + furtherPoolsMax;
/** Of one workload, beside the first one of each policy. */
const furtherClaimsMax = 2 * furtherPoolsMax;

interface Claim {
  readonly pool: string;
}

export interface FewClaims<T> {
  /** In the order of the policies. */
  readonly kept: readonly T[];
  readonly leftOutCount: number;
}

/** Of what each policy claims, in its own order. */
export function fewClaims<T extends Claim>(ofEach: readonly (readonly T[])[]): FewClaims<T> {
  const all = ofEach.flat();
  if (all.length <= poolsOfWorkloadMax) return { kept: all, leftOutCount: 0 };
  const most = ofEach.length + furtherClaimsMax;
  const chosen = new Set<T>();
  const pools = new Set<string>();
  for (const claim of inTurns(ofEach)) {
    if (chosen.size >= most) break;
    if (pools.size >= poolsOfWorkloadMax && !pools.has(claim.pool)) continue;
    pools.add(claim.pool);
    chosen.add(claim);
  }
  const kept = all.filter((claim) => chosen.has(claim));
  return { kept, leftOutCount: all.length - kept.length };
}

/** The first claims of all come first. */
function* inTurns<T>(ofEach: readonly (readonly T[])[]): Iterable<T> {
  const longest = ofEach.reduce((max, { length }) => Math.max(max, length), 0);
  for (let turn = 0; turn < longest; turn += 1) {
    for (const own of ofEach) {
      const claim = own[turn];
      if (claim) yield claim;
    }
  }
}
