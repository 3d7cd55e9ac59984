// Whether what runs says all that a manifest says. The API server stores a manifest in its own
// form: it adds defaults, leaves empty fields out, and writes amounts in one way. It is not asked
// for a dry run: that takes the right to write, and calls webhooks for each object.

import { at, fields } from "../adapters/kubernetes/raw-values.ts";
import { quantityOf } from "../adapters/kubernetes/quantity.ts";

/** Fields whose false or 0 is not stored, because it is what no word means. */
const unstoredWhenZero: ReadonlySet<string> = new Set([
  ...["hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly"],
  ...["initialDelaySeconds", "hostPort"],
]);

/** Objects that are not stored while they are empty. Others are: `emptyDir: {}` says something. */
const unstoredWhenEmpty: ReadonlySet<string> = new Set([
  ...["nodeSelector", "labels", "annotations", "matchLabels", "limits", "requests", "overhead"],
]);

/** Fields whose values are amounts, or objects of them. */
const amounts: ReadonlySet<string> = new Set(["limits", "requests", "sizeLimit", "divisor"]);

/** What the API server stores as if it were not there. `field`: its name. */
export function isUnstored(value: unknown, field: string): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== "object") {
    return (value === false || value === 0) && unstoredWhenZero.has(field);
  }
  return Object.keys(value).length === 0 && unstoredWhenEmpty.has(field);
}

/**
 * Everything that `given` says is so in `live`, which has defaults beside it. Lists of named items
 * (containers, variables, volumes) go by name, others by position. `field`: the name of the field
 * that both are in.
 */
export function isContained(given: unknown, live: unknown, field = ""): boolean {
  if (given === undefined || given === null) return true;
  if (live === undefined) return isUnstored(given, field);
  if (Array.isArray(given)) return Array.isArray(live) && isListContained(given, live, field);
  if (typeof given !== "object") return given === live || isSameAmount(given, live, field);
  if (typeof live !== "object") return false;
  const there = fields(live);
  return Object.entries(given).every(([name, value]: [string, unknown]) =>
    isContained(value, there[name], amounts.has(field) ? field : name),
  );
}

function isSameAmount(given: unknown, live: unknown, field: string): boolean {
  if (!amounts.has(field)) return false;
  const amount = quantityOf(given);
  return amount !== undefined && amount === quantityOf(live);
}

function isListContained(
  given: readonly unknown[],
  live: readonly unknown[],
  field: string,
): boolean {
  // Entries that are missing are looked for by themselves: ours stay.
  if (field !== "env" && given.length !== live.length) return false;
  return given.every((item, position) =>
    partnersOf(item, live, position).some((one) => isContained(item, one)),
  );
}

/** Of an item, those of the other list that may be the same: a name may stand there twice. */
export function partnersOf(
  item: unknown,
  others: readonly unknown[],
  position: number,
): readonly unknown[] {
  const name = at(item, "name");
  if (typeof name !== "string") return position < others.length ? [others[position]] : [];
  return others.filter((one) => at(one, "name") === name);
}
