// How the pods of a policy get their size: through the API server (Admission) where the cluster has
// it and the admission policy is installed, else through the pod template. The reason is said in
// status.

import { admissionPolicyName } from "../api/group.ts";
import type { PoolPolicySpec } from "../api/poolpolicy.ts";
import type { Delivery, Finding } from "../domain/facts.ts";
import { type Caches } from "./caches.ts";

export interface DeliveryChoice {
  readonly delivery: Delivery;
  readonly deliveryMessage: string;
  readonly findings: readonly Finding[];
}

export function chooseDelivery({ delivery }: PoolPolicySpec, caches: Caches): DeliveryChoice {
  const isInstalled =
    caches.admissionPolicies.get(admissionPolicyName) !== undefined &&
    caches.admissionBindings.get(admissionPolicyName) !== undefined;
  if (delivery === "Template") {
    return { delivery, deliveryMessage: "spec.delivery says so", findings: [] };
  }
  if (isInstalled) {
    const deliveryMessage = `MutatingAdmissionPolicy ${admissionPolicyName} and its binding are installed`;
    return { delivery: "Admission", deliveryMessage, findings: [] };
  }
  const deliveryMessage = `MutatingAdmissionPolicy ${admissionPolicyName} or its binding is not installed`;
  if (delivery === "Auto") return { delivery: "Template", deliveryMessage, findings: [] };
  const message = `spec.delivery is Admission, but ${deliveryMessage}: install it, or use Template`;
  const finding: Finding = { reason: "AdmissionMissing", severity: "blocking", message };
  return { delivery: "Admission", deliveryMessage, findings: [finding] };
}
