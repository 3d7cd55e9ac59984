// Writes the reference of the operator's rights from the table that its roles are made of.

import { type Reach, type Right, rights } from "../render/rights.ts";
import { code, table } from "./markdown.ts";

const where: Readonly<Record<Reach, string>> = {
  watched: "every watched namespace",
  cluster: "the cluster",
  own: "its own namespace",
};

/** docs/reference/rights.md. */
export function buildRightsReference(): string {
  const sections = [
    "# Rights of the operator\n\nGenerated from `src/render/rights.ts` by `make generate`; do not edit.",
    table(["for", "of", "may", "in"], rights.map(rowOf)),
    "With `watchNamespaces` the first are Roles in these namespaces, else a ClusterRole. Secrets are not among them: each one is granted by name, by a Role of its namespace " +
      "(`database.secretNames`, or the command that the condition `DatabaseReachable` prints).",
    "`pods/eviction` is what `kubectl drain` uses: it ends a pod only where its PodDisruptionBudget allows it. It is used " +
      "where a [repair](../guarantees.md) by rollout does not fit, or where a workload's owner [undoes rollouts](../living-with/operators.md).",
    "To patch pods is given only with `livePools.enabled`, and a ValidatingAdmissionPolicy of the chart lets it change two " +
      "annotations of a pod, remove Poolwarden's scheduling gate, note on the pod that it did, and nothing else ([live pools](../live-pools.md)).",
    "To patch Deployments is a strong right: whoever has it can run what he likes under the accounts of these workloads. It is what a rollout needs. `watchNamespaces` limits it.",
  ];
  return sections.join("\n\n") + "\n";
}

function rowOf({ why, resources, verbs, reach, ofLease, ...given }: Right): readonly string[] {
  const { unlessOff, onlyIf } = given;
  const named =
    (ofLease ? " (by name)" : "") +
    (unlessOff ? `, unless \`${unlessOff}\` is false` : "") +
    (onlyIf ? `, if \`${onlyIf}\` is true` : "");
  return [why, `${resources.map(code).join(", ")}${named}`, verbs.join(", "), where[reach]];
}
