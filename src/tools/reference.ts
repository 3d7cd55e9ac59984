// Writes the field reference from the CRD itself, so that it says what the API server enforces.

import type { CustomResourceDefinition, PrinterColumn, StructuralSchema } from "../api/crd.ts";
import { forbiddenEnvironment, ownerNames } from "../api/environment.ts";
import { presets } from "../api/presets.ts";
import { defaultFloor, profiles } from "../api/profiles.ts";
import { code, table } from "./markdown.ts";

/** docs/reference/poolpolicy.md. */
export function buildReference(crd: CustomResourceDefinition): string {
  const [{ schema, additionalPrinterColumns }] = crd.spec.versions;
  const { spec, status } = schema.openAPIV3Schema.properties ?? {};
  const sections = [
    "# PoolPolicy\n\nGenerated from `src/api` by `make generate`; do not edit.",
    "The same text is in the cluster: `kubectl explain poolpolicy.spec --recursive`.",
    "## spec\n\n" + fieldTable(spec, "spec"),
    "## Rules across fields\n\nThe API server refuses a policy that breaks one of these.\n\n" +
      ruleTable(spec, "spec"),
    "## Variables that `env` may name\n\n" + environmentText(),
    "## Presets\n\n" + presetTable(),
    "## Profiles\n\n" + profileTable(),
    "## Columns of `kubectl get poolpolicies`\n\n" + columnTable(additionalPrinterColumns),
    "## status\n\n" + fieldTable(status, "status"),
    "Conditions, findings and their reasons: [conditions](conditions.md); events: [events](events.md).",
  ];
  return sections.join("\n\n") + "\n";
}

interface Field {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly required: boolean;
}

function fieldsOf(schema: StructuralSchema | undefined, path: string): readonly Field[] {
  if (schema === undefined) return [];
  if (schema.items !== undefined) return fieldsOf(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) {
    return fieldsOf(schema.additionalProperties, `${path}.*`);
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
    {
      path: `${path}.${name}`,
      schema: child,
      required: schema.required?.includes(name) ?? false,
    },
    ...fieldsOf(child, `${path}.${name}`),
  ]);
}

function fieldTable(schema: StructuralSchema | undefined, path: string): string {
  const rows = fieldsOf(schema, path).map((field) => [
    code(field.path),
    typeText(field.schema),
    defaultText(field),
    field.schema.description ?? "",
  ]);
  return table(["Field", "Type", "Default", "Meaning"], rows);
}

function defaultText({ schema, required }: Field): string {
  if (required) return "required";
  if (schema.default === undefined || typeof schema.default === "object") return "";
  return code(JSON.stringify(schema.default).replaceAll('"', ""));
}

function typeText(schema: StructuralSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => code(String(word))).join(" or ");
  if (schema["x-kubernetes-int-or-string"] === true) return "integer or string";
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`;
  if (schema.additionalProperties !== undefined) {
    return `map of ${typeText(schema.additionalProperties)}`;
  }
  return `${schema.type ?? ""}${rangeText(schema)}`;
}

function rangeText({ minimum, maximum }: StructuralSchema): string {
  if (minimum !== undefined && maximum !== undefined) {
    return `, ${String(minimum)} to ${String(maximum)}`;
  }
  return minimum === undefined ? "" : `, at least ${String(minimum)}`;
}

function ruleTable(schema: StructuralSchema | undefined, path: string): string {
  const own = { path, schema: schema ?? {}, required: true };
  const fields = [own, ...fieldsOf(schema, path)].flatMap((field) => [
    field,
    ...(field.schema.items === undefined
      ? []
      : [{ ...field, path: `${field.path}[]`, schema: field.schema.items }]),
  ]);
  const rows = fields.flatMap((field) =>
    validationsOf(field.schema).map(({ message }) => [code(field.path), message]),
  );
  return table(["Field", "What the API server says"], rows);
}

function validationsOf(schema: StructuralSchema): readonly { readonly message: string }[] {
  return (schema["x-kubernetes-validations"] ?? []) as readonly { message: string }[];
}

function environmentText(): string {
  const { names, prefixes, suffixes, laterSuffixes, parts, words } = forbiddenEnvironment;
  const refused = [
    ...names,
    ...prefixes.map((prefix) => `${prefix}*`),
    ...[...suffixes, ...laterSuffixes].map((suffix) => `*${suffix}`),
    ...parts.map((part) => `*${part}*`),
  ];
  return [
    "Whoever may edit a policy must not gain the right to edit a Deployment. So a variable must say in",
    "its name that it is the size of a pool: POOL, CONNS, CONNECTIONS or MAX_OVERFLOW, CONN beside a size",
    "(MAX_CONN), one of SIZE, MAX, MIN, IDLE, LIMIT, OVERFLOW beside whose it is",
    `(${ownerNames.map(code).join(", ")}), or how much a process does at once (WORKERS, THREADS, PROCESSES, CONCURRENCY, MAX_CHILDREN). These are refused even then, in upper or lower case: ${refused.map(code).join(", ")}. So are names with one of these`,
    `words, unless POOL, CONNS or CONNECTIONS is in them too: ${words.map(code).join(", ")}.`,
  ].join(" ");
}

function presetTable(): string {
  const rows = Object.entries(presets).map(([name, preset]) => [
    code(name),
    preset.library,
    code(preset.minSize),
    [preset.maxSize, ...preset.followsMaxSize].map(code).join(", ") +
      (preset.overflow === undefined ? "" : `; ${code(`${preset.overflow}=0`)}`),
    String(preset.unmanagedPoolSize),
  ]);
  return table(["Preset", "For", "Minimum", "Pool size", "Size where nothing is set"], rows);
}

function profileTable(): string {
  const rows = Object.entries(profiles).map(([name, profile]) => [
    code(name),
    `${String(defaultFloor)} to ${String(profile.ceiling)}`,
    `${String(profile.minSizePercent)} %`,
    profile.settings.map((entry) => code(`${entry.name}=${entry.value}`)).join(", "),
  ]);
  return table(["Profile", "Pool size", "Minimum", "Written where the policy names it"], rows);
}

function columnTable(columns: readonly PrinterColumn[]): string {
  const rows = columns.map((column) => [
    column.name + (column.priority === undefined ? "" : " (with `-o wide`)"),
    code(column.jsonPath),
  ]);
  return table(["Column", "From"], rows);
}
