// Turns what zod says about a stored policy into a sentence for its condition: the field as the
// user wrote it, the value that stands there, and what would be right.

import type { z } from "zod";

type Issue = z.core.$ZodIssue;

const issuesMax = 3;
const valueLengthMax = 80;

/** At most three problems, e.g. `spec.database.maxConnections is 0: it must be at least 1`. */
export function explainIssues(raw: unknown, issues: readonly Issue[]): string {
  const sentences = issues.slice(0, issuesMax).map((issue) => explainIssue(raw, issue));
  const rest = issues.length - issuesMax;
  return sentences.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

function explainIssue(raw: unknown, issue: Issue): string {
  const field = ["spec", ...issue.path]
    .reduce<string>((text, key) => text + stepTo(key), "")
    .slice(1);
  return `${field}${valueText(valueAt(raw, issue.path))}: ${wayOut(issue)}`;
}

function stepTo(key: PropertyKey): string {
  return typeof key === "number" ? `[${key}]` : `.${String(key)}`;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
    raw,
  );
}

/** Objects and lists are not printed: the sentence names what is wrong inside. */
function valueText(value: unknown): string {
  if (value === undefined) return " is missing";
  if (typeof value === "object" && value !== null) return "";
  const text = JSON.stringify(value);
  return ` is ${text.length > valueLengthMax ? `${text.slice(0, valueLengthMax)}…` : text}`;
}

const typeWords: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

function wayOut(issue: Issue): string {
  if (issue.code === "invalid_type") {
    return `it must be ${typeWords[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === "invalid_value") {
    return `it must be one of ${issue.values.map(String).join(", ")}`;
  }
  if (issue.code === "too_small") return boundText(issue.origin, "at least", issue.minimum);
  if (issue.code === "too_big") return boundText(issue.origin, "at most", issue.maximum);
  if (issue.code === "invalid_union") return "it must be a number or a text";
  return issue.message;
}

function boundText(origin: string, relation: string, bound: number | bigint): string {
  const amount = `${relation} ${String(bound)}`;
  if (origin === "string") return `it must have ${amount} character${bound === 1 ? "" : "s"}`;
  if (origin === "array") return `it must have ${amount} ${bound === 1 ? "entry" : "entries"}`;
  return `it must be ${amount}`;
}
