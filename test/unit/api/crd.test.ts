// The CRD that is written from the schemas: structural, as the API server demands, with a
// description on every field and bounds on everything that a rule walks over.
import { describe, expect, test } from "vitest";
import { buildCrd, type StructuralSchema } from "../../../src/api/crd.ts";

interface Node {
  readonly path: string;
  readonly schema: StructuralSchema;
}

function nodesOf(schema: StructuralSchema, path: string): readonly Node[] {
  const children: Node[] = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      nodesOf(child, `${path}.${name}`),
    ),
    ...(schema.items === undefined ? [] : nodesOf(schema.items, `${path}[]`)),
    ...(typeof schema.additionalProperties === "object"
      ? nodesOf(schema.additionalProperties, `${path}.*`)
      : []),
  ];
  return [{ path, schema }, ...children];
}

const root = buildCrd().spec.versions[0].schema.openAPIV3Schema;
const nodes = nodesOf(root, "");
const ours = nodes.filter(({ path }) => /^\.(spec|status)/.test(path));

function pathsWhere(isWrong: (schema: StructuralSchema) => boolean): readonly string[] {
  return ours.filter(({ schema }) => isWrong(schema)).map(({ path }) => path);
}

describe("the schema is structural and bounded", () => {
  test("it has the fields at all", () => {
    expect(ours.length).toBeGreaterThan(90);
  });

  test("no reference, no alternatives, no closed object", () => {
    const banned = ["$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf", "not", "nullable"];
    expect(pathsWhere((schema) => banned.some((keyword) => keyword in schema))).toEqual([]);
    expect(JSON.stringify(root)).not.toContain('"additionalProperties":false');
  });

  test("every node has a type, or is an integer or string", () => {
    const isTyped = (schema: StructuralSchema): boolean =>
      schema.type !== undefined || schema["x-kubernetes-int-or-string"] === true;
    expect(pathsWhere((schema) => !isTyped(schema))).toEqual([]);
  });

  test("no text of a stored policy is without a bound: the operator keeps policies as they are", () => {
    const isBounded = ({ maxLength, enum: words, type }: StructuralSchema): boolean =>
      type !== "string" || maxLength !== undefined || words !== undefined;
    expect(pathsWhere((schema) => !isBounded(schema))).toEqual([]);
  });

  test("every list says of what, how long, and how it merges", () => {
    const lists = pathsWhere((schema) => schema.type === "array");
    const complete = pathsWhere(
      (schema) =>
        schema.type === "array" &&
        schema.items !== undefined &&
        schema.maxItems !== undefined &&
        schema["x-kubernetes-list-type"] !== undefined,
    );
    expect(complete).toEqual(lists);
  });

  test("every map has a greatest size", () => {
    const isMap = (schema: StructuralSchema): boolean => schema.additionalProperties !== undefined;
    expect(pathsWhere((schema) => isMap(schema) && schema.maxProperties === undefined)).toEqual([]);
  });

  test("every text has a greatest length", () => {
    const isOpen = (schema: StructuralSchema): boolean =>
      schema.type === "string" && schema.enum === undefined && schema.maxLength === undefined;
    expect(pathsWhere(isOpen)).toEqual([]);
  });

  test("no number is bounded by what JavaScript can count", () => {
    expect(JSON.stringify(root)).not.toContain("9007199254740991");
  });

  test("every field has a description that ends like a sentence", () => {
    const named = nodes.filter(
      ({ path }) => /(?<!^\.metadata)$/.test(path) && /\.[A-Za-z]+$/.test(path),
    );
    const undescribed = named.filter(({ schema }) => !/\.$/.test(schema.description ?? ""));
    expect(undescribed.map(({ path }) => path)).toEqual([]);
  });

  test("no pattern: a rule says in words what is wanted", () => {
    expect(pathsWhere((schema) => "pattern" in schema)).toEqual([]);
  });
});

test("conditions merge by type", () => {
  const conditions = ours.find(({ path }) => path === ".status.conditions");
  expect(conditions?.schema).toMatchObject({
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
  });
});

test("columns", () => {
  const columns = buildCrd().spec.versions[0].additionalPrinterColumns;
  const shown = columns.filter((column) => column.priority === undefined);
  expect(shown.map(({ name }) => name)).toEqual(["Used", "Budget", "Workloads", "Ready", "Age"]);
  const wide = columns.filter((column) => column.priority === 1).map(({ name }) => name);
  expect(wide).toEqual(["Server", "Delivery", "Reason"]);
});
