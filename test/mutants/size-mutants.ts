// Defects in how a size is read: which of several numbers counts, what is a part of the pool, and
// which texts speak of it.

import type { Mutant } from "./mutant.ts";

export const sizeMutants: readonly Mutant[] = [
  {
    name: "the URL of another kind of server sizes the pool",
    file: "src/reconcile/sizes/other-servers.ts",
    from: "one.engine !== undefined && one.engine !== engine;",
    to: 'one.engine !== undefined && one.engine === "PostgreSQL" && one.engine !== engine;',
  },
  {
    name: "a size that is assumed beside another variable is not told",
    file: "src/reconcile/observe/observe-workload.ts",
    from: "...assumedFindings(entry, { container, template: template.template, sizing: counting }),",
    to: "",
  },
  {
    name: "an overflow is no part of the pool",
    file: "src/reconcile/sizes/own-size.ts",
    from: "return { ...size, poolSize: size.poolSize + connections };",
    to: "return size;",
  },
  {
    name: "an overflow without a limit counts as none",
    file: "src/reconcile/sizes/own-size.ts",
    from: "if (connections < 0) return { ...size, ...withoutLimit(sizing) };",
    to: "if (connections < 0) return size;",
  },
  {
    name: "an overflow that nobody sets taken for none",
    file: "src/reconcile/sizes/own-size.ts",
    from: "?? usualOverflow)",
    to: "?? 0)",
  },
  {
    name: "an overflow without a size beside it forgotten",
    file: "src/reconcile/sizes/own-size.ts",
    from: "variableSize(container, sizing, resolve) ?? sizeBeside(overflow, sizing),",
    to: "variableSize(container, sizing, resolve),",
  },
  {
    name: "a grant stays in force where its variable holds a text",
    file: "src/reconcile/observe/observe-workload.ts",
    from: 'reason === "SizeOverridden" || reason === "NotANumber"',
    to: 'reason === "SizeOverridden"',
  },
  {
    name: "connections beside the size of pods of a former template forgotten",
    file: "src/reconcile/sizes/size-facts.ts",
    from: "Math.max(extraConnectionsOf(beside, sizing), ...extras)",
    to: "extraConnectionsOf(beside, sizing)",
  },
  {
    name: "a minimum above the ceiling leaves the ceiling below it",
    file: "src/reconcile/sizes/beside-the-size.ts",
    from: "ceiling: Math.max(sizing.ceiling, floor),",
    to: "ceiling: sizing.ceiling,",
  },
  {
    name: "the first of several sizes elsewhere counts, not the largest",
    file: "src/reconcile/sizes/said-size.ts",
    from: "(a, b) => (b.poolSize > a.poolSize ? b : a)",
    to: "(a) => a",
  },
  {
    name: "a smaller size in a connection URL counts beside a larger variable",
    file: "src/reconcile/sizes/own-size.ts",
    from: "const isLarger = sizing.readsUrl && variable.poolSize > override.poolSize;",
    to: "const isLarger = false;",
  },
  {
    name: "a pod with our annotation is never without a limit",
    file: "src/reconcile/sizes/own-size.ts",
    from: "...(setElsewhere !== undefined && { setElsewhere }),\n    ...(unlimited && { unlimited }),",
    to: "...(setElsewhere !== undefined && { setElsewhere }),",
  },
  {
    name: "a container that may take the variable from a ConfigMap overlooked",
    file: "src/reconcile/sizes/container.ts",
    from: "return name !== only.name && mayBeMeant && envFrom.length > 0;",
    to: "return name !== only.name && mayBeMeant && envFrom.length < 0;",
  },
  {
    name: "an argument of a Java program taken for a property",
    file: "src/adapters/kubernetes/found-settings.ts",
    from: "const isBehind = isOfProgram || (jar >= 0 && place > jar);",
    to: "const isBehind = isOfProgram && jar > place;",
  },
  {
    name: "of several entries of a variable only the last is held to be a number",
    file: "src/reconcile/sizes/not-a-number.ts",
    from: "if (!own.every((entry) => holdsNumber(entry, referableIn(container)))) return false;",
    to: "if (!own.slice(-1).every((entry) => holdsNumber(entry, referableIn(container)))) return false;",
  },
  {
    name: "a reference to a text taken for a number",
    file: "src/reconcile/sizes/not-a-number.ts",
    from: "return env.some((one) => one.name === referred && holdsNumberItself(one));",
    to: "return env.some((one) => one.name === referred);",
  },
  {
    name: "a text behind a reference written over",
    file: "src/reconcile/sizes/not-a-number.ts",
    from: 'return text === undefined || text.source === "literal" || isNumberOrEmpty(text.text);',
    to: 'return text === undefined || text.source === "literal" || text.source === "reference";',
  },
  {
    name: "pods without a limit take their turn like others",
    file: "src/domain/decide/rolls.ts",
    from: "return isFirst(b) - isFirst(a) || relief(b)",
    to: "return 0 * (isFirst(b) - isFirst(a)) || relief(b)",
  },
  {
    name: "another policy's grant left out of the least size of a next pod",
    file: "src/domain/decide/pool-plan.ts",
    from: "Math.max(Math.min(published, grant.poolSize), pool.otherGrantPoolSize ?? 0)",
    to: "Math.max(Math.min(published, grant.poolSize), 0 * (pool.otherGrantPoolSize ?? 0))",
  },
  {
    name: "fields of any text with semicolons taken for those of a connection",
    file: "src/adapters/kubernetes/url-settings.ts",
    from: "return hosts.length > 0 ? { pairs: all, hosts } : noParts;",
    to: "return { pairs: all, hosts };",
  },
  {
    name: "texts of a container read without a bound",
    file: "src/adapters/kubernetes/found-settings.ts",
    from: "const most = Math.min(left, textCharactersRead);",
    to: "const most = Math.max(left, textCharactersRead);",
  },
  {
    name: "of a pod with many containers each keeps only its first sizes",
    file: "src/adapters/kubernetes/project-containers.ts",
    from: "{ ...limits, ...within }",
    to: "{ entries: 2, ...within }",
  },
  {
    name: "the second roll of one second writes what stands there",
    file: "src/reconcile/apply/start-roll.ts",
    from: "return isSameSecond ? new Date(beforeMs + 1).toISOString() : isoTime(nowMs);",
    to: "return isSameSecond ? isoTime(nowMs) : isoTime(nowMs);",
  },
  {
    name: "the size that a template had is forgotten with the policy",
    file: "src/reconcile/sizes/default-ceiling.ts",
    from: "const before = row?.foundPoolSize ?? annotatedIn(workload, further);",
    to: "const before = row?.foundPoolSize;",
  },
  {
    name: "a size of ours in a released template taken for its owner's",
    file: "src/reconcile/sizes/default-ceiling.ts",
    from: "const isOurs = isPending || written === template.poolSize;",
    to: "const isOurs = isPending && written === template.poolSize;",
  },
  {
    name: "the size that a template had stays although its owner says another",
    file: "src/render/template-apply.ts",
    from: "return { [foundPoolSizeAnnotation]: String(foundPoolSize ?? 0) };",
    to: "return foundPoolSize ? { [foundPoolSizeAnnotation]: String(foundPoolSize) } : {};",
  },
  {
    name: "thousands of entries of one variable promised a size that the API server does not give",
    file: "src/reconcile/sizes/not-a-number.ts",
    from: "if (own.length > entriesWrittenOverMax) return",
    to: "if (own.length > 1_000_000) return",
  },
  {
    name: "a size under another name than the policy's counts as the library's default",
    file: "src/reconcile/sizes/own-size.ts",
    from: "effectiveSize(container, sizing, resolve) ?? sizeUnderOtherName(container, sizing);",
    to: "effectiveSize(container, sizing, resolve);",
  },
  {
    name: "a connection string in the words of libpq not read",
    file: "src/adapters/kubernetes/url-settings.ts",
    from: "return words.some(({ name }) => loginNames.has(name)) ? ofHost(words) : noParts;",
    to: 'return words.some(({ name }) => name === "") ? ofHost(words) : noParts;',
  },
];
