// A policy to begin with, for whoever gives manifests without one: it names the workloads that are
// there, and leaves to a person what no manifest says.

import { apiVersion, kind as policyKind } from "../api/group.ts";
import { workloadKindOf } from "../api/workload-kinds.ts";
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
    .map(({ kind, name }) => `    - { kind: ${kind}, name: ${name} }`);
  return [
    `apiVersion: ${apiVersion}`,
    `kind: ${policyKind}`,
    `metadata: { name: connections, namespace: ${namespace} }`,
    "spec:",
    "  # host:port of the database server, and its max_connections",
    '  database: { address: "HOST:5432", maxConnections: 100 }',
    "  # keep those that connect to it; add preset, or env.maxSize: the variable that their pool reads",
    "  workloads:",
    ...entries,
    "",
  ].join("\n");
}
