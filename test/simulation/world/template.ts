// The pod template of a workload, read from its managed fields: containers as the caches hold them,
// our annotations, and the hash that tells one revision from another. Two equal templates have one
// hash, which is how a rollback finds its old ReplicaSet.

import { group } from "../../../src/api/group.ts";
import type { EnvEntry, ObservedContainer } from "../../../src/observed.ts";
import type { Fields } from "./managed-fields.ts";

/** What stands in a workload from the start and is never edited. */
export interface ContainerFrame {
  readonly name: string;
  readonly envFrom?: ObservedContainer["envFrom"];
}

export interface Template {
  /** pod-template-hash. */
  readonly hash: string;
  /** Its fields, as a rollback puts them back. */
  readonly fields: Fields;
  readonly images: Fields;
  readonly containers: readonly ObservedContainer[];
  /** Under poolwarden.dev/. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What an environment entry says. */
export type EnvValue = string | NonNullable<EnvEntry["from"]>;

const prefixes = { env: "env/", image: "image/", annotation: "template-annotation/" } as const;
const workloadAnnotation = "annotation/";

export function isOfTemplate(field: string): boolean {
  return Object.values(prefixes).some((prefix) => field.startsWith(prefix));
}

export function imageField(container: string): string {
  return `${prefixes.image}${container}`;
}

export function templateAnnotationField(name: string): string {
  return `${prefixes.annotation}${name}`;
}

export function annotationField(name: string): string {
  return `${workloadAnnotation}${name}`;
}

/** The fields of one entry: that it is there, and what it holds. */
export function envFields(
  container: string,
  name: string,
  value: EnvValue,
): readonly (readonly [string, string])[] {
  const entry = `${prefixes.env}${container}/${name}`;
  return [[entry, ""], typeof value === "string" ? valueField(entry, value) : from(entry, value)];
}

function valueField(entry: string, value: string): [string, string] {
  return [`${entry}/value`, value];
}

function from(entry: string, { kind, name, key }: NonNullable<EnvEntry["from"]>): [string, string] {
  return [`${entry}/valueFrom`, `${kind}/${name}/${key}`];
}

export function hasReference(fields: Fields, container: string, name: string): boolean {
  return fields.has(`${prefixes.env}${container}/${name}/valueFrom`);
}

/** Every field of one entry, to remove it. */
export function entryFieldsOf(fields: Fields, container: string, name: string): string[] {
  const entry = `${prefixes.env}${container}/${name}`;
  return [...fields.keys()].filter((field) => field === entry || field.startsWith(`${entry}/`));
}

export function readTemplate(all: Fields, frames: readonly ContainerFrame[]): Template {
  const fields = new Map([...all].filter(([field]) => isOfTemplate(field)));
  const images = new Map([...fields].filter(([field]) => field.startsWith(prefixes.image)));
  return {
    hash: hashOf(fields),
    fields,
    images,
    containers: frames.map(({ name, envFrom = [] }) => ({
      name,
      env: readEnv(fields, name),
      envFrom,
    })),
    annotations: readAnnotations(fields, prefixes.annotation),
  };
}

/** Annotations of the workload itself under poolwarden.dev/. */
export function readOwnAnnotations(fields: Fields): Readonly<Record<string, string>> {
  return readAnnotations(fields, workloadAnnotation);
}

/** `container/NAME` → managers, as the API server lists them. */
export function readEnvManagers(
  fields: Fields,
  ownersOf: (field: string) => Iterable<string>,
): Readonly<Record<string, readonly string[]>> {
  const managers: Record<string, string[]> = {};
  for (const field of fields.keys()) {
    if (!field.startsWith(prefixes.env)) continue;
    const [, container = "", name = ""] = field.split("/");
    const known = (managers[`${container}/${name}`] ??= []);
    for (const owner of ownersOf(field)) if (!known.includes(owner)) known.push(owner);
  }
  return managers;
}

/** A literal longer than this is no size; the caches do not keep it. */
const literalLimitCharacters = 20;

function readEnv(fields: Fields, container: string): readonly EnvEntry[] {
  const start = `${prefixes.env}${container}/`;
  const entries = [...fields.keys()].filter((field) => field.startsWith(start));
  const names = new Set(entries.map((field) => field.slice(start.length).split("/")[0] ?? ""));
  return [...names].map((name) => readEntry(fields, `${start}${name}`, name));
}

function readEntry(fields: Fields, entry: string, name: string): EnvEntry {
  const reference = fields.get(`${entry}/valueFrom`);
  if (reference !== undefined) {
    const [kind = "", source = "", key = ""] = reference.split("/");
    if (kind !== "ConfigMap" && kind !== "Secret") return { name, otherSource: true };
    return { name, from: { kind, name: source, key } };
  }
  const value = fields.get(`${entry}/value`) ?? "";
  return value.length > literalLimitCharacters ? { name } : { name, value };
}

function readAnnotations(fields: Fields, prefix: string): Readonly<Record<string, string>> {
  const start = `${prefix}${group}/`;
  const found = [...fields].filter(([field]) => field.startsWith(start));
  return Object.fromEntries(
    found.map(([field, value]) => [field.slice(prefix.length), value] as const).sort(byName),
  );
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/** Of a list the order counts, of a map it does not: entries as they are, annotations sorted. */
function hashOf(fields: Fields): string {
  const lists = [...fields].filter(([field]) => !field.startsWith(prefixes.annotation));
  const maps = [...fields].filter(([field]) => field.startsWith(prefixes.annotation)).sort(byName);
  return hashText(JSON.stringify([...lists, ...maps]));
}

/** FNV-1a, as letters and digits. */
function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash.toString(36).padStart(7, "0");
}
