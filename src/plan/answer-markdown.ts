// An answer as Markdown, for a comment on a pull request: what is wrong first, the tables below.

import type { Answer, PolicyAnswer, PoolAnswer, ServerAnswer } from "./answer.ts";
import { peakLines, stepLines } from "./steps-text.ts";
import { columns, findingsOf, headingOf, poolsTold, readText, verdictOf } from "./answer-text.ts";

export function markdownOf(answer: Answer): string {
  const { policies, servers, notes } = answer;
  const parts = [
    `## Connection pools: ${verdictOf(answer)}`,
    listOf([...policies.flatMap(problemLines), ...peakLines(answer).map(escaped)]),
    stepsPart(answer),
    ...servers.map(serverPart),
    listOf(findingsOf(policies).map(({ policy, text }) => `${code(policy)} ${escaped(text)}`)),
    listOf(notes.map(escaped)),
    escaped(readText(answer)),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function listOf(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function stepsPart(answer: Answer): string {
  const lines = stepLines(answer).map((line, index) => `${index + 1}. ${escaped(line)}`);
  return lines.length === 0 ? "" : `If it is applied:\n\n${lines.join("\n")}`;
}

function problemLines({ policy, place, problems }: PolicyAnswer): string[] {
  const whose = `${code(policy)} (${escaped(place)})`;
  return problems.map(
    ({ reason, message }) => `**${escaped(reason)}** ${whose}: ${escaped(message)}`,
  );
}

function serverPart(server: ServerAnswer): string {
  const { pools, ledger } = server;
  const parts = [`### ${escaped(headingOf(server))}`];
  if (pools.length > 0) parts.push(tableOf(pools));
  if (ledger.length > 0) {
    const fence = fenceAround(ledger);
    const account = `${fence}text\n${ledger.join("\n")}\n${fence}`;
    parts.push(`<details><summary>Ledger</summary>\n\n${account}\n\n</details>`);
  }
  return parts.join("\n\n");
}

/** Longer than any row of backticks within, which would end it. */
function fenceAround(lines: readonly string[]): string {
  const rows = lines.flatMap((line) => line.match(/`+/g) ?? []);
  return "`".repeat(rows.reduce((most, { length }) => Math.max(most, length + 1), 3));
}

function tableOf(pools: readonly PoolAnswer[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const more = pools.length - poolsTold;
  const lines = [
    row(columns.map(({ title }) => title.toLowerCase())),
    row(columns.map(({ isNumber }) => (isNumber === true ? "--:" : "---"))),
    ...pools.slice(0, poolsTold).map((pool) => row(columns.map(({ cell }) => escaped(cell(pool))))),
  ];
  return lines.join("\n") + (more > 0 ? `\n\nand ${more} more: see \`--output json\`` : "");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/**
 * A name or a message may hold anything: no format, and nobody is called, no issue named, no page
 * linked to. What would do so is parted by a space that has no width.
 */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\`*_|<>[\]]/g, (character) => `\\${character}`)
    .replaceAll(/@|:(?=\/\/)|#(?=\d)|www(?=\.)/gi, (sign) => `${sign}&#8203;`);
}
