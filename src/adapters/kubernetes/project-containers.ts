// Containers as a pool size can be read from them: names, environment, and where values come from.
// A literal of more than 20 characters is no size and may be a password: only its name is kept,
// unless it is a reference to another variable and nothing else, which may be one of a size. An
// entry without a value means the empty string, and says so, which tells it from one whose literal
// was dropped. A template may have 100,000 entries, and whoever may edit a Deployment could fill
// the memory with them: of many, and of long ones, only those are kept whose name may be that of a
// pool size, and those that we own, because each apply of ours has to repeat them.

import { environmentNameMax, isSizeName } from "../../api/environment.ts";
import { poolSizeFieldPath } from "../../api/group.ts";
import { isSizeUnderPrefix } from "../../api/preset-names.ts";
import { isSpareServers } from "../../api/spare-servers.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { foundSettings, type SettingText } from "./found-settings.ts";
import { ownEntries } from "./project-managers.ts";
import { at, copyOf, list, longest, text, textIfAny, textOfAnyLength } from "./raw-values.ts";

const literalLimitCharacters = 20;
/** Of all containers of a pod together; beyond it, those that may be sizes. */
const entriesKept = 400;
/** Of these entries, as JSON: some 100 a usual one. As many again of sources, and of our own. */
const charactersKept = 64_000;
/** Of other texts, which are searched for sizes: a megabyte would take a quarter of a second. */
const charactersRead = 262_144;
/** Of sizes in them, as JSON: some 80 a usual one. */
const settingCharactersKept = 16_000;
/** Of one container, the last ones, which win. */
const entriesRead = 5_000;
const containersKept = 100;
/** Of those that we own in one container: a profile writes some ten. */
const oursKept = 40;
/** One more than are looked up in (sourcesMax), which says that there are more. */
const sourcesKept = 51;

/** Of one container. */
interface Limits {
  readonly entries: number;
  readonly characters: number;
}

/**
 * Containers of a pod spec, in their order, then the init containers that keep running.
 * `managedFields`: of the workload whose template it is.
 */
export function projectContainers(
  podSpec: unknown,
  managedFields?: unknown,
): readonly ObservedContainer[] {
  const all = [...list(at(podSpec, "containers")), ...sidecarsIn(podSpec)];
  const containers = all.slice(0, containersKept);
  const part = (whole: number): number => Math.floor(whole / Math.max(1, containers.length));
  const limits = { entries: part(entriesKept), characters: part(charactersKept) };
  const oursIn = ownEntries(managedFields);
  return containers.map((container) => {
    const name = nameOf(container) ?? "";
    const { env, isCut } = projectEnv(list(at(container, "env")), limits, oursIn(name));
    const sources = list(at(container, "envFrom")).flatMap(projectSource).slice(-sourcesKept);
    const envFrom = lastWithin(sources, { ...limits, entries: sourcesKept }, charactersOf);
    const within = { read: part(charactersRead), characters: part(settingCharactersKept) };
    const found = foundSettings(textsOf(container), { ...limits, ...within });
    const { settings } = found;
    const isWhole = !isCut && !found.isCut && envFrom.length === sources.length;
    return {
      name,
      ...(isSidecar(container) ? { isSidecar: true as const } : {}),
      env,
      ...(settings.length === 0 ? {} : { settings }),
      ...(isWhole ? {} : { isCut: true }),
      envFrom,
    };
  });
}

function sidecarsIn(podSpec: unknown): readonly unknown[] {
  return list(at(podSpec, "initContainers")).filter(isSidecar);
}

/** Containers proper have no restart policy of their own that means this. */
function isSidecar(container: unknown): boolean {
  return at(container, "restartPolicy") === "Always";
}

/** What of a container may set a size, beside a variable of its own. */
function textsOf(container: unknown): SettingText[] {
  const wordsOf = (place: string): string =>
    list(at(container, place)).slice(0, wordsRead).map(wordOf).join("\n");
  const [command, args] = [wordsOf("command"), wordsOf("args")];
  const isOfProgram = programInCommand.test(command);
  const entries = list(at(container, "env")).slice(-entriesRead).flatMap(textOfEntry);
  return [
    ...(command === "" ? [] : [{ place: "command", text: command }]),
    ...(args === "" ? [] : [{ place: "args", text: args, isOfProgram }]),
    ...entries,
  ];
}

const wordsRead = 1_000;
const programInCommand = /(^|\n)-jar\n/;

function wordOf(word: unknown): string {
  return textOfAnyLength(word) ?? "";
}

function textOfEntry(entry: unknown): SettingText[] {
  const place = text(at(entry, "name"), environmentNameMax);
  const value = textOfAnyLength(at(entry, "value")) ?? "";
  const maySet = value.startsWith("-") || ["=", ":", "--"].some((sign) => value.includes(sign));
  return place === undefined || !maySet ? [] : [{ place, text: value }];
}

/** An entry whose name is longer than a policy can name is nobody's size, and not ours. */
function projectEnv(
  raw: readonly unknown[],
  limits: Limits,
  isOurs: (name: string) => boolean,
): { readonly env: readonly EnvEntry[]; readonly isCut: boolean } {
  const named = raw.flatMap((entry): Named[] => {
    const name = text(at(entry, "name"), environmentNameMax);
    return name === undefined ? [] : [{ name, entry }];
  });
  if (areWithin(named, limits)) return { env: named.map(projectEnvEntry), isCut: false };
  const own = named.filter(({ name }) => isOurs(name));
  const sizes = named.slice(-entriesRead).filter(({ name }) => isKeptName(name));
  const last = lastWithin(sizes, limits, charactersOfEntry);
  const kept = new Set([
    ...lastWithin(own, { ...limits, entries: oursKept }, charactersOfEntry),
    ...last,
  ]);
  const env = named.filter((entry) => kept.has(entry)).map(projectEnvEntry);
  return { env, isCut: named.length > entriesRead || last.length < sizes.length };
}

interface Named {
  readonly name: string;
  readonly entry: unknown;
}

function isKeptName(name: string): boolean {
  return isSizeName(name) || isSizeUnderPrefix(name) || isSpareServers(name);
}

function areWithin(all: readonly Named[], limits: Limits): boolean {
  if (all.length > limits.entries) return false;
  return lastWithin(all, limits, charactersOfEntry).length === all.length;
}

function lastWithin<T>(
  all: readonly T[],
  { entries, characters }: Limits,
  charactersIn: (one: T) => number,
): readonly T[] {
  let left = characters;
  let first = all.length;
  const least = Math.max(0, all.length - entries);
  for (const one of all.slice(least).reverse()) {
    left -= charactersIn(one);
    if (left < 0) break;
    first -= 1;
  }
  return all.slice(first);
}

function charactersOfEntry(entry: Named): number {
  return charactersOf(projectEnvEntry(entry));
}

function charactersOf(kept: object): number {
  return JSON.stringify(kept).length;
}

/** Longer than any in a cluster: none, as where there is no name. */
function nameOf(element: unknown): string | undefined {
  return text(at(element, "name"), longest.name);
}

function projectEnvEntry({ name, entry }: Named): EnvEntry {
  const source = at(entry, "valueFrom");
  if (source !== undefined && source !== null) return projectReference(name, source);
  const whole = textOfAnyLength(at(entry, "value")) ?? "";
  const value = isReference(whole) ? whole : text(whole, literalLimitCharacters);
  const refersTo = sizesReferredTo(whole);
  return {
    name,
    ...(value === undefined ? {} : { value }),
    ...(refersTo.length === 0 ? {} : { refersTo }),
  };
}

/** Few refer to one; more than so many are not looked at. */
const referencesKept = 5;
const referencesSearched = 20;
const charactersSearched = 4_096;

const name = `[A-Za-z0-9_.-]{1,${environmentNameMax}}`;
/** Of the kubelet, $(NAME), or of a framework, which may say a number beside it: ${NAME:40}. */
const bareReference = new RegExp(`^\\s?(\\$\\(${name}\\)|\\$\\{${name}(:-?[0-9]{1,9})?\\})\\s?$`);

/** With a space or a line break around it at most. */
function isReference(value: string): boolean {
  return bareReference.test(value);
}

function sizesReferredTo(value: string): string[] {
  if (!value.includes("$(")) return [];
  const found = value.slice(0, charactersSearched).matchAll(/\$\(([A-Za-z0-9_.-]{1,128})\)/g);
  const names = [...found]
    .slice(0, referencesSearched)
    .flatMap(([, name = ""]) => (isKeptName(name) ? copyOf(name) : []));
  return [...new Set(names)].slice(0, referencesKept);
}

function projectReference(name: string, source: unknown): EnvEntry {
  for (const [field, kind] of [
    ["configMapKeyRef", "ConfigMap"],
    ["secretKeyRef", "Secret"],
  ] as const) {
    const referenced = nameOf(at(source, field));
    const key = text(at(source, field, "key"), longest.name);
    if (referenced !== undefined && key !== undefined) {
      return { name, from: { kind, name: referenced, key } };
    }
  }
  const isOwnSize = at(source, "fieldRef", "fieldPath") === poolSizeFieldPath;
  return isOwnSize ? { name, isOwnSize } : { name, otherSource: true };
}

/** None of a prefix that is longer than what a policy can name, or of a name that is too long. */
function projectSource(source: unknown): ObservedContainer["envFrom"] {
  const prefix = textIfAny(at(source, "prefix"), environmentNameMax);
  if (prefix === undefined) return [];
  const configMap = nameOf(at(source, "configMapRef"));
  if (configMap !== undefined) return [{ kind: "ConfigMap", name: configMap, prefix }];
  const secret = nameOf(at(source, "secretRef"));
  return secret === undefined ? [] : [{ kind: "Secret", name: secret, prefix }];
}
