// An entry of a container in a message. Its value stands there only if it can be no secret: a name
// may read like that of a size and hold a password all the same.

import { kindAndName } from "../../api/keys.ts";
import type { EnvEntry } from "../../observed.ts";

/** `NAME=20`, or `NAME (from ConfigMap settings)`. */
export function sayEntry({ name, value = "", from }: Sayable): string {
  if (from) return `${name} (from ${kindAndName(from)})`;
  const text = value.trim();
  return isHarmless.test(text) ? `${name}=${text}` : name;
}

type Sayable = Pick<EnvEntry, "name" | "value" | "from">;

/** A number, or a reference with no other text than the number that is taken without it. */
const isHarmless = /^(-?[0-9]+(\.[0-9]+)?|\$\([\w.-]+\)|\$\{[\w.-]+(:-?[0-9]*)?\})$/;
