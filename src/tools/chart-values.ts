// The chart's values.yaml read as what it is: the one place that says which values there are, their
// defaults, and in `# --` comments what they are for. The schema and the table in the README follow
// from it; chart-shapes.ts adds what a default cannot show.

import { isMap, isScalar, parseDocument } from "yaml";
import type { Pair, YAMLMap } from "yaml";
import { shapes } from "./chart-shapes.ts";
import { code, table } from "./markdown.ts";

/** One value that can be set, or a group of them. */
export interface ChartValue {
  /** Such as `image.repository`. */
  readonly path: string;
  readonly name: string;
  readonly about: string;
  /** Undefined: a group. */
  readonly standard: unknown;
  readonly children: readonly ChartValue[] | undefined;
}

/** Throws where a value has no text, or a shape has no value. */
export function readChartValues(text: string): readonly ChartValue[] {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) throw new Error("values.yaml holds no values");
  const values = valuesOf(contents, "");
  const known = new Set(leavesOf(values).map(({ path }) => path));
  const stray = Object.keys(shapes).filter((path) => !known.has(path));
  if (stray.length > 0) throw new Error(`chart-shapes.ts: no such value: ${stray.join(", ")}`);
  return values;
}

export function leavesOf(values: readonly ChartValue[]): readonly ChartValue[] {
  return values.flatMap((value) => (value.children ? leavesOf(value.children) : [value]));
}

/** Between the markers of the README. */
export function buildValuesTable(values: readonly ChartValue[]): string {
  const rows = leavesOf(values).map(({ path, standard, about }) => [
    code(path),
    code(JSON.stringify(standard)),
    about,
  ]);
  return table(["value", "default", "meaning"], rows);
}

function valuesOf(map: YAMLMap, prefix: string): readonly ChartValue[] {
  return map.items.map((pair, position) => {
    const name = nameOf(pair);
    const path = prefix === "" ? name : `${prefix}.${name}`;
    // The comment over a group's first value stands at the group.
    const comment = commentOf(pair) ?? (position === 0 ? map.commentBefore : undefined) ?? "";
    return valueOf(pair, { path, name, comment: prefix === "" && position === 0 ? "" : comment });
  });
}

function valueOf(
  pair: Pair,
  {
    path,
    name,
    comment,
  }: { readonly path: string; readonly name: string; readonly comment: string },
): ChartValue {
  if (isMap(pair.value) && !(path in shapes)) {
    const children = valuesOf(pair.value, path);
    return { path, name, about: "", standard: undefined, children };
  }
  const about = comment.replace(/^ -- /, "").replace(/\s*\n\s*/g, " ");
  if (!comment.startsWith(" -- ")) throw new Error(`values.yaml: ${path} has no "# --" comment`);
  const standard: unknown = (pair.value as { toJSON(): unknown }).toJSON();
  return { path, name, about, standard, children: undefined };
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : "";
}

function commentOf({ key }: Pair): string | undefined {
  return isScalar(key) ? (key.commentBefore ?? undefined) : undefined;
}
