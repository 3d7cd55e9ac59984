// A policy to begin with, for whoever gives manifests without one: it names the workloads that are
// there, with the variables that say their sizes, and leaves to a person what no manifest says.

import { at, list } from "../adapters/kubernetes/raw-values.ts";
import { identifierPattern, isForbiddenEnvironment, isSizeName } from "../api/environment.ts";
import { apiVersion, kind as policyKind } from "../api/group.ts";
import { presets } from "../api/presets.ts";
import { workloadKindOf } from "../api/workload-kinds.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type { ManifestObject } from "./objects.ts";

const workloadsTold = 10;

/** As YAML; undefined where there is no workload. */
export function startingPolicy(objects: readonly ManifestObject[]): string | undefined {
  const workloads = objects.filter(({ kind }) => workloadKindOf(kind) !== undefined);
  const [first] = workloads;
  if (!first) return undefined;
  const { namespace } = first;
  const entries = workloads
    .filter((one) => one.namespace === namespace)
    .slice(0, workloadsTold)
    .map((one) => `    - { kind: ${one.kind}, name: ${one.name}${variableOf(one)} }`);
  return [
    `apiVersion: ${apiVersion}`,
    `kind: ${policyKind}`,
    `metadata: { name: connections, namespace: ${namespace} }`,
    "spec:",
    "  # host:port of the database server, and its max_connections",
    '  database: { address: "HOST:5432", maxConnections: 100 }',
    "  # keep those that connect to it; preset or env.maxSize names the variable that their pool reads",
    "  workloads:",
    ...entries,
    ...leftOut(workloads, entries.length),
    "",
  ].join("\n");
}

/** The first `named` of the first one's namespace have an entry. */
function leftOut(workloads: readonly ManifestObject[], named: number): readonly string[] {
  const counts = Map.groupBy(workloads, ({ namespace }) => namespace);
  const [[, own] = ["", []], ...others] = counts;
  const more = own.length - named;
  const elsewhere = others.map(
    ([namespace, there]) =>
      `# left out: ${sayCount(there.length, "workload")} of namespace ${namespace}: make a policy there`,
  );
  const here = `    # left out: ${sayCount(more, "more workload")} of this namespace`;
  return [...(more > 0 ? [here] : []), ...elsewhere];
}

/** What the entry says of the variable; nothing where it is the usual one, or none is found. */
function variableOf({ raw }: ManifestObject): string {
  const names = sizesIn(raw);
  const preset = Object.entries(presets).find(([, { maxSize, maxSizeAliases }]) =>
    [maxSize, ...maxSizeAliases].some((name) => names.includes(name)),
  );
  if (preset) return preset[0] === "generic" ? "" : `, preset: ${preset[0]}`;
  const own = names.find((name) => isSizeName(name) && !isOther(name));
  return own === undefined ? "" : `, env: { maxSize: ${own} }`;
}

/** Variables that are numbers. */
function sizesIn(raw: ManifestObject["raw"]): readonly string[] {
  const containers = list(at(raw, "spec", "template", "spec", "containers"));
  const entries = containers.flatMap((container) => list(at(container, "env")));
  return entries.flatMap((entry) => {
    const [name, value] = [at(entry, "name"), at(entry, "value")];
    const isNumber = typeof value === "string" && /^[0-9]{1,5}$/.test(value);
    return typeof name === "string" && isNumber ? [name] : [];
  });
}

/** A minimum, a time, or what no policy may name. */
function isOther(name: string): boolean {
  const isName = new RegExp(identifierPattern).test(name);
  return !isName || isForbiddenEnvironment(name) || /min|idle|time|age|life|interval/i.test(name);
}
