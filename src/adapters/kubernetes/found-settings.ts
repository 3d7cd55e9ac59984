// Sizes that stand elsewhere than in a variable of their own: in arguments (--name=40, -Dname=40),
// in JAVA_TOOL_OPTIONS and its like, in SPRING_APPLICATION_JSON, in the parameters of a connection
// URL. Only what may be a size is kept of such a text, never the text: it may hold a password.
// Whoever writes the template chooses how long it is, so each is read once, from its beginning, up
// to a bound for all texts of a pod; every pattern below takes time in proportion.

import { environmentNameMax, isSizeName } from "../../api/environment.ts";
import { isSizeUnderPrefix } from "../../api/preset-names.ts";
import { presets } from "../../api/presets.ts";
import { plainName } from "../../api/relaxed-names.ts";
import type { FoundSetting } from "../../observed.ts";
import { copyOf } from "./raw-values.ts";
import { settingsInWords } from "./command-words.ts";
import { jsonsIn, type Setting, settingsInJson } from "./json-settings.ts";
import { settingsInUrl } from "./url-settings.ts";

/** Of one text: as long as the longest of many Java options. */
const textCharactersRead = 65_536;
/** A longer value is no size; of one that begins with a reference only that is kept. */
const valueLimitCharacters = 20;
/** With what a shell or a framework takes where it is not set: ${NAME:-40}, ${NAME:40}. */
const reference = new RegExp(
  `^\\$[({]?[A-Za-z0-9_.-]{1,${environmentNameMax}}(?::?-?[0-9]{1,9}\\})?`,
);

/** A text of a container that may set something. */
export interface SettingText {
  /** `command`, `args`, or the name of a variable. */
  readonly place: string;
  readonly text: string;
  /** The command has named the program already: what follows are its arguments. */
  readonly isOfProgram?: boolean;
}

/** How much is read, how many settings are kept, and how long all of them are as JSON. */
export interface SettingLimits {
  readonly read: number;
  readonly entries: number;
  readonly characters: number;
}

export interface FoundSettings {
  readonly settings: readonly FoundSetting[];
  /** There may be more. */
  readonly isCut: boolean;
}

type Found = Pick<FoundSetting, "kind" | "name" | "host" | "engine"> & { readonly value: string };

/** The first that are within the limits, in the order of the texts. */
export function foundSettings(
  texts: readonly SettingText[],
  { read, entries, characters }: SettingLimits,
): FoundSettings {
  const settings: FoundSetting[] = [];
  let charactersLeft = characters;
  let left = read;
  for (const text of texts) {
    const most = Math.min(left, textCharactersRead);
    if (most <= 0) return { settings, isCut: true };
    left -= text.text.length;
    for (const found of settingsIn({ ...text, text: text.text.slice(0, most) })) {
      const kept = keptOf(found, text.place);
      charactersLeft -= JSON.stringify(kept).length;
      if (settings.length >= entries || charactersLeft < 0) return { settings, isCut: true };
      settings.push(kept);
    }
  }
  return { settings, isCut: false };
}

function keptOf({ kind, name, value, host, engine }: Found, place: string): FoundSetting {
  const isShort = value.length <= valueLimitCharacters;
  const kept = isShort ? value : reference.exec(value)?.[0];
  return {
    ...{ place, kind, name: copyOf(name) },
    ...(kept !== undefined && { value: copyOf(kept) }),
    ...(host !== undefined && { host: copyOf(host) }),
    ...(engine !== undefined && { engine }),
  };
}

function settingsIn({ place, text, isOfProgram = false }: SettingText): Found[] {
  if (place === "SPRING_APPLICATION_JSON") return sizesOf("property", settingsInJson(text));
  const isCommand = place === "command" || place === "args";
  const words = settingsInWords(text, { isCommand, isOfProgram });
  const properties = jsonsIn(text, isOfProgram).flatMap(settingsInJson);
  return [
    ...words.filter(({ name }) => isSettingName(name)),
    ...sizesOf("property", properties),
    ...settingsInUrl(text, place).map((one) => ({ kind: "url" as const, ...one })),
    ...engineOptionsIn(place, text).map((one) => ({ kind: "url" as const, ...one })),
  ];
}

/** SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 40, "max_overflow": 10}: both are what it may open. */
function engineOptionsIn(place: string, text: string): readonly Setting[] {
  if (!/sql|database|(^|_)db_/i.test(place) || !/^\s*\{/.test(text)) return [];
  const all = settingsInJson(text);
  const numberOf = (name: string): number | undefined => {
    const found = all.find((one) => plainName(one.name.split(".").at(-1) ?? "") === name);
    return found && Number(found.value);
  };
  const size = numberOf("poolsize");
  if (size === undefined || !Number.isSafeInteger(size)) return [];
  const overflow = numberOf("maxoverflow") ?? usualOverflow;
  const isUnlimited = size === 0 || overflow < 0;
  return [{ name: "pool_size", value: String(isUnlimited ? 0 : size + overflow) }];
}

const usualOverflow = presets.generic.usualOverflow;

function sizesOf(
  kind: Found["kind"],
  settings: readonly { readonly name: string; readonly value: string }[],
): Found[] {
  return settings.flatMap(({ name, value }) => {
    return isSettingName(name) ? [{ kind, name, value }] : [];
  });
}

/** It may be what a policy names, in another spelling or under a prefix. */
function isSettingName(name: string): boolean {
  if (name.length > environmentNameMax) return false;
  return isSizeName(name.replaceAll(/[.-]/g, "_")) || isSizeUnderPrefix(name);
}
