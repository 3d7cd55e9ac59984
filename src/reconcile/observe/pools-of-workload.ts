// The pools of one workload, by the entries that speak of it: entries of other `pool` names size
// other variables of its pods. What one pool writes is no number of another one (pool-writers.ts),
// and two that would write the same variable of a container are a conflict. Pools of several
// policies are none, unless two of them name the same one (shared-workloads.ts).

import { poolKeyOf, poolNameIn, workloadKeyOf } from "../../api/keys.ts";
import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import type { PickedWorkload } from "../../observed.ts";
import type { Selection } from "./claims.ts";
import { type BesideOthers, besideOthers, type NamesOfOthers } from "./pool-writers.ts";

/** One pool of a workload, and who claims it. */
export interface ClaimedPool {
  /** `main`, or what the entries call it. */
  readonly pool: string;
  readonly claims: readonly Selection[];
  /** It is the first one of its policy: what is the same for all is told of it. */
  readonly isFirst: boolean;
  /** No entry names it any more; its claim is what the last status says of it. */
  readonly isReleased?: true;
  /** Absent where there is no other. */
  readonly namesOfOthers?: NamesOfOthers;
  /** Why it cannot be sized beside them. */
  readonly conflicts: BesideOthers["conflicts"];
  /** What the entries of all pools say of their pods, which are the same. */
  readonly planning: Planning;
}

export type Planning = Pick<WorkloadEntry, "plannedPods" | "maxPods">;

const known = new WeakMap<readonly Selection[], readonly ClaimedPool[]>();

/** By the claims on it. The same list for the same claims. */
export function poolsOf(
  workload: PickedWorkload,
  claims: readonly Selection[],
): readonly ClaimedPool[] {
  const before = known.get(claims);
  if (before) return before;
  const byPool = [...Map.groupBy(claims, ({ pool }) => pool)];
  const planning = planningOf(claims);
  const isAlone = byPool.length === 1;
  const beside: readonly Partial<BesideOthers>[] = isAlone
    ? []
    : besideOthers(workload, byPool, claims);
  const firsts = firstOfEach(claims);
  const pools = byPool.map(([pool, own], place): ClaimedPool => {
    const isFirst = own.some((one) => firsts.has(one));
    const one = { pool, claims: isAlone ? claims : own, isFirst, planning };
    return { ...one, conflicts: [], ...beside[place] };
  });
  known.set(claims, pools);
  return pools;
}

/** The first claim of each policy. */
function firstOfEach(claims: readonly Selection[]): ReadonlySet<Selection> {
  const firsts = new Map(claims.toReversed().map((one) => [one.policy, one]));
  return new Set(firsts.values());
}

/** The most pods that any of them speaks of. */
export function planningOf(claims: readonly Selection[]): Planning {
  const entries = claims.map(({ entry }) => entry);
  const most = entries.reduce((max, { maxPods = 0 }) => Math.max(max, maxPods), 0);
  const isCurrent = entries.every(({ plannedPods }) => plannedPods === "Current");
  const said = entries.find(({ plannedPods }) => plannedPods !== "Current")?.plannedPods;
  return {
    plannedPods: isCurrent ? "Current" : said,
    maxPods: most === 0 ? undefined : most,
  };
}

/** As rows and grants call it. */
export function nameOf(workload: PickedWorkload, { pool }: Pick<ClaimedPool, "pool">): string {
  return poolNameIn(poolKeyOf(workloadKeyOf(workload), pool));
}
