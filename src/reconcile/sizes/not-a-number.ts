// A variable that holds no number now is no pool size, whatever its name is: a connection string,
// a list, a word. A size in its place would take from the process what it connects to, so it is
// never written over: not here, and not in the API server, whose admission policy says the same in
// CEL.

import { entriesWrittenOverMax, isNumberOrEmpty } from "../../api/size-text.ts";
import type { EnvironmentEntry } from "../../api/sizing.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { referableIn, referredName, type Resolve, valueOf } from "./variable-values.ts";

/** Of the entries that a size is written into, in a template's container: one that holds none. */
export function notANumber(
  container: ObservedContainer,
  entries: readonly EnvironmentEntry[],
  resolve: Resolve,
): Finding[] {
  const sizes = entries.filter(({ value }) => /^[0-9]+$/.test(value));
  const names = new Set(sizes.map(({ name }) => name));
  const own = container.env.filter(({ name }) => names.has(name));
  if (own.length > entriesWrittenOverMax) return [tooMany(container, [...names].join(", "))];
  const other = sizes.find(({ name }) => !mayWrite(container, name, resolve));
  if (!other) return [];
  // Never the value: it may be a password.
  const message =
    `container ${container.name}: ${other.name} holds something that is not a number, so it is never written over ` +
    "and the workload is not sized: correct its value, or name another variable in spec.workloads[].env";
  return [{ reason: "NotANumber", severity: "blocking", message }];
}

function tooMany({ name }: ObservedContainer, names: string): Finding {
  const message =
    `container ${name}: it has more than ${entriesWrittenOverMax} entries of ${names}, of which it is not known that each holds a number, ` +
    "so none is written over and the workload is not sized: leave one of each in its template";
  return { reason: "NotANumber", severity: "blocking", message };
}

function mayWrite(container: ObservedContainer, name: string, resolve: Resolve): boolean {
  const own = container.env.filter((entry) => entry.name === name);
  if (!own.every((entry) => holdsNumber(entry, referableIn(container)))) return false;
  const env = own.length === 0 ? [] : container.env;
  const text = valueOf({ ...container, env }, [name], resolve);
  return text === undefined || text.source === "literal" || isNumberOrEmpty(text.text);
}

/** A number, or `$(NAME)` of an entry that holds one: no more of it can be said in CEL. */
export function holdsNumber(entry: EnvEntry, env: readonly EnvEntry[]): boolean {
  if (holdsNumberItself(entry)) return true;
  const referred = referredName(entry.value ?? "");
  return env.some((one) => one.name === referred && holdsNumberItself(one));
}

/** What stands elsewhere counts as one here: the API server cannot look it up. */
function holdsNumberItself({ from, otherSource, isOwnSize, value }: EnvEntry): boolean {
  if (from !== undefined || otherSource === true || isOwnSize === true) return true;
  return value !== undefined && isNumberOrEmpty(value);
}
