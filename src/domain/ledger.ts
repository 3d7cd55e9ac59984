// The ledger: the account in which every slot of max_connections appears exactly once, so that a
// person can add it up by hand and see where the connections went. Its lines always sum to
// max_connections; what is not there is said as a negative last line.

import type { LedgerLine } from "../api/poolpolicy.ts";
import type { Capacity } from "./capacity.ts";
import { restSlots, type Exposure } from "./exposure.ts";
import type { PolicyKey } from "./facts.ts";
import type { ForeignSessions } from "./foreign.ts";
import { expectedPodsOf, heldSlots, type Position } from "./position.ts";

export interface LedgerInput {
  readonly capacity: Capacity;
  readonly foreign: ForeignSessions;
  readonly ownSessions: number;
  readonly positions: readonly Position[];
  readonly exposure: Exposure;
}

/**
 * What the fleet may hold: capacity - reserve - foreign sessions - the operator's own session.
 * Never below 0.
 */
export function budgetOf(capacity: Capacity, foreignSlots: number, ownSessions: number): number {
  return Math.max(0, capacity.slots - capacity.reserveSlots - foreignSlots - ownSessions);
}

/**
 * The ledger as the owner of one policy sees it: own workloads by name, those of other policies as
 * one line.
 */
export function ledgerFor(policy: PolicyKey, input: LedgerInput): LedgerLine[] {
  const lines = [
    ...serverLines(input.capacity),
    ...reserveLines(input),
    ...workloadLines(policy, input),
    roomLine(policy, input),
  ].filter(({ slots }) => slots !== 0);
  const spent = lines.reduce((sum, { slots }) => sum + slots, 0);
  const freeSlots = input.capacity.maxConnections - spent;
  const line = freeSlots < 0 ? "missing" : "free";
  return [...lines, { line, slots: freeSlots }];
}

function serverLines(capacity: Capacity): LedgerLine[] {
  return [
    { line: "superuser_reserved_connections", slots: capacity.superuserReservedSlots },
    { line: "reserved_connections", slots: capacity.reservedSlots },
    { line: "above the declared maxConnections", slots: capacity.undeclaredSlots },
    { line: `cut by ${capacity.cut?.by ?? "nothing"}`, slots: capacity.cut?.slots ?? 0 },
  ];
}

function reserveLines({ capacity, foreign, ownSessions }: LedgerInput): LedgerLine[] {
  return [
    { line: "reserve", slots: capacity.reserveSlots, note: `by policy ${capacity.reserveBy}` },
    {
      line: "foreign sessions",
      slots: foreign.slots,
      note: `most within 10 min: ${foreign.groups.join(", ") || "none"}`,
    },
    { line: "the operator's own session", slots: ownSessions },
  ];
}

function workloadLines(policy: PolicyKey, { positions, exposure }: LedgerInput): LedgerLine[] {
  const lines: LedgerLine[] = [];
  let othersSlots = 0;
  let others = 0;
  positions.forEach((position, index) => {
    const slots = restSlots(position, exposure.grantOf(index));
    if (position.policy.key === policy) lines.push(...linesOf(position, slots));
    else {
      othersSlots += slots;
      others += 1;
    }
  });
  lines.push({ line: `workloads of other policies (${others})`, slots: othersSlots });
  return lines;
}

/** Two lines a workload: what its pods hold, and what may still start or grow at a restart. */
function linesOf(position: Position, slots: number): LedgerLine[] {
  const { workload, stayingPods } = position;
  const name = `${workload.kind}/${workload.name}`;
  const held = heldSlots(position);
  return [
    { line: `${name}: ${stayingPods} pods`, slots: held },
    { line: `${name}: ${expectedPodsOf(position)} more may start`, slots: slots - held },
  ];
}

function roomLine(policy: PolicyKey, { positions, exposure }: LedgerInput): LedgerLine {
  const slots = exposure.roomLineSlots;
  const names = exposure.roomIndexes.flatMap((index) => {
    const position = positions[index];
    if (!position) return [];
    return [position.policy.key === policy ? position.workload.name : "another policy's"];
  });
  const leaving = exposure.leavingSlots;
  return {
    line: `room for rollouts (${names.join(", ") || "none"})`,
    slots,
    note:
      `leaving pods hold ${leaving} of it now; smaller with podReplacementPolicy ` +
      "TerminationComplete, strategy Recreate, fewer planned pods, or reserve.rollouts 0",
  };
}
