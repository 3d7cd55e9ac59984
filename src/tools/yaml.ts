// YAML as all generated files have it: no line is folded, and nothing refers to another place, so
// that a diff shows what changed and nothing else.

import { stringify } from "yaml";

export function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
