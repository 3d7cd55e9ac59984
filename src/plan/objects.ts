// From documents to the objects that a plan is made from: lists taken apart, the namespace filled
// in as kubectl does, kinds that say nothing of connections counted and left out. What the API
// server would refuse is refused here, with its place, because a number that is read as another
// one would make the answer wrong.

import { type Document, type Place, sayPlace } from "../adapters/manifests/documents.ts";
import { at, fields, list } from "../adapters/kubernetes/raw-values.ts";
import { group, kind as policyKind } from "../api/group.ts";
import { dnsLabelPattern, dnsSubdomainPattern, objectNameMax } from "../api/names.ts";
import { workloadKindNames, workloadKinds } from "../api/workload-kinds.ts";
import { type PodTemplate, podTemplateIn } from "./pod-templates.ts";
import { podRefusal, quoted, refusalOf } from "./refusals.ts";

export interface ManifestObject {
  readonly place: Place;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** With its namespace, and without what only a cluster knows of it. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface Objects {
  readonly objects: readonly ManifestObject[];
  /** Of other kinds. */
  readonly templates: readonly PodTemplate[];
  /** PodDisruptionBudgets: only a plan over what runs asks for them. */
  readonly budgets: readonly ManifestObject[];
  /** Each with its place and the way out. */
  readonly problems: readonly string[];
  /** How many of each kind that is not looked at. */
  readonly ignored: ReadonlyMap<string, number>;
  /** Objects that stand twice and are the same. */
  readonly repeated: number;
}

interface Found {
  readonly place: Place;
  readonly value: unknown;
}

/** The API groups of the kinds that are looked at. */
const groups: Readonly<Record<string, string>> = {
  [policyKind]: group,
  ...Object.fromEntries(workloadKindNames.map((kind) => [kind, workloadKinds[kind].apiGroup])),
  HorizontalPodAutoscaler: "autoscaling",
  ScaledObject: "keda.sh",
  Secret: "",
  ConfigMap: "",
};

export const budgetKind = "PodDisruptionBudget";

const notAnObject = "(no object of Kubernetes)";

export function objectsIn(documents: readonly Document[], namespace: string): Objects {
  const broken = documents.flatMap((one) =>
    "problem" in one ? [`${sayPlace(one.place)}: ${one.problem}`] : [],
  );
  const found = documents.flatMap((one) => ("value" in one ? itemsOf(one, 0) : []));
  const ignored = new Map<string, number>();
  const read: (ManifestObject | string)[] = [];
  const templates: PodTemplate[] = [];
  for (const one of found) {
    const kind = kindOf(one.value);
    const template = isLookedAt(one.value) ? undefined : templateOf(one.value, namespace);
    const problem = template && podRefusal(template.spec);
    if (isLookedAt(one.value)) read.push(objectOf(one, namespace));
    else if (template) templates.push(template);
    else ignored.set(kind, (ignored.get(kind) ?? 0) + 1);
    if (template && problem !== undefined) {
      read.push(`${sayPlace(one.place)}: ${idOf(template)}: ${problem}`);
    }
  }
  const { objects, problems, repeated } = onlyOnce(read.filter((one) => typeof one !== "string"));
  const refused = read.filter((one) => typeof one === "string");
  const all = [...broken, ...refused, ...problems];
  const budgets = budgetsIn(found, namespace);
  return { objects, templates, budgets, problems: all, ignored, repeated };
}

function budgetsIn(found: readonly Found[], namespace: string): readonly ManifestObject[] {
  return found
    .filter(({ value }) => kindOf(value) === budgetKind)
    .map((one) => objectOf(one, namespace))
    .filter((one) => typeof one !== "string");
}

/** Of a kind that is not looked at otherwise. */
function templateOf(value: unknown, usualNamespace: string): PodTemplate | undefined {
  const { name, namespace } = fields(at(value, "metadata"));
  if (typeof name !== "string") return undefined;
  const own = typeof namespace === "string" && namespace !== "" ? namespace : usualNamespace;
  return podTemplateIn({ kind: kindOf(value), namespace: own, name }, value);
}

const listsDeep = 10;

/** A List, or a list of one kind, whose items may leave out what they are. */
function itemsOf({ place, value }: Found, depth: number): readonly Found[] {
  const kind = kindOf(value);
  const items = at(value, "items");
  if (!kind.endsWith("List") || !Array.isArray(items) || depth === listsDeep) {
    return [{ place, value }];
  }
  const usual =
    kind === "List" ? {} : { apiVersion: at(value, "apiVersion"), kind: kind.slice(0, -4) };
  return list(items).flatMap((item) =>
    itemsOf({ place, value: { ...usual, ...fields(item) } }, depth + 1),
  );
}

function kindOf(value: unknown): string {
  const kind = at(value, "kind");
  return typeof kind === "string" && kind !== "" ? kind.slice(0, 63) : notAnObject;
}

/** Every kind of our group, also those that there are not: a typing error is refused. */
function isLookedAt(value: unknown): boolean {
  const said = groupOf(at(value, "apiVersion"));
  const expected = Object.hasOwn(groups, kindOf(value)) ? groups[kindOf(value)] : undefined;
  return said === group || (expected !== undefined && said === expected);
}

/** Undefined of something that is no version of an API. */
function groupOf(apiVersion: unknown): string | undefined {
  if (typeof apiVersion !== "string") return undefined;
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

function objectOf({ place, value }: Found, usualNamespace: string): ManifestObject | string {
  const kind = kindOf(value);
  const metadata = fields(at(value, "metadata"));
  const name = metadata["name"];
  if (typeof name !== "string" || name === "") {
    const hasPrefix = typeof metadata["generateName"] === "string";
    const why = hasPrefix ? ": generateName cannot be applied, so write a name" : "";
    return `${sayPlace(place)}: ${kind}: metadata.name: Required value${why}`;
  }
  const said = metadata["namespace"];
  const namespace = typeof said === "string" && said !== "" ? said : usualNamespace;
  const problem = namesRefusal(name, namespace) ?? refusalOf(kind, value);
  if (problem !== undefined) return `${sayPlace(place)}: ${kind} ${namespace}/${name}: ${problem}`;
  const { labels, annotations, ownerReferences } = metadata;
  const uid = `${kind}/${namespace}/${name}`;
  const own = { namespace, name, labels, annotations, ownerReferences };
  const known = { uid, resourceVersion: "1", generation: 1 };
  const given = at(value, "spec");
  const spec = kind === policyKind ? withoutNulls(given) : given;
  const raw = { ...fields(value), spec, metadata: { ...own, ...known }, status: undefined };
  return { place, kind, namespace, name, raw };
}

const objectNames = new RegExp(dnsSubdomainPattern);
const namespaces = new RegExp(dnsLabelPattern);

/** What is no name would stand in messages and rows as somebody else's. */
function namesRefusal(name: string, namespace: string): string | undefined {
  if (name.length > objectNameMax || !objectNames.test(name)) {
    return (
      `metadata.name is ${quoted(name)}: it must have at most ${objectNameMax} lower-case letters, ` +
      "digits, - and ., and begin and end each part between dots with a letter or digit"
    );
  }
  if (namespaces.test(namespace)) return undefined;
  return `metadata.namespace is ${quoted(namespace)}: ${namespaceForm}`;
}

export const namespaceForm =
  "it must have at most 63 lower-case letters, digits and -, and begin and end with a letter or digit";

/** As the API server drops them: templates leave fields without a value. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const said = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(said.map(([name, one]) => [name, withoutNulls(one)]));
}

/** `Deployment shop/web` */
export function idOf(object: Pick<ManifestObject, "kind" | "namespace" | "name">): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}

/** What stands twice and says the same is one object; else nobody knows which of them counts. */
function onlyOnce(
  objects: readonly ManifestObject[],
): Pick<Objects, "objects" | "problems" | "repeated"> {
  const known = new Map<string, ManifestObject>();
  const problems: string[] = [];
  for (const object of objects) {
    const key = idOf(object);
    const first = known.get(key);
    if (!first) known.set(key, object);
    else if (!isSame(first, object)) problems.push(twice(key, first, object));
  }
  const repeated = objects.length - known.size - problems.length;
  return { objects: [...known.values()], problems, repeated };
}

function isSame(a: ManifestObject, b: ManifestObject): boolean {
  return JSON.stringify(a.raw) === JSON.stringify(b.raw);
}

function twice(key: string, first: ManifestObject, second: ManifestObject): string {
  return (
    `${sayPlace(second.place)}: ${key} stands twice and differs: first in ` +
    `${sayPlace(first.place)}. Leave one of them out`
  );
}
