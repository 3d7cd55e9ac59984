// How many further pools of its workloads a namespace may have on one server. Each pool costs as
// much as a workload does, at each decision and for everybody, and a policy may give 20 to each of
// thousands of workloads. Beyond the bound a policy has the first pool of a workload only: what its
// others hold by its template counts as connections beside that one, and nobody sizes them.

import { workloadKeyOf } from "../../api/keys.ts";
import type { Finding, PolicyKey, PoolFacts } from "../../domain/facts/facts.ts";
import { slotsPerPod } from "../../domain/demand/slots.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { PickedWorkload } from "../../observed.ts";
import { chooseContainer } from "../sizes/container.ts";
import { entrySizing } from "../sizes/entry-sizing.ts";
import { ownSizeOf } from "../sizes/own-size.ts";
import type { Selection } from "./claims.ts";
import { withMoreConnections } from "./more-connections.ts";

/** Of the workloads of one namespace that count on a server, beside the first pool of each. */
export const furtherPoolsInNamespaceMax = 2_000;

type Claims = ReadonlyMap<PickedWorkload, readonly Selection[]>;

export interface Room {
  /** Of the workloads that have no room: those on their first pool. */
  readonly claims: Claims;
  /** The others on these. */
  readonly folded: Claims;
}

/** The first workloads by name have room. `isMember`: of the policies of the server. */
export function withinRoom(claims: Claims, isMember: (policy: PolicyKey) => boolean): Room {
  const several = [...claims].filter(([, found]) => {
    return furtherCountOf(found) > 0 && found.some(({ policy }) => isMember(policy));
  });
  const count = several.reduce((sum, [, found]) => sum + furtherCountOf(found), 0);
  if (count <= furtherPoolsInNamespaceMax) return { claims, folded: new Map() };
  const byName = several
    .map(([workload, found]) => ({ workload, found, key: workloadKeyOf(workload) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const kept = new Map(claims);
  const folded = new Map<PickedWorkload, readonly Selection[]>();
  let room = furtherPoolsInNamespaceMax;
  for (const { workload, found } of byName) {
    room -= furtherCountOf(found);
    if (room >= 0) continue;
    kept.set(workload, partsOf(found).first);
    folded.set(workload, partsOf(found).others);
  }
  return { claims: kept, folded };
}

function furtherCountOf(found: readonly Selection[]): number {
  return found.length < 2 ? 0 : partsOf(found).furtherCount;
}

/** The same lists for the same claims. Each policy keeps its first pool, on its own server. */
const partsOf = oncePer((found: readonly Selection[]) => {
  const firsts = new Map(found.toReversed().map(({ policy, pool }) => [policy, pool]));
  const pools = new Set(firsts.values());
  const first = found.filter(({ pool }) => pools.has(pool));
  const others = found.filter(({ pool }) => !pools.has(pool));
  return { first, others, furtherCount: new Set(others.map(({ pool }) => pool)).size };
});

/** The first pool of a policy with what its others hold. */
export function withFolded(
  facts: PoolFacts,
  workload: PickedWorkload,
  folded: readonly Selection[] | undefined,
): PoolFacts {
  const isContested = facts.claimedBy.length > 1;
  const others = folded && !isContested ? byPolicy(folded).get(facts.policy) : folded;
  if (!others) return facts;
  const { slots, count } = heldBy(workload)(others);
  return {
    ...withMoreConnections(facts, slots),
    findings: [...facts.findings, noRoom(count, slots, isContested)],
  };
}

const byPolicy = oncePer((folded: readonly Selection[]) => {
  return Map.groupBy(folded, ({ policy }) => policy);
});

function noRoom(count: number, slots: number, isContested: boolean): Finding {
  const message =
    `its ${count} further pools are not sized, and count as ${slots} connections of each pod, as its ` +
    `template says: a namespace has room for ${furtherPoolsInNamespaceMax} further pools on a server`;
  return { reason: "TooManyPools", severity: isContested ? "blocking" : "degraded", message };
}

/** Slots of one pod by the template, and nothing that it refers to. Worked out once. */
const heldBy = oncePer((workload: PickedWorkload) =>
  oncePer((others: readonly Selection[]) => {
    const byPool = new Map(others.map((claim) => [claim.pool, claim]));
    const held = [...byPool.values()].map((claim) => heldByOne(workload, claim));
    const byVariable = new Map(held.map((one) => [one.variable, one.slots]));
    const slots = [...byVariable.values()].reduce((sum, each) => sum + each, 0);
    return { slots, count: byPool.size };
  }),
);

interface Held {
  /** Pools under one variable are one. */
  readonly variable: string;
  readonly slots: number;
}

function heldByOne(workload: PickedWorkload, { spec, entry, pool }: Selection): Held {
  const sizing = entrySizing(spec, entry);
  const { container } = chooseContainer(entry, workload, sizing);
  const lookup = { annotation: undefined, resolve: (): undefined => undefined };
  const { poolSize } = ownSizeOf(container, sizing, lookup);
  const variable = container ? `${container.name}/${sizing.maxSizeName}` : ` ${pool}`;
  return { variable, slots: slotsPerPod(sizing, poolSize) };
}
