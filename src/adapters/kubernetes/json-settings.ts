// SPRING_APPLICATION_JSON: properties as fields, nested or with dots in their names. JSON.parse
// takes time in proportion to the text; how deep and how far we walk through what it yields has a
// bound.

import { fields } from "./raw-values.ts";

const depthMax = 12;
const fieldsMax = 2_000;

export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** None of a text that is no JSON object. */
export function settingsInJson(text: string): Setting[] {
  const settings: Setting[] = [];
  let left = fieldsMax;
  const walk = (value: unknown, path: string, depth: number): void => {
    for (const [name, field] of Object.entries(fields(value))) {
      if ((left -= 1) < 0) return;
      const full = path === "" ? name : `${path}.${name}`;
      if (typeof field === "number" || typeof field === "string") {
        settings.push({ name: full, value: String(field) });
      } else if (depth < depthMax) walk(field, full, depth + 1);
    }
  };
  walk(parsed(text), "", 0);
  return settings;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const jsonsMax = 10;
const ofProperty = /(-D)?(?:spring\.application\.json|SPRING_APPLICATION_JSON)=["']?(?=\{)/g;

/**
 * Values of spring.application.json in a command, with the white space that they may have.
 * `isOfProgram`: a -D is no property any more.
 */
export function jsonsIn(text: string, isOfProgram: boolean): string[] {
  const jar = text.search(/(?<!\S)-jar(?!\S)/);
  const isRead = (mark: string | undefined, index: number): boolean =>
    mark === undefined || !(isOfProgram || (jar >= 0 && index > jar));
  return [...text.matchAll(ofProperty)]
    .filter(({ 1: mark, index }) => isRead(mark, index))
    .slice(0, jsonsMax)
    .map(({ 0: name, index }) => objectAt(text, index + name.length));
}

/** Up to the brace that closes the first one. Within double quotes a shell wants \" for each ". */
function objectAt(text: string, start: number): string {
  let depth = 0;
  let isQuoted = false;
  const plain = text.slice(start).replaceAll('\\"', '"');
  for (let end = 0; end < plain.length; end += 1) {
    const character = plain[end];
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === "{") depth += 1;
    else if (character === "}" && --depth === 0) return plain.slice(0, end + 1);
  }
  return "";
}
