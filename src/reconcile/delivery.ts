// How the pods of a policy get their size: through the API server (Admission) where the cluster has
// it and the admission policy is installed, else through the pod template. The reason is said in
// status.

import { admissionPolicyName } from "../api/group.ts";
import type { PoolPolicySpec } from "../api/poolpolicy.ts";
import type { Delivery, Finding } from "../domain/facts.ts";
import { type Caches } from "./caches.ts";

/** By the pod template because the spec says so. */
export const templateChoice: DeliveryChoice = {
  delivery: "Template",
  deliveryMessage: "spec.delivery says so",
  findings: [],
};

export interface DeliveryChoice {
  readonly delivery: Delivery;
  readonly deliveryMessage: string;
  readonly admissionReadyAtMs?: number;
  readonly movesToTemplate?: boolean;
  readonly findings: readonly Finding[];
}

/**
 * `warmUpMs`: how long a new admission policy may take until every API server acts on it. `grants`:
 * how many are published by Admission until now. Who has some keeps it while the policy is away for
 * a moment (a chart that is upgraded): to fall back to the template would roll the whole fleet. Who
 * is told to use Template keeps its grants until every template says its size: see hand-over.ts.
 */
export function chooseDelivery(
  { delivery }: PoolPolicySpec,
  caches: Caches,
  { warmUpMs, grants }: { readonly warmUpMs: number; readonly grants: number },
): DeliveryChoice {
  const policy = caches.admissionPolicies.get(admissionPolicyName);
  const binding = caches.admissionBindings.get(admissionPolicyName);
  const movesToTemplate = delivery === "Template";
  if (movesToTemplate && !(policy && binding && grants > 0)) return templateChoice;
  if (policy && binding) {
    const deliveryMessage = `MutatingAdmissionPolicy ${admissionPolicyName} and its binding are installed`;
    const admissionReadyAtMs = Math.max(policy.createdAtMs, binding.createdAtMs) + warmUpMs;
    const choice = { delivery: "Admission" as const, deliveryMessage, admissionReadyAtMs };
    return { ...choice, ...(movesToTemplate ? { movesToTemplate } : {}), findings: [] };
  }
  const deliveryMessage = `MutatingAdmissionPolicy ${admissionPolicyName} or its binding is not installed`;
  if (delivery === "Auto" && grants === 0) {
    return { delivery: "Template", deliveryMessage, findings: [] };
  }
  const message = `${deliveryMessage}: install it, or set spec.delivery to Template`;
  const finding: Finding = { reason: "AdmissionMissing", severity: "blocking", message };
  return { delivery: "Admission", deliveryMessage, findings: [finding] };
}
