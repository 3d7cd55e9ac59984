// From a text to its documents, YAML or JSON, as kubectl takes them: a line that begins with ---
// separates them, wherever it stands. Each is parsed by itself, so that one that is broken does not
// hide the others, and its place can be said. js-yaml, because it takes 0.1 ms for a Deployment
// where the other library takes 1 ms, and there may be 10,000.

import { boolYaml11Tag, CORE_SCHEMA, dump, intYaml11Tag } from "js-yaml";
import { load, mergeTag, NOT_RESOLVED, YAMLException } from "js-yaml";
import type { Input } from "./read-inputs.ts";

export interface Place {
  readonly input: string;
  /** Of its input, from 1 on; comments and blanks alone are none. 0: it is all that there is. */
  readonly document: number;
  /** Of its input, from 1 on: where the document begins, or where it cannot be read. */
  readonly line: number;
}

export type Document =
  | { readonly place: Place; readonly value: unknown }
  | { readonly place: Place; readonly problem: string };

/** As kubectl reads them: 0150 is 104, and 1:30 is a text, as it is no number in YAML 1.2. */
const integerTag: typeof intYaml11Tag = {
  ...intYaml11Tag,
  resolve: (source, ...more) =>
    source.includes(":") ? NOT_RESOLVED : intYaml11Tag.resolve(source, ...more),
};

/** With the merge key `<<`, and with integers and `yes` of YAML 1.1, all of which kubectl takes. */
const schema = CORE_SCHEMA.withTags(mergeTag, integerTag, boolYaml11Tag);

/** How many more values there may be: whoever reads several inputs has one for all of them. */
export interface ValuesLeft {
  values: number;
}

/** The manifests of 10,000 objects have about a million. */
export function valuesLeft(): ValuesLeft {
  return { values: 20_000_000 };
}

/** Never throws. */
export function documentsOf({ name, text }: Input, left = valuesLeft()): readonly Document[] {
  let document = 0;
  return partsOf(text).map((part) => {
    const place = { input: name, document: (document += 1), line: part.line };
    return parsed(part, place, left);
  });
}

export function sayPlace({ input, document, line }: Place): string {
  if (document === 0) return input;
  return `${input}, document ${document}, line ${line}`;
}

export function yamlOf(value: unknown): string {
  return dump(value, { schema, lineWidth: -1, noRefs: true });
}

interface Part {
  readonly part: string;
  /** Of its first line that says something. */
  readonly line: number;
  /** How many lines of it stand before that one. */
  readonly silent: number;
}

const separator = /^---(?=[ \t\r\n]|$)/gm;

function partsOf(text: string): readonly Part[] {
  const starts = [0, ...[...text.matchAll(separator)].map(({ index }) => index)];
  let line = 1;
  return starts.flatMap((start, index) => {
    const part = text.slice(start, starts[index + 1]);
    const lines = part.split("\n");
    const silent = lines.findIndex((one) => !emptyLine.test(one));
    const begins = line + silent;
    line += lines.length - 1;
    return silent < 0 ? [] : [{ part, line: begins, silent }];
  });
}

/** Blanks, comments, the separator itself, and a directive such as %YAML 1.2. */
const emptyLine = /^(---)?[ \t\r]*(#.*)?$|^%.*$|^\.\.\.[ \t\r]*$/;

function parsed({ part, silent }: Part, place: Place, left: ValuesLeft): Document {
  const json = /^\s*[{[]/.test(part) ? parsedJson(part) : undefined;
  try {
    const value = json ?? load(part, { schema });
    const problem = boundsProblem(value, left);
    return problem === undefined ? { place, value } : { place, problem };
  } catch (error) {
    // Counted from the first line of the part, comments included.
    return broken(part, { ...place, line: place.line - silent }, error);
  }
}

const valuesMax = 1_000_000;
/** No object of Kubernetes comes near, and whoever walks through one still has room to call. */
const depthMax = 200;

/**
 * A few aliases of aliases are billions of values for whoever walks through them, and one that
 * names what it is in has no end.
 */
function boundsProblem(value: unknown, left: ValuesLeft): string | undefined {
  const most = Math.min(valuesMax, left.values);
  let values = 0;
  const walk = (part: unknown, depth: number): string | undefined => {
    if ((values += 1) > most) return tooMany;
    if (typeof part !== "object" || part === null) return undefined;
    if (depth > depthMax) return tooDeep;
    for (const one of Object.values(part)) {
      const problem = walk(one, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  const problem = walk(value, 0);
  left.values -= values;
  return problem;
}

const tooMany = "has more than a million values, or stands for as many by its aliases (*name)";
const tooDeep = `is nested more than ${depthMax} levels deep`;

/** Undefined where it is none: what looks like JSON may be YAML. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function broken(part: string, place: Place, error: unknown): Document {
  const isKnown = error instanceof YAMLException;
  const at = isKnown ? (error.mark?.line ?? 0) : 0;
  const line = place.line + at;
  const reason = isKnown ? error.reason : "it is nested too deep";
  const hint = /^[^#\n]*\{\{/m.test(part)
    ? ". It looks like a template of Helm: give what helm template prints"
    : "";
  return { place: { ...place, line }, problem: `is not YAML: ${reason}${hint}` };
}
