// Defects in how sizes are called: prefixes of further pools, spellings of one variable, letters.

import type { Mutant } from "./mutant.ts";

export const prefixMutants: readonly Mutant[] = [
  {
    name: "two spellings of one variable are two pools",
    file: "src/reconcile/observe/pool-writers.ts",
    from: "return `${container}/${plainName(name)}`;",
    to: "return `${container}/${name}`;",
  },
  {
    name: "a further pool of a preset is bound like the main one",
    file: "src/api/preset-names.ts",
    from: "if (prefix === undefined || usual.prefix === undefined) return usual;",
    to: "if (prefix !== name || usual.prefix === undefined) return usual;",
  },
  {
    name: "the end of a property's name sets a pool of Spring Boot",
    file: "src/reconcile/sizes/overriding-settings.ts",
    from: '"argument" && !bindsProperties && isArgumentOf',
    to: '"argument" && isArgumentOf',
  },
  {
    name: "ours is taken for read beside another spelling of it",
    file: "src/reconcile/sizes/own-size.ts",
    from: "if (!elsewhere || !spelled) return elsewhere ?? spelled;",
    to: "if (!elsewhere || !spelled) return elsewhere;",
  },
  {
    name: "a second data source is told of only where it is a variable",
    file: "src/reconcile/sizes/sizes-of-others.ts",
    from: "settings.filter((one) => isSetting(one, sizing) && isAnother(one));",
    to: "settings.filter((one) => isSetting(one, sizing) && !isAnother(one));",
  },
  {
    name: "a prefix may begin like what a runtime reads",
    file: "src/api/prefixes.ts",
    from: "holds: (prefix) => !matches(variablePrefix(prefix), forbiddenStartPattern),",
    to: "holds: (prefix) => prefix.length > 0,",
  },
  {
    name: "a value that may be a password stands in a message",
    file: "src/reconcile/sizes/say-entry.ts",
    from: "return isHarmless.test(text) ?",
    to: 'return text !== "" ?',
  },
  {
    name: "a pool whose name begins that of a taken one is not told of",
    file: "src/reconcile/sizes/sizes-of-others.ts",
    from: "&& !taken.has(name) &&",
    to: "&& ![...taken].some((one) => one.startsWith(name)) &&",
  },
  {
    name: "Druid taken for Tomcat JDBC starts with a minimum above its maximum",
    file: "src/api/preset-names.ts",
    from: 'name === "tomcat" && /druid/i.test(prefix);',
    to: 'name === "tomcat" && prefix === "";',
  },
  {
    name: "a workload whose size the template does not say is cut to the usual ceiling",
    file: "src/reconcile/sizes/default-ceiling.ts",
    from: "const own = found ?? unmanagedPoolSize ?? 0;",
    to: "const own = found ?? 0;",
  },
  {
    name: "the -c of a shell taken for an option of the program that it runs",
    file: "src/adapters/kubernetes/command-words.ts",
    from: "const here = letters;",
    to: "const here = lettersOf(words.find(lettersOf) ?? word) ?? letters;",
  },
  {
    name: "an option of one letter is a count whatever its value is",
    file: "src/adapters/kubernetes/command-words.ts",
    from: "return name === undefined || !isCount.test(value) ? []",
    to: "return name === undefined ? []",
  },
];
