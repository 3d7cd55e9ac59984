// Pools that no entry names any more, of workloads that their policy still has. Their pods keep the
// sessions of the pool and start with what the template says, so they stay on the account as nobody
// sizes them: whoever grew into their slots would be beside them on the server. Once neither a pod
// nor the template says a size of it, the pool is gone.

import { kindAndName, mainPool, poolIn, type PoolKey } from "../../api/keys.ts";
import type { WorkloadRow } from "../../api/poolpolicy.ts";
import { entryOfRow } from "../../api/row-entry.ts";
import type { Finding, PolicyFacts, PoolFacts } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { PickedWorkload } from "../../observed.ts";
import type { Selection } from "./claims.ts";
import { type ClaimsInNamespace, poolNamed } from "./namespace-claims.ts";
import { namesWritten } from "./pool-writers.ts";
import { type ClaimedPool, planningOf } from "./pools-of-workload.ts";

export interface ReleasedPool {
  readonly workload: PickedWorkload;
  readonly pool: ClaimedPool;
  readonly member: PolicyFacts;
  readonly row: WorkloadRow;
}

/** Those that the members' last statuses have rows of. */
export function releasedPools(
  members: readonly PolicyFacts[],
  found: Pick<ClaimsInNamespace, "claims" | "on" | "named">,
): readonly ReleasedPool[] {
  const unnamed = members.flatMap((member) => {
    const rows = member.cameFromElsewhere === true ? [] : (member.status?.workloads ?? []);
    return rows.filter((row) => !poolNamed(row.workload, found)).map((row) => ({ member, row }));
  });
  if (unnamed.length === 0) return [];
  const byName = Map.groupBy(unnamed, ({ row }) => row.workload.split("/", 2).join("/"));
  return [...found.claims].flatMap(([workload, claims]) => {
    const own = byName.get(kindAndName(workload)) ?? [];
    const released = own.flatMap((one) => releasedPool(workload, claims, one));
    return [...new Map(released.map((one) => [one.row.workload, one])).values()];
  });
}

function releasedPool(
  workload: PickedWorkload,
  claims: readonly Selection[],
  { member, row }: Pick<ReleasedPool, "member" | "row">,
): ReleasedPool[] {
  const isStillHere = claims.some(({ policy }) => policy === member.key);
  if (!isStillHere) return [];
  const entry = entryOf(row);
  const pool = poolIn(`${workload.namespace}/${row.workload}` as PoolKey) ?? mainPool;
  const claim = { policy: member.key, spec: member.spec, pool, entry, index: -1 };
  const { namesOfOthers, planning } = knownOf(workload)(claims);
  // Under another name the pool is still one of an entry.
  if ([...namesWritten(workload, [claim])].some((name) => namesOfOthers.has(name))) return [];
  const released = { pool, claims: [claim], namesOfOthers, planning, conflicts: [] };
  return [{ workload, member, row, pool: { ...released, isFirst: false, isReleased: true } }];
}

/** The same entry for the same row: what is worked out with it is remembered by it. */
const entryOf = oncePer(entryOfRow);

/** Once for all pools of a workload that are released, and at each decision the same. */
const knownOf = oncePer((workload: PickedWorkload) =>
  oncePer((claims: readonly Selection[]) => ({
    namesOfOthers: namesWritten(workload, claims),
    planning: planningOf(claims),
  })),
);

/** A pod or the template says a size of it. */
export function isSaid({ template, pods }: PoolFacts): boolean {
  return [template, ...pods.map(({ own }) => own)].some(({ source }) => source !== "unmanaged");
}

/** What its template still says keeps it on the account for good, so it is said what to remove. */
export function releasedFindings({ template, sizing, container }: PoolFacts): Finding[] {
  if (template.source === "unmanaged" || container === undefined) return [];
  const { maxSizeName, otherNames } = sizing;
  const others = otherNames.length === 0 ? "" : ` (and ${otherNames.join(", ")})`;
  const place = template.setElsewhere ?? `container ${container} sets ${maxSizeName}`;
  const message =
    `no entry names this pool any more, but ${place} in the template: ` +
    `its pods open it, so it stays on the account as ${template.poolSize}; remove ${maxSizeName}${others} from the ` +
    "template to take it off, or name the pool in an entry again";
  return [{ reason: "PoolWithoutEntry", severity: "info", message }];
}
