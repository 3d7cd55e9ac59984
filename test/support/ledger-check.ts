// Adds a status's ledger up as a person would, from nothing but its strings, and holds it against
// the other numbers of the status. For property tests, the simulation and the real thing alike.

import { engines } from "../../src/api/engines.ts";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";

export interface ReadLine {
  readonly slots: number;
  readonly text: string;
}

const row = /^ *(-?\d+) {2}(\S.*)$/;
const note = /^ +\(/;
const rule = /^-+$/;
const workload = /^((?:Deployment|StatefulSet)\/[^:]+|Pods\/[^:]+:[^:]+): /;
const rest = /^(?:free|missing): /;
const folded = /^\d+ smaller workloads of this policy$/;
const others = /^\d+ workloads? of other policies$/;
const leaving =
  /^(?:old and terminating pods: |sessions of pods that are gone|room for rollouts: )/;

/** Rows of the table, the sum left out. Throws on a string that is neither row, note nor rule. */
export function readLedger(ledger: readonly string[]): {
  readonly lines: readonly ReadLine[];
  readonly sum: number | undefined;
} {
  const end = ledger.findIndex((line) => rule.test(line));
  const lines = ledger
    .slice(0, end)
    .filter((line) => !note.test(line))
    .map(readLine);
  const after = ledger.slice(end + 1).map(readLine);
  const [last] = after;
  const sum = after.length === 1 && last && sums.has(last.text) ? last.slots : undefined;
  return { lines, sum };
}

/** As each server calls it. */
const sums = new Set<string>(Object.values(engines).map((one) => one.connectionsSetting));

function readLine(line: string): ReadLine {
  const [, slots, text] = row.exec(line) ?? [];
  if (slots === undefined || text === undefined) throw new Error(`no line of a ledger: "${line}"`);
  return { slots: Number(slots), text };
}

/** What is wrong with the ledger of a status; nothing, if it adds up. */
export function ledgerComplaints(status: PoolPolicyStatus): string[] {
  const { ledger, budget, maxConnections } = status;
  if (ledger === undefined) return budget === undefined ? [] : ["a budget, and no ledger"];
  const { lines, sum } = readLedger(ledger);
  const total = sumOf(lines);
  const wrong: string[] = [];
  if (sum !== maxConnections)
    wrong.push(`the sum says ${sum ?? "nothing"}, not ${maxConnections ?? "?"}`);
  if (total !== maxConnections)
    wrong.push(`the lines add up to ${total}, not ${maxConnections ?? "?"}`);
  return [...wrong, ...restComplaints(lines, status), ...workloadComplaints(lines, status)];
}

function restComplaints(
  lines: readonly ReadLine[],
  { budget = 0, used = 0 }: PoolPolicyStatus,
): string[] {
  const wrong = lines
    .filter(({ slots, text }) => slots <= 0 && !rest.test(text))
    .map(({ slots, text }) => `${slots} slots: ${text}`);
  const last = lines.at(-1);
  if (!last || !rest.test(last.text)) return [...wrong, "nothing says what is free"];
  // A budget is never below 0, what is missing is.
  const isRight = budget > 0 ? last.slots === budget - used : last.slots <= budget - used;
  if (!isRight) wrong.push(`${last.slots} left, but budget ${budget} - used ${used}`);
  if (last.slots < 0 !== last.text.startsWith("missing")) wrong.push(`${last.slots}: ${last.text}`);
  return wrong;
}

/** Each workload's lines are its row's slots, and all of the fleet's lines are what is used. */
function workloadComplaints(
  lines: readonly ReadLine[],
  { used, workloads = [] }: PoolPolicyStatus,
): string[] {
  const bySubject = new Map<string, number>();
  for (const { slots, text } of lines) {
    const subject = workload.exec(text)?.[1];
    if (subject) bySubject.set(subject, (bySubject.get(subject) ?? 0) + slots);
  }
  const isFolded = lines.some(({ text }) => folded.test(text));
  const wrong = workloads.flatMap((one) => {
    const slots = bySubject.get(one.workload) ?? (isFolded ? one.slots : 0);
    return slots === one.slots
      ? []
      : [`${one.workload}: ${slots} in the ledger, ${one.slots} in its row`];
  });
  const ofFleet = lines.filter(({ text }) =>
    [workload, folded, others, leaving].some((one) => one.test(text)),
  );
  const fleet = sumOf(ofFleet);
  if (fleet !== used)
    wrong.push(`the fleet's lines are ${fleet}, ${used ?? "nothing"} are said to be used`);
  return wrong;
}

function sumOf(lines: readonly ReadLine[]): number {
  return lines.reduce((sum, { slots }) => sum + slots, 0);
}
