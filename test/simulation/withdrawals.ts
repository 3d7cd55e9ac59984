// Statuses by which more may start although no size is larger. The owner of the policy wants it:
// the policy only observes, the entry of a pool was taken out, templates size the pods, which adds
// no gate, or policies of two servers name pools of one workload, which is live no more. Or a gate
// is added while a rollout is under way, which from then on needs no room, so that another one may
// use it.

import type { Grant, PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { FurtherEntry } from "./fleet.ts";

interface Stored {
  readonly spec?: unknown;
  readonly status?: unknown;
}

interface Asked {
  readonly mode?: unknown;
  readonly delivery?: unknown;
  readonly workloads?: readonly FurtherEntry[];
}

type Grants = Readonly<Record<string, Grant>>;

/** `stored`: the policy before it; `isTied`: its server is decided on together with another one. */
export function withdraws(
  stored: Stored | undefined,
  { grants }: PoolPolicyStatus,
  isTied: boolean,
): boolean {
  const { spec = {}, status = {} } = stored ?? {};
  const asked = spec as Asked;
  if (grants === undefined && asked.mode === "Observe") return true;
  const { grants: before = {} } = status as PoolPolicyStatus;
  const isTakenOut = (grant: string): boolean => !isNamed(asked, grant);
  if (goneGrants(before, grants).some(isTakenOut)) return true;
  return changesGates(before, grants, asked.delivery === "Template" || isTied);
}

/** And nothing else: no grant is larger, or gone. */
function changesGates(before: Grants, after: Grants = {}, mayDrop: boolean): boolean {
  const isChange = losesGates(after, before) || (mayDrop && losesGates(before, after));
  return isChange && !raises(before, after);
}

/** Of further pools: `Kind/name/pool`. */
function goneGrants(before: Grants, after: Grants = {}): readonly string[] {
  const names = Object.keys(before).filter((name) => name.split("/").length === 3);
  return names.filter((name) => !Object.hasOwn(after, name));
}

/** Whoever takes the entry of a pool out wants its pods to have the size of their template. */
function isNamed({ workloads = [] }: Asked, grant: string): boolean {
  return workloads.some(({ kind, name, pool }) => `${kind}/${name}/${pool}` === grant);
}

function losesGates(before: Grants, after: Grants): boolean {
  return Object.entries(before).some(([name, { gatedFrom }]) => {
    return gatedFrom !== undefined && after[name]?.gatedFrom === undefined;
  });
}

function raises(before: Grants, after: Grants): boolean {
  return Object.entries(before).some(([name, grant]) => {
    return largestIn(after[name]) > largestIn(grant);
  });
}

function largestIn(grant: Grant | undefined): number {
  return grant ? Math.max(grant.poolSize, grant.settlingPoolSize ?? 0) : Infinity;
}
