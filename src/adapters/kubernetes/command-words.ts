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
  const letters = lettersAt(words, text);
  return words.flatMap((word, place) => {
    // What stands behind the program is an argument of it, and no property.
    const isBehind = isOfProgram || (jar >= 0 && place > jar);
    const next = words[place + 1] ?? "";
    if (word.startsWith("-D", quotesBefore(word))) return propertyIn(word, isBehind);
    if (word.startsWith("--", quotesBefore(word))) return argumentIn(word, next);
    return word.startsWith("-")
      ? letterIn(word, next, letters[place] ?? {})
      : assignedIn(word, isCommand);
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

/**
 * What a letter means at each word: what the program before it takes it for, up to the end of its
 * command. The -c of `sh -c "celery worker"` stands before the program, and is the shell's.
 */
function lettersAt(words: readonly string[], text: string): Letters[] {
  let letters: Letters = areOptionsAlone(text) ? { w: "workers" } : {};
  return words.map((word) => {
    const here = letters;
    letters = endOfCommand.test(word) ? {} : (lettersOf(word) ?? letters);
    return here;
  });
}

const endOfCommand = /[;&|]$/;

/** As in GUNICORN_CMD_ARGS, or behind an image's own program; not what a shell is to run. */
function areOptionsAlone(text: string): boolean {
  return text.startsWith("-") && !/^-[a-z]*c\n[^\n]* /.test(text);
}

function lettersOf(word: string): Letters | undefined {
  const name = word.slice(word.lastIndexOf("/") + 1).replace(/^["'(]/, "");
  return Object.hasOwn(programs, name) ? programs[name] : undefined;
}

/** -w 4, or -w4; the value is a number, or what a shell or the kubelet fills in. */
function letterIn(word: string, next: string, letters: Letters): Found[] {
  const [, letter = "", attached = ""] = /^-([a-z])([0-9]{0,9})$/.exec(word) ?? [];
  const name = Object.hasOwn(letters, letter) ? letters[letter] : undefined;
  const value = attached === "" ? next : attached;
  return name === undefined || !isCount.test(value) ? [] : [found("argument", name, value)];
}

const isCount = /^["']?[0-9$`]/;

/** Without what ends a command in a shell. */
function found(kind: Found["kind"], name: string, value: string): Found {
  const bare = withoutEnd(value, ";&|");
  return { kind, name, value: bare.replace(/^["']/, "").replace(/["']$/, "") };
}
