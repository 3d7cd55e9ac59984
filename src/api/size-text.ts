// How the text of a variable is read as a size. The same in three places, which must not differ:
// what is counted, what may be written over, and what the API server may write over (in CEL).

import { matches } from "./rules.ts";

/**
 * Whole or not, of any sign; nothing at all is as good as a number: there is nothing to lose. What
 * `\s` means differs between JavaScript and RE2, so the white space is named.
 */
export const numberPattern = "^[ \\t\\r\\n]*([+-]?[0-9]+(\\.[0-9]*)?)?[ \\t\\r\\n]*$";

/** No number is longer. A longer text need not be searched, which costs the API server less. */
const numberCharactersMax = 40;

/** Whether `value` may be written over by a size, in CEL. */
export function isNumberCel(value: string): string {
  return `(${value}.size() <= ${numberCharactersMax} && ${value}.matches(r'${numberPattern}'))`;
}

/**
 * A container has one entry of each variable, or by mistake a few. More of those that we write than
 * so many are not looked at one by one: the API server would give up, and not say why.
 */
export const entriesWrittenOverMax = 20;

/** Whether it may be written over by a size. What is longer than any number may not. */
export function isNumberOrEmpty(text: string): boolean {
  return text.length <= numberCharactersMax && matches(text, numberPattern);
}

/**
 * The number that a text says, a whole one or not; undefined where it says none. Libraries take any
 * white space around it.
 */
export function numberIn(text: string): number | undefined {
  const bare = text.trim();
  return bare === "" || !isNumberOrEmpty(bare) ? undefined : Number(bare);
}
