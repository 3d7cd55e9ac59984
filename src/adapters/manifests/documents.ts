// From a text to its documents, YAML or JSON, as kubectl takes them: a line that begins with ---
// separates them, wherever it stands. Each is parsed by itself, so that one that is broken does not
// hide the others, and its place can be said. js-yaml, because it takes 0.1 ms for a Deployment
// where the other library takes 1 ms, and there may be 10,000.

import { CORE_SCHEMA, dump, load, mergeTag, YAMLException } from "js-yaml";
import type { Input } from "./read-inputs.ts";

export interface Place {
  readonly input: string;
  /** Of its input, from 1 on; comments and blanks alone are none. */
  readonly document: number;
  /** Of its input, from 1 on: where the document begins, or where it cannot be read. */
  readonly line: number;
}

export type Document =
  | { readonly place: Place; readonly value: unknown }
  | { readonly place: Place; readonly problem: string };

/** With the merge key `<<`, which Kubernetes' own tools take. */
const schema = CORE_SCHEMA.withTags(mergeTag);

/** Never throws. */
export function documentsOf({ name, text }: Input): readonly Document[] {
  let document = 0;
  return partsOf(text).map((part) => {
    const place = { input: name, document: (document += 1), line: part.line };
    return parsed(part, place);
  });
}

export function sayPlace({ input, document, line }: Place): string {
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

function parsed({ part, silent }: Part, place: Place): Document {
  const json = /^\s*[{[]/.test(part) ? parsedJson(part) : undefined;
  if (json !== undefined) return { place, value: json };
  try {
    const value = load(part, { schema });
    if (/\*\w/.test(part) && isEndless(value)) return { place, problem: endless };
    return { place, value };
  } catch (error) {
    // Counted from the first line of the part, comments included.
    return broken(part, { ...place, line: place.line - silent }, error);
  }
}

const valuesMax = 1_000_000;
const endless = "its aliases (*name) stand for more than a million values";

/** A few aliases of aliases are billions of values for whoever walks through them. */
function isEndless(value: unknown): boolean {
  let left = valuesMax;
  const walk = (part: unknown): boolean => {
    if ((left -= 1) < 0) return true;
    return typeof part === "object" && part !== null && Object.values(part).some(walk);
  };
  return walk(value);
}

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
