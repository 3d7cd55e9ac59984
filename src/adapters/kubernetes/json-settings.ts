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
