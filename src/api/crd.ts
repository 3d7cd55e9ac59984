// Builds the CustomResourceDefinition from the zod schemas. An API server takes only structural
// schemas, and JSON Schema as zod writes it is not quite that; `structural` is the whole
// difference.

import { z } from "zod";
import { group, kind, plural, version } from "./group.ts";
import { poolPolicySpec, poolPolicyStatus } from "./poolpolicy.ts";

/** A node of an OpenAPI v3 structural schema, as far as ours go. */
export interface StructuralSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  properties?: Record<string, StructuralSchema>;
  required?: readonly string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  maxItems?: number;
  maxLength?: number;
  maxProperties?: number;
  minimum?: number;
  maximum?: number;
  [keyword: string]: unknown;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: "integer" | "string" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 1;
}

export interface CustomResourceDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly versions: readonly [
      {
        readonly schema: { readonly openAPIV3Schema: StructuralSchema };
        readonly additionalPrinterColumns: readonly PrinterColumn[];
        readonly [more: string]: unknown;
      },
    ];
    readonly [more: string]: unknown;
  };
}

const columns: readonly PrinterColumn[] = [
  {
    name: "Used",
    type: "integer",
    jsonPath: ".status.used",
    description: "Slots that the fleet of this server holds or may still take.",
  },
  {
    name: "Budget",
    type: "integer",
    jsonPath: ".status.budget",
    description: "Slots that the fleet of this server may hold.",
  },
  {
    name: "Workloads",
    type: "integer",
    jsonPath: ".status.workloadCount",
    description: "Workloads that this policy manages.",
  },
  {
    name: "Ready",
    type: "string",
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: "Whether everything that the policy asks for is in force.",
  },
  { name: "Server", type: "string", jsonPath: ".status.server", priority: 1 },
  { name: "Delivery", type: "string", jsonPath: ".status.delivery", priority: 1 },
  {
    name: "Reason",
    type: "string",
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    priority: 1,
  },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

/** The CustomResourceDefinition of PoolPolicy. */
export function buildCrd(): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: ["pp"],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: rootSchema() },
        },
      ],
    },
  };
}

function rootSchema(): StructuralSchema {
  return {
    type: "object",
    description:
      "PoolPolicy keeps the connection pools of the workloads that it selects inside the limit of the database server that they share.",
    properties: {
      apiVersion: { type: "string", description: "Version of the schema of this object." },
      kind: { type: "string", description: "Kind of this object." },
      // Nothing may stand here: the API server describes metadata itself.
      metadata: { type: "object" },
      spec: {
        ...structural(poolPolicySpec),
        description: "What the policy asks for: the database, the workloads, and how to share.",
      },
      status: {
        ...structural(poolPolicyStatus),
        description: "What the operator found, decided and did.",
      },
    },
    required: ["spec"],
  };
}

/** `input`, because on the user's side a field with a default is optional. */
function structural(schema: z.ZodType): StructuralSchema {
  return z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    reused: "inline",
    override: ({ jsonSchema }) => {
      const node = jsonSchema as StructuralSchema;
      if (node.additionalProperties === (false as unknown)) delete node.additionalProperties;
      dropSafeIntegerBounds(node);
      flattenIntOrString(node);
      if (node.type === "array") node["x-kubernetes-list-type"] ??= "atomic";
    },
  }) as StructuralSchema;
}

/** zod bounds every integer by what JavaScript can count; nobody needs to read that. */
function dropSafeIntegerBounds(node: StructuralSchema): void {
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
}

/** An API server wants no `type` inside `anyOf`, and the marker says it all. */
function flattenIntOrString(node: StructuralSchema): void {
  if (node["x-kubernetes-int-or-string"] !== true) return;
  const alternatives = (node["anyOf"] ?? []) as readonly StructuralSchema[];
  delete node["anyOf"];
  const maxLength = alternatives.find((one) => one.type === "string")?.maxLength;
  if (maxLength !== undefined) node.maxLength = maxLength;
}
