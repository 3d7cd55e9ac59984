// The ledger: the account in which every slot of max_connections appears exactly once, so that a
// person can add it up by hand and see where the connections went. Its lines always sum to
// max_connections; what is not there is said as a negative last line.

import { budgetOf, type Capacity, foreignWithin } from "../supply/capacity.ts";
import type { Exposure } from "../demand/exposure.ts";
import type { PolicyKey, Snapshot } from "../facts/facts.ts";
import type { ForeignSessions } from "../supply/foreign.ts";
import { groupsSeenBy, whoMaySee } from "../supply/foreign-names.ts";
import type { LedgerLine } from "./ledger-table.ts";
import { workloadLines } from "./ledger-workloads.ts";
import { namespaceOf } from "../../api/keys.ts";
import { type LimitsToTell } from "../decide/limit-accounts.ts";
import { sayAccounts } from "../decide/limit-words.ts";
import { oncePer } from "../once-per.ts";
import { ownAmong } from "../demand/own-positions.ts";
import { tierNotes } from "./tier-rows.ts";
import type { Position } from "../demand/position.ts";

export interface LedgerInput {
  readonly capacity: Capacity;
  readonly foreign: ForeignSessions;
  readonly ownSessions: number;
  readonly positions: readonly Position[];
  readonly exposure: Exposure;
  readonly limits?: LimitsToTell;
  readonly snapshot?: Snapshot;
}

/**
 * The ledger as the owner of one policy sees it: own workloads by name, those of other policies as
 * one line. The slots of all lines sum to max_connections.
 */
export function ledgerFor(policy: PolicyKey, input: LedgerInput): LedgerLine[] {
  const lines = [
    ...serverLines(input.capacity, input.foreign.slots),
    ...foreignLines(input.foreign, namespaceOf(policy)),
    { slots: input.ownSessions, text: "own session of poolwarden" },
    ...workloadLines(policy, input),
    ...leavingLines(policy, input),
    roomLine(policy, input),
  ].filter(({ slots }) => slots !== 0);
  const accounts = input.limits?.ofPolicy({ key: policy, namespace: namespaceOf(policy) }) ?? [];
  const rest = restLine(lines, input);
  const notes = [...sayAccounts(accounts), ...tiersFor(policy, input)];
  return [...lines, notes.length > 0 ? { ...rest, notes } : rest];
}

function tiersFor(key: PolicyKey, { snapshot }: LedgerInput): readonly string[] {
  if (!snapshot?.database.behind) return [];
  return tierNotes(
    snapshot.policies.find((policy) => policy.key === key),
    snapshot,
  );
}

function serverLines(capacity: Capacity, foreignSlots: number): LedgerLine[] {
  const { declaredBy, cut, reserveBy, undeclaredSlots } = capacity;
  const besides = foreignSlots - foreignWithin(capacity, foreignSlots);
  const undeclared = Math.max(0, undeclaredSlots - besides);
  const notes = [`${besides} more beyond it are held by the foreign sessions below`];
  return [
    ...capacity.withheld.map(({ by: text, slots }) => ({ slots, text })),
    {
      slots: undeclared,
      text: `beyond ${declaredBy}`,
      ...(besides > 0 ? { notes } : {}),
    },
    {
      slots: (cut?.slots ?? 0) - Math.max(0, besides - undeclaredSlots),
      text: `cut off by ${cut?.by ?? "nothing"}`,
    },
    { slots: capacity.reserveSlots, text: `reserve of policy ${reserveBy}` },
  ];
}

/** The largest groups by name, as far as the namespace may see them; the others as one line. */
function foreignLines({ seen, slots }: ForeignSessions, namespace: string): LedgerLine[] {
  const groups = groupsSeenBy(seen, namespace);
  const named = groups.map((group) => ({ slots: group.slots, text: `foreign: ${group.who}` }));
  const namedSlots = named.reduce((sum, line) => sum + line.slots, 0);
  const isTold = named.length > 0;
  const text = isTold ? "foreign: smaller groups" : "foreign sessions";
  const others = { slots: slots - namedSlots, text };
  const notes = ["foreign sessions count for 10 min: the most that were there at once"];
  if (!isTold) notes.push(whoMaySee);
  const lines = [...named, others].filter((line) => line.slots !== 0);
  return lines.map((line, at) => (at === lines.length - 1 ? { ...line, notes } : line));
}

/** What is on its way out: it takes from the room for rollouts, or more than that. */
function leavingLines(
  policy: PolicyKey,
  { positions, exposure, foreign }: LedgerInput,
): LedgerLine[] {
  const names = sayNames(leavingAmong(positions), policy);
  return [
    {
      slots: exposure.leavingSlots - foreign.ghostSlots,
      text: `old and terminating pods: ${names}`,
    },
    {
      slots: foreign.ghostSlots,
      text: "sessions of pods that are gone, until the server drops them",
    },
  ];
}

const leavingAmong = oncePer((positions: readonly Position[]) =>
  positions.filter(({ leavingSlots, pendingSlots }) => leavingSlots + pendingSlots),
);

function roomLine(policy: PolicyKey, { positions, exposure, capacity }: LedgerInput): LedgerLine {
  const { roomIndexes, roomLineSlots, leavingSlots } = exposure;
  const owners = roomIndexes.flatMap((index) => positions[index] ?? []);
  const { rolloutsMax, rolloutsBy } = capacity;
  const inAll =
    leavingSlots > 0 ? `${roomLineSlots} in all with the old and terminating pods; ` : "";
  return {
    slots: roomLineSlots - leavingSlots,
    text: `room for rollouts: ${sayNames(owners, policy)}`,
    notes: [
      `${inAll}reserve.rollouts is ${rolloutsMax} by policy ${rolloutsBy}`,
      "smaller with fewer planned pods, strategy Recreate, TerminationComplete, or reserve.rollouts 0",
    ],
  };
}

function restLine(lines: readonly LedgerLine[], { capacity, ...input }: LedgerInput): LedgerLine {
  const spent = lines.reduce((sum, { slots }) => sum + slots, 0);
  const slots = capacity.maxConnections - spent;
  const budget = budgetOf(capacity, input.foreign.slots, input.ownSessions);
  const used = input.exposure.slots;
  // A budget is never below 0: what reserve and foreign sessions take beyond it is missing too.
  const beyond = budget - used - slots;
  if (beyond > 0) {
    const others = `${beyond} for the reserve and foreign sessions`;
    const workloads = used > budget ? `${used - budget} for the workloads, ` : "";
    return { slots, text: `missing: ${workloads}${others}` };
  }
  return { slots, text: `${slots < 0 ? "missing" : "free"}: budget ${budget} - used ${used}` };
}

const namesMax = 3;

/** Names of other policies' workloads stay theirs. */
function sayNames(positions: readonly Position[], policy: PolicyKey): string {
  const own = ownAmong(positions, policy).slice(0, namesMax);
  const names = own.map(({ position }) => position.workload.name);
  const unnamed = positions.length - names.length;
  if (unnamed > 0) names.push(names.length === 0 ? otherPolicies(unnamed) : `${unnamed} more`);
  return names.join(", ");
}

function otherPolicies(workloads: number): string {
  return workloads === 1 ? "a workload of another policy" : `${workloads} of other policies`;
}
