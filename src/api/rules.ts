// What a schema cannot say, said once for both who check it: the API server evaluates the CEL when
// somebody applies a policy; `holds` says the same of a policy that was stored before the rule
// existed. The tests hold both to the same cases.

import type { z } from "zod";

export interface Rule<T> {
  /** CEL over `self`, true when all is well. */
  readonly cel: string;
  /** Names the field and the way out. */
  readonly message: string;
  /** CEL that yields the message with values that the API server would not print by itself. */
  readonly messageExpression?: string;
  /** The field within `self` that is to blame. Default: `self` itself. */
  readonly field?: string;
  /** The blame is that the field is absent. */
  readonly isMissing?: true;
  /** The same as `cel`, or less where what older releases took has to go on. */
  readonly holds: (value: T) => boolean;
}

/** The schema with rules: zod checks `holds`, the CRD carries the CEL. */
export function ruled<S extends z.ZodType>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  let checked = schema;
  for (const rule of rules) {
    const path = rule.field === undefined ? [] : [rule.field];
    checked = checked.refine((value) => rule.holds(value), { message: rule.message, path });
  }
  return checked.meta({ "x-kubernetes-validations": rules.map(validationOf) });
}

/** A rule that a text matches an RE2 pattern; `(?i)` in front means without regard to case. */
export function textRule(pattern: string, message: string): Rule<string> {
  return {
    cel: `self.matches(r'${pattern}')`,
    message,
    holds: (text) => matches(text, pattern),
  };
}

/** Longer than any text for which there is a rule: this engine may take the square of the time. */
const textLimitCharacters = 512;

/** Whether `text` matches a pattern of RE2; none that is longer than 512 characters does. */
export function matches(text: string, pattern: string): boolean {
  return text.length <= textLimitCharacters && patternOf(pattern).test(text);
}

/** Each is a constant of ours, so there are few: to make one anew takes longer than to use it. */
const patterns = new Map<string, RegExp>();

/** The same pattern here: RE2's leading `(?i)` is JavaScript's flag `i`. */
function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known) return known;
  const anyCase = pattern.startsWith("(?i)");
  const made = new RegExp(anyCase ? pattern.slice(4) : pattern, anyCase ? "i" : "");
  patterns.set(pattern, made);
  return made;
}

function validationOf(rule: Rule<never>): Record<string, string> {
  const { cel, message, messageExpression, field, isMissing } = rule;
  return {
    rule: cel,
    message,
    ...(messageExpression === undefined ? {} : { messageExpression }),
    ...(field === undefined ? {} : { fieldPath: `.${field}` }),
    ...(isMissing === undefined ? {} : { reason: "FieldValueRequired" }),
  };
}
