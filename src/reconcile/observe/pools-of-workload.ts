// The pools of one workload, by the entries that speak of it: entries of other `pool` names size
// other variables of its pods. What one pool writes is no number of another one, and two that would
// write the same variable of a container are a conflict: whoever is written last would size both.
// So are pools of several policies: each would be decided on without the other's limits, and a roll
// brings all of them to their sizes.

import { mainPool } from "../../api/keys.ts";
import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import { plainName } from "../../api/relaxed-names.ts";
import { entriesFor } from "../../api/sizing.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import type { ObservedWorkload } from "../../observed.ts";
import { chooseContainer } from "../sizes/container.ts";
import { entrySizing } from "../sizes/entry-sizing.ts";
import type { Selection } from "./claims.ts";

/** One pool of a workload, and who claims it. */
export interface ClaimedPool {
  /** `main`, or what the entries call it. */
  readonly pool: string;
  readonly claims: readonly Selection[];
  /** It is the first one: what is the same for all is told of it. */
  readonly isFirst: boolean;
  /** No entry names it any more; its claim is what the last status says of it. */
  readonly isReleased?: true;
  /** What other pools write (`container/name`, plain); absent where there is no other. */
  readonly namesOfOthers?: ReadonlySet<string>;
  /** Why it cannot be sized beside them. */
  readonly conflicts: readonly Finding[];
  /** What the entries of all pools say of their pods, which are the same. */
  readonly planning: Planning;
}

export type Planning = Pick<WorkloadEntry, "plannedPods" | "maxPods">;

const known = new WeakMap<readonly Selection[], readonly ClaimedPool[]>();

/** By the claims on it. The same list for the same claims. */
export function poolsOf(
  workload: ObservedWorkload,
  claims: readonly Selection[],
): readonly ClaimedPool[] {
  const before = known.get(claims);
  if (before) return before;
  const byPool = [...Map.groupBy(claims, ({ pool }) => pool)];
  const planning = planningOf(claims);
  const pools =
    byPool.length === 1
      ? byPool.map(([pool]) => ({ pool, claims, isFirst: true, conflicts: [], planning }))
      : besideEachOther(workload, byPool, planning);
  known.set(claims, pools);
  return pools;
}

/** The most pods that any of them speaks of. */
function planningOf(claims: readonly Selection[]): Planning {
  const entries = claims.map(({ entry }) => entry);
  const most = entries.reduce((max, { maxPods = 0 }) => Math.max(max, maxPods), 0);
  const isCurrent = entries.every(({ plannedPods }) => plannedPods === "Current");
  const said = entries.find(({ plannedPods }) => plannedPods !== "Current")?.plannedPods;
  return {
    plannedPods: isCurrent ? "Current" : said,
    maxPods: most === 0 ? undefined : most,
  };
}

type Grouped = readonly (readonly [pool: string, claims: readonly Selection[]])[];

function besideEachOther(
  workload: ObservedWorkload,
  byPool: Grouped,
  planning: Planning,
): readonly ClaimedPool[] {
  const written = byPool.map(([pool, claims]): Writer => {
    const entries = claims.flatMap((claim) => entriesWritten(workload, claim));
    return {
      ...{ pool, claims },
      names: new Map(entries.map((one) => [plainEntry(one), one])),
      sizeNames: new Set(claims.flatMap((claim) => sizeNameOf(workload, claim))),
    };
  });
  return written.map((one, place) => {
    const others = written.filter((other) => other !== one);
    const foreign = others.flatMap((other) =>
      countWith(one, other) ? [] : [...other.names.keys()],
    );
    return {
      ...{ pool: one.pool, claims: one.claims, isFirst: place === 0, planning },
      namesOfOthers: new Set(foreign.filter((name) => !one.names.has(name))),
      conflicts: others.flatMap((other) => [
        ...policyConflict(workload, one, other),
        ...variableConflict(one, other),
      ]),
    };
  });
}

interface Entry {
  readonly container: string;
  readonly name: string;
}

/** `container/name`: two spellings of one variable are one, as they are to Spring Boot. */
export function plainEntry({ container, name }: Entry): string {
  return `${container}/${plainName(name)}`;
}

/** Plain, each. */
export function namesWritten(
  workload: ObservedWorkload,
  claim: Pick<Selection, "spec" | "entry">,
): readonly string[] {
  return entriesWritten(workload, claim).map(plainEntry);
}

/** None where nobody knows which container it is. */
function entriesWritten(
  workload: ObservedWorkload,
  { spec, entry }: Pick<Selection, "spec" | "entry">,
): readonly Entry[] {
  const { container } = chooseContainer(entry, workload, entrySizing(spec, entry));
  if (!container) return [];
  return entriesFor(spec, entry, 1).map(({ name }) => ({ container: container.name, name }));
}

/** Of the size alone. */
function sizeNameOf(workload: ObservedWorkload, { spec, entry }: Selection): readonly string[] {
  const sizing = entrySizing(spec, entry);
  const { container } = chooseContainer(entry, workload, sizing);
  return container ? [plainEntry({ container: container.name, name: sizing.maxSizeName })] : [];
}

/** It is the same size: what the one names beside it, an overflow perhaps, is of the other too. */
function countWith(one: Writer, other: Writer): boolean {
  return [...one.sizeNames].some((name) => other.sizeNames.has(name));
}

interface Writer {
  readonly pool: string;
  readonly claims: readonly Selection[];
  /** By their plain names. */
  readonly names: ReadonlyMap<string, Entry>;
  /** Of those: what says how large the pool may be. */
  readonly sizeNames: ReadonlySet<string>;
}

function policyConflict(workload: ObservedWorkload, { claims }: Writer, other: Writer): Finding[] {
  const policies = new Set([...claims, ...other.claims].map(({ policy }) => policy));
  if (policies.size === 1) return [];
  const message =
    `policies ${[...policies].sort().join(" and ")} select pools of ${workload.kind}/${workload.name}: ` +
    "none of them is sized. To fix: put all entries of the workload into one policy";
  return [{ reason: "ClaimedTwice", severity: "blocking", message }];
}

function variableConflict(one: Writer, other: Writer): Finding[] {
  const [plain, shared] = [...one.names].find(([name]) => other.names.has(name)) ?? [];
  if (plain === undefined || shared === undefined) return [];
  const { container, name } = shared;
  const spelled = other.names.get(plain)?.name ?? name;
  const said = spelled === name ? name : `${name} (or ${spelled}, which is the same variable)`;
  const message =
    `${sayPool(one)} and ${sayPool(other)} would both write ${said} of container ${container}: ` +
    "neither is sized. To fix: give one of the entries other variables (prefix, env or preset) or another container";
  return [{ reason: "ClaimedTwice", severity: "blocking", message }];
}

/** `pool replica (policy shop/orders)` */
function sayPool({ pool, claims }: Writer): string {
  const policies = claims.map(({ policy }) => policy).join(", ");
  return `${pool === mainPool ? "the main pool" : `pool ${pool}`} (policy ${policies})`;
}
