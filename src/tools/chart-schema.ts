// values.schema.json: Helm holds every installation against it. At every level that the chart fixes
// a key that it does not know is refused, because a misspelt value that is ignored is found only
// when it was needed.

import type { ChartValue } from "./chart-values.ts";
import { shapes } from "./chart-shapes.ts";

/** The schema of all values, as JSON. */
export function buildValuesSchema(values: readonly ChartValue[]): string {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the Poolwarden chart",
    ...levelOf(values, { global: { type: "object" } }),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

// Helm hands `global` to every chart that is a part of another one.
function levelOf(values: readonly ChartValue[], more: object = {}): object {
  const properties = values.map((value) => [value.name, schemaOf(value)] as const);
  return {
    type: "object",
    additionalProperties: false,
    properties: { ...Object.fromEntries(properties), ...more },
  };
}

function schemaOf(value: ChartValue): object {
  if (value.children) return levelOf(value.children);
  const { path, about, standard } = value;
  return { description: about, default: standard, ...(shapes[path] ?? typeOf(path, standard)) };
}

function typeOf(path: string, standard: unknown): object {
  const type = typeof standard;
  if (type === "string" || type === "boolean") return { type };
  throw new Error(`chart-shapes.ts says nothing of ${path}, and its default does not say enough`);
}
