// Settings in the words of a command line: --name=40, --name 40, -Dname=40, NAME=40 before a
// program, and options of one letter, which mean something only to a program that is known here.

import type { FoundSetting } from "../../observed.ts";
import { withoutEnd } from "./without-end.ts";

type Found = Pick<FoundSetting, "kind" | "name"> & { readonly value: string };

/** What a text is. */
interface TextKind {
  /** All of the text is a command; otherwise it holds options, as JAVA_TOOL_OPTIONS does. */
  readonly isCommand: boolean;
  /** The command has named the program already: what follows are its arguments. */
  readonly isOfProgram: boolean;
}

export function settingsInWords(text: string, { isCommand, isOfProgram }: TextKind): Found[] {
  if (!isCommand && !/(^|[\s"'])-/.test(text)) return [];
  const words = text.split(/\s+/);
  const jar = words.indexOf("-jar");
  const letters = letterOptions(words);
  return words.flatMap((word, place) => {
    // What stands behind the program is an argument of it, and no property.
    const isBehind = isOfProgram || (jar >= 0 && place > jar);
    const next = words[place + 1] ?? "";
    if (word.startsWith("-D", quotesBefore(word))) return propertyIn(word, isBehind);
    if (word.startsWith("--", quotesBefore(word))) return argumentIn(word, next);
    return word.startsWith("-") ? letterIn(word, next, letters) : assignedIn(word, isCommand);
  });
}

function quotesBefore(word: string): number {
  return word.startsWith('"') || word.startsWith("'") ? 1 : 0;
}

/** -Dname=40 */
function propertyIn(word: string, isOfProgram: boolean): Found[] {
  const [, name, value = ""] = /^["']?-D([^=]+)=(.*)$/.exec(word) ?? [];
  return name === undefined || isOfProgram ? [] : [found("property", name, value)];
}

/** --name=40, or --name and the next word. */
function argumentIn(word: string, next: string): Found[] {
  const [, name, equals, value = ""] = /^["']?--([^=]+)(=?)(.*)$/.exec(word) ?? [];
  if (name === undefined) return [];
  if (equals === "=") return [found("argument", name, value)];
  return next.startsWith("-") ? [] : [found("argument", name, next)];
}

/** NAME=40, for the program that follows or by `export`: it wins over the container's entry. */
function assignedIn(word: string, isCommand: boolean): Found[] {
  const [, name, value = ""] = /^["']?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(word) ?? [];
  return name === undefined || !isCommand ? [] : [found("property", name, value)];
}

type Letters = Readonly<Record<string, string>>;

/** What a letter is short for, by the program: by the manuals of these. */
const programs: Readonly<Record<string, Letters>> = {
  gunicorn: { w: "workers" },
  hypercorn: { w: "workers" },
  puma: { w: "workers" },
  celery: { c: "concurrency" },
  sidekiq: { c: "concurrency" },
  uwsgi: { p: "processes" },
};

/** The text has the name of one, or is of options alone: GUNICORN_CMD_ARGS. */
function letterOptions(words: readonly string[]): Letters {
  const names = words.map((word) => word.slice(word.lastIndexOf("/") + 1));
  const program = names.find((name) => Object.hasOwn(programs, name));
  if (program !== undefined) return programs[program] ?? {};
  return words[0]?.startsWith("-") === true ? { w: "workers" } : {};
}

/** -w 4, or -w4 */
function letterIn(word: string, next: string, letters: Letters): Found[] {
  const [, letter = "", value = ""] = /^-([a-z])([0-9]{0,9})$/.exec(word) ?? [];
  const name = Object.hasOwn(letters, letter) ? letters[letter] : undefined;
  return name === undefined ? [] : [found("argument", name, value === "" ? next : value)];
}

/** Without what ends a command in a shell. */
function found(kind: Found["kind"], name: string, value: string): Found {
  const bare = withoutEnd(value, ";&|");
  return { kind, name, value: bare.replace(/^["']/, "").replace(/["']$/, "") };
}
