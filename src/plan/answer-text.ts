// An answer for a person at a terminal: for each server a table of pools and its ledger, then what
// is wrong with the way out, then one line to act on.

import { alignedLines } from "../domain/words/aligned-lines.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type { Answer, PolicyAnswer, PoolAnswer, ServerAnswer } from "./answer.ts";
import { peakLines, stepLines } from "./steps-text.ts";

/** Of one server; JSON has all of them. */
export const poolsTold = 200;

export function textOf(answer: Answer): string {
  const parts = [
    ...answer.servers.map(serverText),
    stepsText(answer),
    findingsText(answer.policies),
    problemsText(
      "Does not fit",
      answer.policies.filter(({ isAnswered }) => isAnswered),
    ),
    problemsText(
      "Not answered",
      answer.policies.filter(({ isAnswered }) => !isAnswered),
    ),
    peaksText(answer),
    answer.notes.map((note) => `Note: ${note}\n`).join(""),
    `${readText(answer)}\n${verdictOf(answer)}\n`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function stepsText(answer: Answer): string {
  if (!answer.steps) return "";
  const lines = stepLines(answer).map((line, index) => `  ${index + 1}. ${line}\n`);
  return `If it is applied\n${lines.length === 0 ? "  nothing changes\n" : lines.join("")}`;
}

function peaksText(answer: Answer): string {
  const lines = peakLines(answer).map((line) => `  ${line}\n`);
  return lines.length === 0 ? "" : `Does not fit while it is applied\n${lines.join("")}`;
}

function serverText(server: ServerAnswer): string {
  const { pools, ledger } = server;
  if (pools.length === 0) return `${headingOf(server)}\n`;
  const table = tableOf(pools.slice(0, poolsTold)).map((line) => `  ${line}`);
  const more = pools.length - poolsTold;
  if (more > 0) table.push(`  and ${more} more: see --output json`);
  const account = ledger.length === 0 ? [] : ["", ...ledger.map((line) => `  ${line}`)];
  return `${[headingOf(server), "", ...table, ...account].join("\n")}\n`;
}

export function headingOf({
  server,
  maxConnections,
  connectionsSetting,
  limitFrom,
  budget,
  used,
}: ServerAnswer): string {
  if (maxConnections === undefined || budget === undefined)
    return `${server}: its limit is not known`;
  const need = `${used} of ${budget} slots needed`;
  return `${server}: ${need}, ${connectionsSetting} ${maxConnections} (${limitFrom})`;
}

interface Column {
  readonly title: string;
  readonly cell: (pool: PoolAnswer) => string;
  readonly isNumber?: true;
}

const numbers = (title: string, cell: Column["cell"]): Column => ({ title, cell, isNumber: true });

export const columns: readonly Column[] = [
  { title: "POLICY", cell: ({ policy }) => policy },
  { title: "POOL", cell: ({ pool }) => pool },
  numbers("SIZE", sizeText),
  numbers("TEMPLATE", templateText),
  numbers("MIN", ({ minSize }) => String(minSize)),
  numbers("PODS", ({ replicas }) => String(replicas)),
  numbers("PLANNED", ({ plannedPods }) => String(plannedPods)),
  numbers("SLOTS", ({ slots }) => String(slots)),
  { title: "BOUND BY", cell: boundText },
];

function sizeText({ poolSize, poolSizeBefore, live }: PoolAnswer): string {
  const next = poolSizeBefore === undefined ? String(poolSize) : `${poolSizeBefore}→${poolSize}`;
  if (!live) return next;
  const { least, most } = live;
  return `${next}, running ${least === most ? least : `${least}-${most}`}`;
}

function templateText({ templatePoolSize, isUnlimited }: PoolAnswer): string {
  return isUnlimited === true ? "no limit" : String(templatePoolSize);
}

function boundText({ decision, reason, boundBy, share }: PoolAnswer): string {
  if (reason === "Counted") return "nothing: it is counted, not sized";
  if (decision === "Unmanaged") return `${reason}; its share would be ${share} (${boundBy})`;
  return decision === "Wait" ? `${boundBy} (${reason})` : boundBy;
}

function tableOf(pools: readonly PoolAnswer[]): string[] {
  const titles = columns.map(({ title }) => title);
  const rows = pools.map((pool) => columns.map(({ cell }) => cell(pool)));
  return alignedLines([titles, ...rows], (at) => columns[at]?.isNumber === true);
}

function findingsText(policies: readonly PolicyAnswer[]): string {
  const told = findingsOf(policies).map(({ policy, text }) => `  ${policy}: ${text}\n`);
  return told.length === 0 ? "" : `Findings\n${told.join("")}`;
}

export function findingsOf(
  policies: readonly PolicyAnswer[],
): readonly { readonly policy: string; readonly text: string }[] {
  return policies.flatMap(({ policy, status: { findings = [] }, problems }) => {
    // What is a reason not to fit is told there.
    const others = findings.filter((one) => !problems.some((each) => each.message === one.message));
    return others.map(({ reason, message }) => ({ policy, text: `${reason}: ${message}` }));
  });
}

function problemsText(title: string, policies: readonly PolicyAnswer[]): string {
  const told = policies.flatMap(({ policy, place, problems }) => {
    if (problems.length === 0) return [];
    const lines = problems.map(({ reason, message }) => `    ${reason}: ${message}\n`);
    return [`  ${policy} (${place})\n${lines.join("")}`];
  });
  return told.length === 0 ? "" : `${title}\n${told.join("")}`;
}

export function readText({ read, ignored }: Answer): string {
  const left = countsText(ignored);
  return `Read ${countsText(read)}.${left === "" ? "" : ` Not looked at: ${left}.`}`;
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return kinds.map(([kind, count]) => `${count} ${kind}`).join(", ");
}

export function verdictOf({ exitStatus, policies, peaks = [] }: Answer): string {
  const fitting = policies.filter(({ fits }) => fits).length;
  const of = `${fitting} of ${policies.length} ${policies.length === 1 ? "policy" : "policies"}`;
  if (exitStatus === 0) return `Fits: ${of}.`;
  if (exitStatus === 1 && fitting === policies.length) {
    return `Does not fit while it is applied: ${sayCount(peaks.length, "server")} would be over.`;
  }
  return exitStatus === 1 ? `Does not fit: ${of} fit.` : `Not answered: ${of} fit.`;
}
