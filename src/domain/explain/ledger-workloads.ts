// The ledger's lines of workloads: what the pods hold by their own sizes, what they grow by when
// they are replaced, and what may still start. A fleet may have thousands of workloads, which
// nobody adds up by hand: the largest have lines of their own, the others one together (their
// numbers stand in the rows of the status).

import { poolNameIn } from "../../api/keys.ts";
import type { LimitsToTell } from "../decide/limit-accounts.ts";
import { type Exposure, restSlots } from "../demand/exposure.ts";
import type { PolicyKey } from "../facts/facts.ts";
import type { LedgerLine } from "./ledger-table.ts";
import { firstPools, ownAmong, workloadsOfOthers } from "../demand/own-positions.ts";
import { expectedPodsOf, heldSlots, type Position, type SizeGroup } from "../demand/position.ts";
import { slotsPerPod } from "../demand/slots.ts";

/** Workloads of one policy that have lines of their own. */
const workloadsMax = 100;

interface Account {
  readonly position: Position;
  readonly poolSize: number;
  /** At rest and in exposure beyond it. */
  readonly slots: number;
  /** What its pods are given now, without a restart. */
  readonly givenSlots: number;
}

interface Accounts {
  readonly positions: readonly Position[];
  readonly exposure: Exposure;
  readonly limits?: Pick<LimitsToTell, "givenWhileRunning"> | undefined;
}

/** Own workloads by name, in the order of the positions; those of other policies as one line. */
export function workloadLines(
  policy: PolicyKey,
  { positions, exposure, limits }: Accounts,
): LedgerLine[] {
  const own = ownAmong(positions, policy).map(({ position, index }) => {
    const poolSize = exposure.grantOf(index);
    const givenSlots = limits?.givenWhileRunning(index) ?? 0;
    return { position, poolSize, givenSlots, slots: restSlots(position, poolSize) + givenSlots };
  });
  const others = workloadsOfOthers(positions, policy);
  const named = new Set(largest(own));
  const folded = own.filter((account) => !named.has(account));
  return [
    ...own.filter((account) => named.has(account)).flatMap(linesOf),
    {
      slots: sumOf(folded),
      text: `${firstPools(folded.map(({ position }) => position)).length} smaller workloads of this policy`,
    },
    {
      slots: exposure.slots - exposure.roomLineSlots - sumOf(own),
      text: `${others} ${workloadsOf(others)} of other policies`,
    },
  ];
}

function largest(accounts: readonly Account[]): readonly Account[] {
  if (accounts.length <= workloadsMax) return accounts;
  return accounts.toSorted((a, b) => b.slots - a.slots).slice(0, workloadsMax);
}

function linesOf({ position, poolSize, slots, givenSlots }: Account): LedgerLine[] {
  const { pool, sizing, staying } = position;
  const name = poolNameIn(pool.poolKey);
  const each = slotsPerPod(sizing, poolSize);
  const held = heldSlots(position);
  const expected = expectedPodsOf(position);
  const smaller = staying.filter((group) => slotsPerPod(sizing, group.poolSize) < each);
  const grownSlots = slots - givenSlots - held - expected * each;
  return [
    { slots: held, text: `${name}: ${sayHeld(position)}` },
    {
      slots: grownSlots,
      text: `${name}: ${podsIn(smaller)} of them if replaced by pods of ${each}`,
    },
    { slots: expected * each, text: `${name}: ${expected} more may start x ${each}` },
    { slots: givenSlots, text: `${name}: given to its pods now, without a restart` },
  ];
}

/** `3 pods x 6`, or `3 pods: 1 x 50 + 2 x 6`. */
function sayHeld({ staying, sizing, stayingPods }: Position): string {
  const bySize = staying
    .toSorted((a, b) => b.poolSize - a.poolSize)
    .map(({ pods, poolSize }) => ({ pods, each: slotsPerPod(sizing, poolSize) }));
  const pods = `${stayingPods} ${stayingPods === 1 ? "pod" : "pods"}`;
  if (bySize.length === 1) return `${pods} x ${bySize[0]?.each ?? 0}`;
  return `${pods}: ${bySize.map(({ pods: count, each }) => `${count} x ${each}`).join(" + ")}`;
}

function podsIn(groups: readonly SizeGroup[]): number {
  return groups.reduce((sum, { pods }) => sum + pods, 0);
}

function sumOf(accounts: readonly Account[]): number {
  return accounts.reduce((sum, { slots }) => sum + slots, 0);
}

function workloadsOf(count: number): string {
  return count === 1 ? "workload" : "workloads";
}
