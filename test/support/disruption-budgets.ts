// PodDisruptionBudgets on a control plane whose own controller of them does not run: what it would
// write of them is written in its place.

import type { KubernetesRest } from "./kubernetes-rest.ts";

/** Of the pods labelled `app: name`; made if it is not there. `count` evictions are allowed now. */
export async function setDisruptionsAllowed(
  rest: Pick<KubernetesRest, "create" | "merge">,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  count: number,
): Promise<void> {
  const budget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { namespace, name },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } },
  };
  await rest.create(budget);
  const healthy = { currentHealthy: 3, desiredHealthy: Math.max(0, 3 - count), expectedPods: 3 };
  const status = { observedGeneration: 1, disruptionsAllowed: count, ...healthy };
  const { status: code, message } = await rest.merge(budget, { status }, { subresource: "status" });
  if (code !== 200) throw new Error(message);
}
