// How the text of a variable is read as a size. The same in three places, which must not differ:
// what is counted, what may be written over, and what the API server may write over (in CEL).

import { matches } from "./rules.ts";

/** Whole or not, of any sign; nothing at all is as good as a number: there is nothing to lose. */
export const numberPattern = "^\\s*([+-]?[0-9]+(\\.[0-9]*)?)?\\s*$";

/** Whether it may be written over by a size. What is longer than any number may not. */
export function isNumberOrEmpty(text: string): boolean {
  return matches(text, numberPattern);
}

/** The largest pool size that is believed of a pod, a template or a grant. */
export const poolSizeMax = 1_000_000;

/** A whole number from 1 to a million, or undefined. `1e3`, `-1`, `fifty` and nothing are none. */
export function poolSizeIn(text: string): number | undefined {
  if (!/^\s*[0-9]{1,9}\s*$/.test(text)) return undefined;
  const poolSize = Number(text);
  return poolSize >= 1 && poolSize <= poolSizeMax ? poolSize : undefined;
}

/** The number that a text says, a whole one or not; undefined where it says none. */
export function numberIn(text: string): number | undefined {
  return text.trim() === "" || !isNumberOrEmpty(text) ? undefined : Number(text);
}
