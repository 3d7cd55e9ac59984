// The prefix under which a further pool of a preset is bound. Spring Boot binds a second data
// source wherever its @ConfigurationProperties says: `spring.datasource.reports.hikari` becomes
// SPRING_DATASOURCE_REPORTS_HIKARI_… as the documented form of relaxed binding. What stands behind
// the prefix comes from the preset, so that no policy can name a variable that is no pool's.

import { forbiddenStartPattern, forbiddenStartCel } from "./environment.ts";
import { matches, type Rule, textRule } from "./rules.ts";

/** With what a preset adds it is no longer than a variable that a policy can name. */
export const prefixMax = 100;

/** `spring.datasource.reports.hikari`, or as it stands in variables. */
const prefixPattern = "^[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*$";

export const prefixRules: readonly Rule<string>[] = [
  textRule(
    prefixPattern,
    "give the prefix of the pool's properties, such as spring.datasource.reports.hikari: words of letters and digits, with '.', '-' or '_' between them",
  ),
  {
    cel: `!${forbiddenStartCel(variablePrefixCel("self"))}`,
    message:
      "variables that begin with this could change what a process runs, trusts or connects to: give a prefix that only your pool reads, such as spring.datasource.reports.hikari",
    holds: (prefix) => !matches(variablePrefix(prefix), forbiddenStartPattern),
  },
];

/** `spring.second-datasource` → `SPRING_SECONDDATASOURCE_`, the documented form. */
export function variablePrefix(prefix: string): string {
  return `${prefix.toUpperCase().replaceAll(".", "_").replaceAll("-", "")}_`;
}

/** The same in CEL. */
export function variablePrefixCel(prefix: string): string {
  return `(${prefix}.upperAscii().replace('.', '_').replace('-', '') + '_')`;
}

/** As properties write it: whoever gave a variable's prefix meant dots. */
export function propertyPrefix(prefix: string): string {
  return prefix.includes(".") ? prefix : prefix.toLowerCase().replaceAll("_", ".");
}

export function isPrefix(text: string): boolean {
  return text.length <= prefixMax && prefixRules.every(({ holds }) => holds(text));
}
