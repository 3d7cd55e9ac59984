// How the pods of a policy get their size: through the API server (Admission) where the cluster has
// it and the admission policy is installed and reaches the policy's namespace, else through the pod
// template. The reason is said in status.

import { admissionPolicyName } from "../../api/group.ts";
import type { PoolPolicySpec } from "../../api/poolpolicy.ts";
import type { Delivery, Finding } from "../../domain/facts/facts.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import { isoTime } from "../../domain/words/iso-time.ts";
import { type Caches } from "../caches.ts";

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
  readonly migratingToTemplate?: boolean;
  readonly findings: readonly Finding[];
}

/**
 * `warmUpMs`: how long a new admission policy may take until every API server acts on it. `grants`:
 * how many are published by Admission until now. Who has some keeps it while the policy is away for
 * a moment (a chart that is upgraded): to fall back to the template would roll the whole fleet. Who
 * is told to use Template keeps its grants until every template says its size (see hand-over.ts),
 * and while an admission policy that is away is still waited for.
 */
export function chooseDelivery(
  { delivery }: PoolPolicySpec,
  caches: Caches,
  { namespace, warmUpMs, grants, awaitedUntilMs }: Circumstances,
): DeliveryChoice {
  const admission = admissionIn(namespace, caches);
  const { deliveryMessage, remedy } = admission;
  const migratingToTemplate = delivery === "Template";
  if (migratingToTemplate && grants === 0) return templateChoice;
  if (remedy === undefined) {
    const admissionReadyAtMs = admission.createdAtMs + warmUpMs;
    const choice = { delivery: "Admission" as const, deliveryMessage, admissionReadyAtMs };
    return { ...choice, ...(migratingToTemplate ? { migratingToTemplate } : {}), findings: [] };
  }
  if (migratingToTemplate)
    return awaitedUntilMs ? awaiting(awaitedUntilMs, admission) : templateChoice;
  if (delivery === "Auto" && grants === 0) {
    return { delivery: "Template", deliveryMessage, findings: [] };
  }
  const message = `${deliveryMessage}: ${remedy}, or set spec.delivery to Template`;
  const finding: Finding = { reason: "AdmissionMissing", severity: "blocking", message };
  return { delivery: "Admission", deliveryMessage, findings: [finding] };
}

/** Its grants stay, and are not in force. */
function awaiting(
  admissionReadyAtMs: number,
  { deliveryMessage }: Pick<Admission, "deliveryMessage">,
): DeliveryChoice {
  const wait = `if it is not back by ${isoTime(admissionReadyAtMs)}, pods get their size from the template, as spec.delivery says`;
  const message = `${deliveryMessage}: ${wait}`;
  const finding: Finding = { reason: "AdmissionMissing", severity: "blocking", message };
  return { delivery: "Admission", deliveryMessage, admissionReadyAtMs, findings: [finding] };
}

export interface Circumstances {
  /** Of the policy. */
  readonly namespace: string;
  readonly warmUpMs: number;
  readonly grants: number;
  /** Until when an admission policy that is away is waited for, in ms since the epoch. */
  readonly awaitedUntilMs?: number | undefined;
}

/** Whether the API server sizes the pods of this namespace. */
export function isAdmissionActive(namespace: string, caches: Caches): boolean {
  return admissionIn(namespace, caches).remedy === undefined;
}

type Admission =
  | { readonly deliveryMessage: string; readonly createdAtMs: number; readonly remedy?: undefined }
  | { readonly deliveryMessage: string; readonly remedy: string };

/** Whether the API server sizes the pods of this namespace; the remedy where it does not. */
function admissionIn(namespace: string, caches: Caches): Admission {
  const policy = caches.admissionPolicies.get(admissionPolicyName);
  const binding = caches.admissionBindings.get(admissionPolicyName);
  const name = `MutatingAdmissionPolicy ${admissionPolicyName}`;
  if (!policy || !binding) {
    return { deliveryMessage: `${name} or its binding is not installed`, remedy: "install it" };
  }
  const limited = [policy, binding].find(
    ({ namespaces }) => namespaces?.includes(namespace) === false,
  );
  if (limited) {
    const limits =
      limited === policy ? name : `MutatingAdmissionPolicyBinding ${admissionPolicyName}`;
    const reach = nameFew(limited.namespaces ?? []) || "none";
    return {
      deliveryMessage: `${name} is not installed for namespace ${namespace}: ${limits} reaches only ${reach}`,
      remedy: `add ${namespace} to its namespaceSelector`,
    };
  }
  const createdAtMs = Math.max(policy.createdAtMs, binding.createdAtMs);
  return { deliveryMessage: `${name} and its binding are installed`, createdAtMs };
}
