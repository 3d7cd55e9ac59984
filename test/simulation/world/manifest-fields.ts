// What a server-side apply of ours states, as managed fields. Anything else than entries and
// annotations is answered with a problem: the operator has nothing to say about it.

import type { Manifest } from "../../../src/ports.ts";
import { annotationField, envFields, templateAnnotationField } from "./template.ts";

export interface ManifestFields {
  readonly fields: ReadonlyMap<string, string>;
  /** Container and name of each entry. */
  readonly entries: readonly (readonly [container: string, name: string])[];
  readonly problem: string | undefined;
}

type Tree = Readonly<Record<string, unknown>>;

const known = {
  metadata: ["namespace", "name", "uid", "resourceVersion", "annotations"],
  spec: ["template"],
  template: ["metadata", "spec"],
  templateMetadata: ["annotations"],
  podSpec: ["containers"],
  container: ["name", "env"],
  entry: ["name", "value"],
} as const;

export function readManifest(manifest: Manifest): ManifestFields {
  const problems: string[] = [];
  const check = (place: keyof typeof known, tree: Tree): Tree => {
    const names: readonly string[] = known[place];
    const unknown = Object.keys(tree).filter((name) => !names.includes(name));
    problems.push(...unknown.map((name) => `${place}.${name}: no field of ours`));
    return tree;
  };
  const metadata = check("metadata", manifest.metadata);
  const template = check("template", part(check("spec", part(manifest, "spec")), "template"));
  const templateMetadata = check("templateMetadata", part(template, "metadata"));
  const containers = list(check("podSpec", part(template, "spec")), "containers");
  const fields = new Map<string, string>();
  for (const [name, value] of texts(metadata, "annotations")) {
    fields.set(annotationField(name), value);
  }
  for (const [name, value] of texts(templateMetadata, "annotations")) {
    fields.set(templateAnnotationField(name), value);
  }
  const entries: [string, string][] = [];
  for (const container of containers.map((one) => check("container", one))) {
    for (const entry of list(container, "env").map((one) => check("entry", one))) {
      const [containerName, name] = [text(container, "name"), text(entry, "name")];
      entries.push([containerName, name]);
      const value = text(entry, "value");
      for (const [field, said] of envFields(containerName, name, value)) fields.set(field, said);
    }
  }
  return { fields, entries, problem: problems[0] };
}

function part(tree: Tree, name: string): Tree {
  return (tree[name] ?? {}) as Tree;
}

function list(tree: Tree, name: string): readonly Tree[] {
  return (tree[name] ?? []) as readonly Tree[];
}

function text(tree: Tree, name: string): string {
  const value = tree[name];
  return typeof value === "string" ? value : "";
}

function texts(tree: Tree, name: string): [string, string][] {
  return Object.entries(part(tree, name)).map(([key, value]) => [key, String(value)]);
}
